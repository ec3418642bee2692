"""Flatten."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer
from glassnet.engine.items.node import Context, Role, Window


class Flatten(Layer):
    """Flatten: lays all numbers of a sample in one row.

    Shapes: (channels, h, w) → (channels · h · w,).
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["flatten"] = "flatten"
    role: ClassVar[Role | None] = "flattening"
    usual: ClassVar[int | None] = 6
    guide: ClassVar[Guide | None] = Guide(
        pros=("Makes maps readable for a dense layer.",),
        cons=("What was beside what is no longer known, and the size of the picture is fixed.",),
        use="Between convolutions and dense layers.",
        example=Example(
            "After it each pixel is an input of its own.",
            preset="digits",
        ),
        tex=(r"(c, h, w) \to (c\,h\,w)",),
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Flatten")

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None
