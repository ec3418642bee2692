"""Space to depth."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, require_dimensions, shape_text
from glassnet.engine.items.node import Context, Window


class SpaceToDepth(Layer):
    """Space to depth: the numbers of a square of neighbours laid one behind the other as channels.

    A fine map so gets the size of a coarse one, and nothing is lost: YOLO v2's passthrough ("reorg").
    Shapes: (channels, h, w) → (channels · factor², h / factor, w / factor). No parameters. Redmon & Farhadi
    2017, section 2; Shi et al. 2016, the inverse of section 2.2.
    """

    kind: Literal["space_to_depth"] = "space_to_depth"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=("A map becomes small without losing a number, unlike by pooling or strides.",),
        cons=("Channels grow with the square of the factor, and the next layer's weights with them.",),
        use="To lay fine maps beside coarse ones, or to make pictures small in front of a network.",
        example=Example(
            "One map becomes four: the pixels of odd and of even rows and columns.",
        ),
        tex=(r"(c, h, w) \to (c f^2, h / f, w / f)",),
    )
    factor: int = option(2, "How many times smaller each side becomes.", ge=1, le=64)

    def call(self, context: Context) -> Call:
        require_dimensions(context.shape, 3, "channels × height × width")
        if any(size % self.factor for size in context.shape[1:]):
            raise ValueError(
                f"{shape_text(context.shape)} arrives; expected sides that are multiples of {self.factor}"
            )
        return Call("torch.nn.PixelUnshuffle", self.factor)

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return (Window(self.factor, stride=self.factor),) * 2
