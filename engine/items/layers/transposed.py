"""Transposed convolution along one, two and three axes."""

from __future__ import annotations

import itertools
from abc import ABC
from typing import Annotated, Any, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.items.initializers.constant import Zeros
from glassnet.engine.items.initializers.scaled import He
from glassnet.engine.items.layers import shape_text
from glassnet.engine.items.layers.convolution import Filters, plain
from glassnet.engine.items.layers.sliding import Borders, Sides, Spatial, shown
from glassnet.engine.items.node import Context, Window


class ConvTranspose(Spatial, Filters, ABC):
    """The options of transposed convolutions, whatever their axes."""

    transposed: ClassVar[bool] = True

    kernel: Sides = option(2, "Side of the filter; two or three numbers for sides that differ.", unit="px")
    stride: Sides = option(2, "How far apart the input's numbers put their copies: the factor of growth.")
    padding: Borders = option(0, "Rows cut off on each side of the result.", unit="px")
    output_padding: Borders = option(
        0, "Rows added at the far end, to tell apart sizes that a stride maps to one; less than the stride."
    )
    dilation: Sides = option(1, "Distance between the filter's numbers.")
    groups: int = option(1, "Into how many groups channels and filters fall.", ge=1, le=10**9)
    bias: bool = option(True, "Whether each feature map has a constant added.")
    initializer: Annotated[Initializer, Choice(Initializer)] = option(He(), "How the filters start.")
    bias_initializer: Annotated[Initializer, Choice(Initializer)] = option(Zeros(), "How the biases start.")

    def call(self, context: Context) -> Call:
        channels, sizes = self.arrived(context)
        maps = self.maps(context)
        if channels % self.groups or maps % self.groups:
            raise ValueError(
                f"{channels} channels arrive and {maps} filters are asked for in {self.groups} "
                f"groups; expected groups to divide both"
            )
        stride, dilation = self.each(self.stride), self.each(self.dilation)
        extra = self.each(self.output_padding)
        if any(more >= max(pair) for more, *pair in zip(extra, stride, dilation, strict=True)):
            raise ValueError(
                f"output_padding {shown(self.output_padding)} with stride {shown(self.stride)}; "
                "expected less than the stride or the dilation"
            )
        grown = tuple(
            (n - 1) * s - 2 * p + d * (k - 1) + more + 1
            for n, s, p, d, k, more in zip(
                sizes, stride, self.each(self.padding), dilation, self.each(self.kernel), extra, strict=True
            )
        )
        if min(grown) < 1:
            raise ValueError(
                f"{shape_text(context.shape)} arrives and padding cuts {shown(self.padding)} off each side, "
                f"which leaves nothing; expected less padding"
            )
        given: dict[str, Any] = {"stride": self.stride, "padding": self.padding}
        given |= {"output_padding": self.output_padding, "dilation": self.dilation}
        plainly = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
        options = {name: plain(self.each(value)) for name, value in given.items() if value != plainly[name]}
        options |= {"groups": self.groups} if self.groups > 1 else {}
        kernel = plain(self.each(self.kernel))
        target = f"torch.nn.ConvTranspose{self.axes}d"
        return Call(target, channels, maps, kernel, **options, bias=self.bias)

    def initial(self) -> dict[str, Initializer]:
        return {"weight": self.initializer} | ({"bias": self.bias_initializer} if self.bias else {})

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        options = (self.kernel, self.stride, self.padding, self.dilation)
        return tuple(itertools.starmap(_window, zip(*map(self.each, options), strict=True)))


def _window(size: int, stride: int, padding: int, dilation: int) -> Window:
    """The window of an output; with stride 1 that of a convolution whose padding is what is not cut off."""
    if stride == 1:
        return Window(size, 1, dilation, dilation * (size - 1) - padding)
    return Window(size, 1, dilation, padding, stride)


class ConvTranspose1d(ConvTranspose):
    """Transposed convolution 1-D: each number of a sequence puts down a copy of the filter, times itself.

    Shapes: (channels, n) → (filters, (n − 1)s − 2p + d(k − 1) + o + 1), o the output padding. Parameters:
    channels · filters / groups · k + filters.
    """

    kind: Literal["conv_transpose1d"] = "conv_transpose1d"
    axes: ClassVar[int] = 1
    guide: ClassVar[Guide | None] = Guide(
        pros=("Enlarges a sequence with learned weights.",),
        cons=("Where the stride does not divide the kernel copies overlap unevenly.",),
        use="In decoders of signals.",
        example=Example(
            "A transposed convolution on a short sequence.",
        ),
        tex=(r"n' = (n - 1)s - 2p + d(k - 1) + o + 1",),
    )


class ConvTranspose2d(ConvTranspose):
    """Transposed convolution: each number puts down a copy of the filter, times itself, and copies add up.

    It goes the way that the gradient of a convolution goes, from small to large; it is not its inverse,
    though it is also called deconvolution. Where the stride does not divide the kernel, copies overlap
    unevenly, as a chessboard. Shapes: (channels, h, w) → each size (n − 1)s − 2p + d(k − 1) + o + 1.
    Parameters: channels · filters / groups · k² + filters.
    """

    kind: Literal["conv_transpose2d"] = "conv_transpose2d"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Enlarges maps with learned weights.",),
        cons=(
            (
                "Chessboard patterns where the stride does not divide the kernel: upsample and convolve "
                "instead."
            ),
        ),
        use="In decoders, segmentation and generators.",
        example=Example(
            "Compare the sizes before and after it.",
        ),
        mistakes=(
            Mistake(
                "It is the inverse of convolution.",
                (
                    "It goes the way of the gradient, from small to large; it does not undo a "
                    "convolution, though it is also called deconvolution."
                ),
            ),
        ),
        tex=(r"n' = (n - 1)s - 2p + d(k - 1) + o + 1",),
    )


class ConvTranspose3d(ConvTranspose):
    """Transposed convolution 3-D: each number of a volume puts down a copy of the filter, times itself.

    Shapes: (channels, d, h, w) → (filters, d′, h′, w′), each (n − 1)s − 2p + d(k − 1) + o + 1. Parameters:
    channels · filters / groups · k³ + filters.
    """

    kind: Literal["conv_transpose3d"] = "conv_transpose3d"
    axes: ClassVar[int] = 3
    guide: ClassVar[Guide | None] = Guide(
        pros=("Enlarges volumes with learned weights.",),
        cons=("k³ weights, and uneven overlap as in a plane.",),
        use="In decoders of volumes.",
        example=Example(
            "Compare the sizes before and after it.",
        ),
        tex=(r"n' = (n - 1)s - 2p + d(k - 1) + o + 1",),
    )
