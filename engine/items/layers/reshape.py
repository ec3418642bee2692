"""Reshape."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Window


class Reshape(Layer):
    """Reshape: the same numbers in the same order, read as another shape.

    A vector becomes a sequence for one-dimensional convolution (channels × length), an image, or a volume;
    channels come first. Shapes: any → `shape`, of as many numbers.
    """

    kind: Literal["reshape"] = "reshape"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The same numbers, read as another shape: nothing is copied.",),
        cons=("A wrong order of axes gives no error, only nonsense.",),
        use="Where a vector is a sequence, a picture or a volume.",
        example=Example(
            "A vector read as a grid.",
        ),
        tex=(r"(a, b) \to (c, d), \quad ab = cd",),
    )
    shape: list[Annotated[int, Field(ge=1, le=10**9)]] | None = option(
        None, "The new sizes, channels first; empty: one channel of what arrives.", min_length=1, max_length=6
    )

    def call(self, context: Context) -> Call:
        shape = self.shape if self.shape is not None else [1, *context.shape]
        if math.prod(shape) != math.prod(context.shape):
            raise ValueError(
                f"{shape_text(context.shape)} arrives, {math.prod(context.shape):,} numbers, for a shape of "
                f"{shape_text(tuple(shape))}, {math.prod(shape):,}; expected as many"
            )
        flat, shaped = Call("torch.nn.Flatten"), Call("torch.nn.Unflatten", 1, tuple(shape))
        return Call("torch.nn.Sequential", flat, shaped)

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None
