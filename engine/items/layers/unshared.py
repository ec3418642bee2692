"""Convolutions whose filters differ between locations: unshared and tiled."""

from __future__ import annotations

import math
from abc import ABC
from typing import Annotated, ClassVar, Literal

import torch

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.items.initializers.constant import Zeros
from glassnet.engine.items.initializers.scaled import He
from glassnet.engine.items.layers.convolution import Filters
from glassnet.engine.items.layers.sliding import Sliding
from glassnet.engine.items.node import Context


class _Located(Sliding, Filters, ABC):
    """The common options of unshared and tiled convolution."""

    bias: bool = option(True, "Whether constants are added.")
    initializer: Annotated[Initializer, Choice(Initializer)] = option(He(), "How the filters start.")
    bias_initializer: Annotated[Initializer, Choice(Initializer)] = option(Zeros(), "How the biases start.")

    def initial(self) -> dict[str, Initializer]:
        return {"weight": self.initializer} | ({"bias": self.bias_initializer} if self.bias else {})


class UnsharedConv2d(_Located):
    """Unshared convolution: a filter of its own at each place; also called locally connected.

    For pictures that are always cut out alike, such as faces, where the mouth is only looked for below.
    Shapes: those of convolution. Parameters: h′ · w′ · filters · (channels · k² + 1), with a bias for each
    place; with one for each map filters in their stead. That is less than a dense layer has, but h′ · w′
    times what shared filters have: unshared convolution saves memory only against dense.
    """

    kind: Literal["unshared_conv2d"] = "unshared_conv2d"
    guide: ClassVar[Guide | None] = Guide(
        pros=("What is looked for may differ by place.",),
        cons=("h′·w′ times the weights of shared filters, and nothing learned here is known there.",),
        use="For pictures that are always cut out alike, such as faces.",
        example=Example(
            "Compare its parameters with a convolution's.",
        ),
        mistakes=(
            Mistake(
                "Unshared convolution saves memory.",
                "Only against a dense layer; against shared filters it needs h′·w′ times as many.",
            ),
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )
    bias_per: Literal["location", "channel"] = option(
        "location", "Whether each place of a map has a bias of its own, or all share the map's."
    )

    def call(self, context: Context) -> Call:
        channels, _ = self.arrived(context)
        options = (self.kernel, self.stride, self.dilation)
        kernel, stride, dilation = map(self.each, options)
        biases = {"location": True, "channel": False}[self.bias_per] if self.bias else None
        sizes = (channels, self.maps(context), kernel)
        return Call(
            UnsharedConvolution, *sizes, stride, self.borders(), dilation, self.places(context), biases
        )


class TiledConv2d(_Located):
    """Tiled convolution: t filters in turn along each axis, between shared (t = 1) and unshared (t = h′).

    Neighbours have filters of their own, and each is used again t places on; pooling over them learns
    what to be invariant to. Shapes: those of convolution. Parameters: t² · filters · (channels · k² + 1).
    Le et al. 2010; Goodfellow et al. 2016, equation 9.10.
    """

    kind: Literal["tiled_conv2d"] = "tiled_conv2d"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "Between shared and unshared: neighbours differ, and pooling over them can learn what "
                "to be invariant to."
            ),
        ),
        cons=("t² times the weights of a convolution.",),
        use="To learn invariances by pooling over tiles.",
        example=Example(
            "Compare its parameters with a convolution's: t² times as many.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )
    tiles: int = option(2, "t, how many filters take turns along each axis.", ge=1, le=64)
    bias_per: Literal["tile", "channel"] = option(
        "tile", "Whether each of the t² filters has a bias of its own, or all share the map's."
    )

    def call(self, context: Context) -> Call:
        channels, _ = self.arrived(context)
        self.places(context)
        options = (self.kernel, self.stride, self.dilation)
        kernel, stride, dilation = map(self.each, options)
        biases = {"tile": True, "channel": False}[self.bias_per] if self.bias else None
        sizes = (channels, self.maps(context), kernel)
        return Call(TiledConvolution, *sizes, stride, self.borders(), dilation, self.tiles, biases)


class UnsharedConvolution(torch.nn.Module):
    """A filter at each place: patches times weights, place by place.

    The weights (places · filters, channels, k, k) start as so many filters. `everywhere`: a bias at each
    place (True), for each map (False), or none (None).
    """

    def __init__(
        self,
        channels: int,
        filters: int,
        kernel: tuple[int, int],
        stride: tuple[int, int],
        padding: tuple[int, int],
        dilation: tuple[int, int],
        places: tuple[int, int],
        everywhere: bool | None,
    ) -> None:
        super().__init__()
        self.filters, self.kernel, self.stride, self.padding = filters, kernel, stride, padding
        self.dilation, self.places = dilation, places
        count = places[0] * places[1]
        self.weight = torch.nn.Parameter(torch.zeros(count * filters, channels, *kernel))
        self.bias: torch.nn.Parameter | None = None
        if everywhere is not None:
            self.bias = torch.nn.Parameter(torch.zeros(filters * (count if everywhere else 1)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        patches = torch.nn.functional.unfold(x, self.kernel, self.dilation, self.padding, self.stride)
        places = patches.shape[2]
        weight = self.weight.view(places, self.filters, -1)  # (places, filters, channels · k²)
        sums = torch.bmm(weight, patches.permute(2, 1, 0))  # (places, filters, batch)
        y = sums.permute(2, 1, 0)
        if self.bias is not None:
            y = y + self.bias.view(self.filters, -1)
        return y.reshape(len(x), self.filters, *self.places)


class TiledConvolution(torch.nn.Module):
    """Filters that take turns: t² convolutions with t times the stride, their results interleaved.

    The weights (t² · filters, channels, k, k) are tile after tile, rows first. `own`: a bias for each tile
    (True), for each map (False), or none (None).
    """

    def __init__(
        self,
        channels: int,
        filters: int,
        kernel: tuple[int, int],
        stride: tuple[int, int],
        padding: tuple[int, int],
        dilation: tuple[int, int],
        tiles: int,
        own: bool | None,
    ) -> None:
        super().__init__()
        self.filters, self.kernel, self.stride, self.padding = filters, kernel, stride, padding
        self.dilation, self.tiles = dilation, tiles
        self.weight = torch.nn.Parameter(torch.zeros(tiles * tiles * filters, channels, *kernel))
        self.bias: torch.nn.Parameter | None = None
        if own is not None:
            self.bias = torch.nn.Parameter(torch.zeros(filters * (tiles * tiles if own else 1)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        (down, right), t = self.padding, self.tiles
        x = torch.nn.functional.pad(x, [right, right, down, down])
        height, width = (
            (n - d * (k - 1) - 1) // s + 1
            for n, k, s, d in zip(x.shape[2:], self.kernel, self.stride, self.dilation, strict=True)
        )
        rows, columns = math.ceil(height / t), math.ceil(width / t)
        turns = []
        for tile in range(t * t):
            row, column = tile // t, tile % t
            if row < height and column < width:
                y = self.turn(x, tile, row, column)
                y = torch.nn.functional.pad(y, [0, columns - y.shape[3], 0, rows - y.shape[2]])
            else:  # fewer locations than tiles: this tile is not used
                y = x.new_zeros(len(x), self.filters, rows, columns)
            turns.append(y)
        together = torch.stack(turns, 2).view(len(x), self.filters, t, t, rows, columns)
        whole = together.permute(0, 1, 4, 2, 5, 3).reshape(len(x), self.filters, rows * t, columns * t)
        return whole[:, :, :height, :width]

    def turn(self, x: torch.Tensor, tile: int, row: int, column: int) -> torch.Tensor:
        """One tile's convolution: at every t-th place, from (row, column) on."""
        part = x[:, :, row * self.stride[0] :, column * self.stride[1] :]
        some = slice(tile * self.filters, (tile + 1) * self.filters)
        bias: torch.Tensor | None = self.bias
        if bias is not None and len(bias) > self.filters:
            bias = bias[some]
        stride = [step * self.tiles for step in self.stride]
        return torch.conv2d(part, self.weight[some], bias, stride, 0, self.dilation)
