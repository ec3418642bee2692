"""The feature pyramid of detectors."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.blocks import Block, inside_name
from glassnet.engine.items.blocks.parts import convolution
from glassnet.engine.items.blocks.parts import last as last_name
from glassnet.engine.items.layers import require_dimensions, shape_text
from glassnet.engine.items.layers.crop import CropLike
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.layers.upsample import Upsample
from glassnet.engine.items.node import Context, Node


class FeaturePyramid(Block):
    """Feature pyramid (FPN): maps of every scale, each with what the coarsest ones mean.

    Inputs: maps of a network from fine to coarse, each with half the side of the one before. A 1×1
    convolution brings each to the same number of channels (lateral); from the coarsest on, each is enlarged
    to twice its side by repeating, and added to the next finer one (top-down); a 3×3 convolution smooths each
    sum. Then come further levels, each with half the side: by convolutions with stride 2, with a ReLU in
    between (RetinaNet), or by taking every second number (Faster R-CNN). Levels are `level3`, `level4`, …
    from the finest on, and are read from outside as `pyramid.level3`; the output is the last of them.

    Shapes: (cᵢ, h / 2ⁱ, w / 2ⁱ) → (filters, h / 2ⁱ, w / 2ⁱ), where sides are rounded up. Lin et al. 2017,
    section 3; Lin et al. 2017b, section 4.
    """

    kind: Literal["feature_pyramid"] = "feature_pyramid"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    size_option: ClassVar[str | None] = "filters"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Fine maps know what coarse ones found: small things are named as well as large ones.",
            "One picture, one pass, every scale: no pyramid of pictures.",
        ),
        cons=("The finest level has most of the numbers, and most of the cost of what reads it.",),
        use="Between a classifier's stages and the heads of a detector.",
        example=Example(
            "Look at the maps of the levels: each finer one is the coarser one with outlines.",
        ),
        mistakes=(
            Mistake(
                "The top-down way is learned upsampling.",
                "It repeats each number; what is learned are the 1×1 and the 3×3 convolutions.",
            ),
            Mistake(
                "Lateral maps are laid beside those from above.",
                "They are added; U-Net lays them beside.",
            ),
        ),
        tex=(r"P_i = W_i * \bigl(L_i * C_i + \uparrow_2 M_{i+1}\bigr)",),
    )
    filters: int = option(256, "The channels of every level.", ge=1, le=10**9)
    first: int = option(3, "The number of the finest level, after which levels are called.", ge=1, le=16)
    further: int = option(0, "How many coarser levels follow.", ge=0, le=4)
    further_by: Literal["convolution", "pooling"] = option(
        "convolution", "How they come about: 3×3 convolutions with stride 2, or every second number."
    )

    def count(self) -> int:
        """The least there is: of one input a lateral and a smoothing convolution, and the further levels."""
        return 2 + self.further

    def expand(self, context: Context) -> list[Node]:
        for shape in context.shapes:
            require_dimensions(shape, 3, "maps: channels × height × width")
        for finer, coarser in zip(context.shapes, context.shapes[1:], strict=False):
            if [-(-side // 2) for side in finer[1:]] != list(coarser[1:]):
                raise ValueError(
                    f"{shape_text(finer)} and {shape_text(coarser)} arrive one after the other; "
                    "expected maps from fine to coarse, each with half the side of the one before"
                )
        nodes: list[Node] = []
        for position in reversed(range(len(context.shapes))):
            nodes += self._summed(position, context)
        last = len(context.shapes) - 1
        for position in range(last + 1):
            summed = "lateral" if position == last else "sum"
            nodes.append(self._smooth(self.first + position, f"{summed}{self.first + position}"))
        for further in range(self.further):
            nodes += self._further(self.first + last + 1 + further, first=further == 0)
        return nodes

    def _summed(self, position: int, context: Context) -> list[Node]:
        """The lateral maps of an input, and the sum with what comes down to them."""
        number = self.first + position
        lateral = convolution(f"lateral{number}", self.filters, reads=inside_name(position), bias=True)
        if position == len(context.shapes) - 1:
            return [lateral]
        summed = "lateral" if position == len(context.shapes) - 2 else "sum"
        nodes: list[Node] = [lateral, Upsample(name=f"up{number}", inputs=[f"{summed}{number + 1}"])]
        if any(side % 2 for side in context.shapes[position][1:]):
            cut = [f"up{number}", f"lateral{number}"]
            nodes.append(CropLike(name=f"crop{number}", inputs=cut, offset=0))
        return [*nodes, Add(name=f"sum{number}", inputs=[f"lateral{number}", last_name(nodes)])]

    def _smooth(self, number: int, reads: str, stride: int = 1) -> Node:
        return convolution(f"level{number}", self.filters, 3, reads=reads, stride=stride, bias=True)

    def _further(self, number: int, first: bool) -> list[Node]:
        """A level half as large as the one before; the ReLU stands between convolutions alone."""
        before = f"level{number - 1}"
        if self.further_by == "pooling":
            return [MaxPool2d(name=f"level{number}", inputs=[before], kernel=1, stride=2)]
        if first:
            return [self._smooth(number, before, stride=2)]
        active = ReLU(name=f"relu{number - 1}", inputs=[before])
        return [active, self._smooth(number, f"relu{number - 1}", stride=2)]
