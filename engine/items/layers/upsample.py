"""Upsampling."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Window


class Upsample(Layer):
    """Upsample: enlarges maps without weights, by repeating numbers or by drawing lines between them.

    Shapes: (channels, …) → (channels, factor · …), for one to three axes. In between: nearest repeats the
    nearest number, linear interpolates along each axis (bilinear in a plane), with pixels as areas, not
    points.
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["upsample"] = "upsample"
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Enlarges without weights and without chessboard patterns.",),
        cons=("Adds no detail: a convolution after it must.",),
        use="In decoders, before a convolution.",
        example=Example(
            "Compare nearest with linear: blocks, or slopes.",
        ),
        tex=(r"n' = \text{factor} \cdot n",),
    )
    factor: int = option(2, "How many times larger each side becomes.", ge=1, le=64)
    mode: Literal["nearest", "linear"] = option("nearest", "How the numbers in between are computed.")

    def call(self, context: Context) -> Call:
        axes = len(context.shape) - 1
        if not 1 <= axes <= 3:
            raise ValueError(f"{shape_text(context.shape)} arrives; expected channels × one to three sizes")
        if self.mode == "nearest":
            return Call("torch.nn.Upsample", scale_factor=self.factor)
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[axes]
        return Call("torch.nn.Upsample", scale_factor=self.factor, mode=mode, align_corners=False)

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        # As transposed convolutions with fixed filters: a box, or a triangle.
        box = Window(self.factor, spread=self.factor)
        triangle = Window(2 * self.factor - self.factor % 2, padding=self.factor // 2, spread=self.factor)
        axes = len(context.shape) - 1
        return (box if self.mode == "nearest" or self.factor == 1 else triangle,) * axes
