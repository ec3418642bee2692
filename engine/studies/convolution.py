"""Convolution of one picture with one filter, with all numbers involved."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from torch import Tensor
from torch.nn import functional

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.data.kernels import FIXED, Filter, Scene, kernel, picture
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.pooling import AveragePool2d, MaxPool2d
from glassnet.engine.items.layers.sliding import Sliding
from glassnet.engine.items.node import Context, Window
from glassnet.engine.network.receptive_field import Field as Receptive
from glassnet.engine.network.receptive_field import after
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import FreeStudy, StudyFrame

Number = Annotated[float, Field(ge=-1e6, le=1e6)]


class ConvolutionStudy(FreeStudy):
    """Convolution lab: the result of a filter on a picture, position by position, and its cost.

    Arrays, float32 unless stated otherwise: `input` (n, n); `kernel` (k, k) as it is applied, flipped for a
    convolution; `output` (m, m); `pooled` (q, q); `used` int32 (n, n), the number of output sums that contain
    each pixel; `sizes` int32 (9,): n, k, stride, padding, dilation, m, window, its stride, q; `field`
    int32 (2,): the receptive field before and after pooling; `costs` float64 (2, 2): parameters and
    multiply-adds of the filter, then of the dense layer from all pixels to all of the output. For the
    picture shifted by `shift`: `shifted/input`, `shifted/output`, `shifted/expected` (the output, shifted),
    `shifted/inside` uint8 (m, m): 1 where no border is involved, so that the two must agree if the stride
    divides the shift; `shifted/pooled`; and `changes` (2,): the change of the output and of the pooled map,
    each relative to its magnitude.
    """

    kind: Literal["convolution"] = "convolution"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Every number of a convolution, with any filter, stride and padding.",),
        cons=("One channel.",),
        use="To learn what padding, stride and dilation do.",
        example=Example(
            "Change the stride and watch the size of the result.",
            lab="convolution",
        ),
        mistakes=(
            Mistake(
                "[¼ ½ ¼] over ones gives ones.",
                "At zero-padded ends it gives ¾.",
            ),
            Mistake(
                "Full padding keeps the size.",
                "It enlarges it to n + f − 1.",
            ),
        ),
        shows=(
            "input",
            "kernel",
            "output",
            "pooled",
        ),
    )
    picture: Scene = option(
        "flower", "What is looked at: a photograph, a digit, a pattern, or drawn numbers."
    )
    size: int = option(48, "Side of the picture.", unit="px", ge=5, le=96)
    digit: int = option(0, "Which digit, of scikit-learn's 1,797.", ge=0, le=1796)
    values: list[Number] | None = option(
        None, "The drawn picture's numbers, row by row.", min_length=25, max_length=96 * 96
    )
    filter: Filter = option("sobel_x", "The filter; Sobel, sharpen and emboss are 3×3.")
    side: int = option(3, "Side of the other filters.", unit="px", ge=1, le=15)
    weights: list[Number] | None = option(
        None, "The numbers of a filter of one's own, row by row.", min_length=1, max_length=15 * 15
    )
    mode: Literal["cross_correlation", "convolution"] = option(
        "cross_correlation", "As layers do it, or with the kernel flipped, as mathematics does."
    )
    padding: Literal["valid", "same", "full", "number"] = option("valid", "Zeros around the picture.")
    border: int = option(1, "How many zeros, if padding is a number.", unit="px", ge=0, le=32)
    stride: int = option(1, "How far the filter moves at a time.", unit="px", ge=1, le=16)
    dilation: int = option(1, "Distance between the filter's numbers.", ge=1, le=16)
    pooling: Literal["max", "average"] = option("max", "What makes one number of each window.")
    window: int = option(2, "Side of the pooling window.", unit="px", ge=1, le=16)
    window_stride: int | None = option(None, "How far it moves; empty: its own side.", unit="px", ge=1, le=16)
    shift: list[Annotated[int, Field(ge=-32, le=32)]] = option(
        [0, 1], "How far the picture is shifted: down, right.", unit="px", min_length=2, max_length=2
    )

    @model_validator(mode="after")
    def _as_many_as_said(self) -> ConvolutionStudy:
        side = 3 if self.filter in FIXED else self.side
        for said, wanted, numbers, count in (
            (self.filter, "own", self.weights, side**2),
            (self.picture, "drawn", self.values, self.size**2),
        ):
            if said == wanted and len(numbers or []) != count:
                raise PydanticCustomError(
                    "count",
                    "{given} numbers; expected {count}",
                    {
                        "given": len(numbers or []),
                        "count": count,
                        "pointer": "/weights" if wanted == "own" else "/values",
                    },
                )
        return self

    def compute(self) -> Iterator[StudyFrame]:
        shown = self.input()
        applied = self.applied()
        layer = self.layer()
        output = self.slide(shown, applied, layer)
        pooled = self.pool(output)
        arrays: Arrays = {
            "input": shown,
            "kernel": applied,
            "output": output,
            "pooled": pooled,
            "used": self.used(shown, layer),
            "sizes": self.sizes(shown, layer, output, pooled),
            "field": self.seen(layer),
            "costs": self.costs(shown, applied, output),
            **self.shifted(shown, applied, layer, output, pooled),
        }
        yield StudyFrame(1.0, arrays)

    def input(self) -> Tensor:
        if self.picture == "drawn":
            return torch.tensor(self.values, dtype=torch.float32).view(self.size, self.size)
        return picture(self.picture, self.size, self.digit)

    def applied(self) -> Tensor:
        """The kernel as it is applied."""
        if self.filter == "own":
            weights = torch.tensor(self.weights, dtype=torch.float32).view(self.side, self.side)
        else:
            weights = kernel(self.filter, self.side)
        return weights.flip(0, 1) if self.mode == "convolution" else weights

    def layer(self) -> Conv2d:
        """The equivalent node of a network, which computes shapes and refuses invalid options."""
        side = 3 if self.filter in FIXED else self.side
        padding = self.border if self.padding == "number" else self.padding
        layer = Conv2d(
            filters=1, kernel=side, stride=self.stride, padding=padding, dilation=self.dilation, bias=False
        )
        layer.places(_context(self.size))
        return layer

    def slide(self, shown: Tensor, applied: Tensor, layer: Sliding) -> Tensor:
        (border, _) = layer.borders()
        return functional.conv2d(
            shown[None, None], applied[None, None], None, self.stride, border, self.dilation
        )[0, 0]

    def pool(self, output: Tensor) -> Tensor:
        pools = {"max": MaxPool2d, "average": AveragePool2d}
        pool = pools[self.pooling](kernel=self.window, stride=self.window_stride)
        try:
            module = pool.call(_context(len(output))).build(dropout=None)
        except ValueError as error:
            raise ValueError(f"after the filter {error}") from None
        pooled: Tensor = module(output[None, None])[0, 0]
        return pooled

    def used(self, shown: Tensor, layer: Sliding) -> Tensor:
        """The number of multiplications of each pixel: the gradient of a sum with a kernel of ones."""
        ones, counted = torch.ones(len(self.applied()), len(self.applied())), torch.zeros_like(shown)
        with torch.enable_grad():
            counted.requires_grad_(True)
            (count,) = torch.autograd.grad(self.slide(counted, ones, layer).sum(), counted)
        return count.round().to(torch.int32)

    def sizes(self, shown: Tensor, layer: Sliding, output: Tensor, pooled: Tensor) -> Tensor:
        (border, _), (side, _) = layer.borders(), layer.each(layer.kernel)
        stride = self.window_stride or self.window
        numbers = [len(shown), side, self.stride, border, self.dilation, len(output)]
        return torch.tensor([*numbers, self.window, stride, len(pooled)], dtype=torch.int32)

    def seen(self, layer: Sliding) -> Tensor:
        """The receptive field in pixels along each axis, before and after pooling."""
        convolved = after([(Receptive(1, 1),)], (layer.windows(_context(self.size)) or ())[:1])
        pooled = after([convolved], (Window(self.window, self.window_stride or self.window),))
        assert convolved is not None
        assert pooled is not None
        return torch.tensor([convolved[0].size, pooled[0].size], dtype=torch.int32)

    def costs(self, shown: Tensor, applied: Tensor, output: Tensor) -> Tensor:
        """The parameters, with biases, and multiply-adds: of one filter, and of a dense layer instead."""
        dense = shown.numel() * output.numel()
        return torch.tensor(
            [
                [applied.numel() + 1, applied.numel() * output.numel()],
                [dense + output.numel(), dense],
            ],
            dtype=torch.float64,
        )

    def shifted(
        self, shown: Tensor, applied: Tensor, layer: Sliding, output: Tensor, pooled: Tensor
    ) -> Arrays:
        down, right = self.shift
        moved = moved_by(shown, down, right)
        again = self.slide(moved, applied, layer)
        steps = [math.floor(by / self.stride + 0.5) for by in (down, right)]
        repooled = self.pool(again)
        return {
            "shifted/input": moved,
            "shifted/output": again,
            "shifted/expected": moved_by(output, *steps),
            "shifted/inside": self.inside(layer, len(output), steps),
            "shifted/pooled": repooled,
            "changes": torch.tensor([_change(output, again), _change(pooled, repooled)]),
        }

    def inside(self, layer: Sliding, places: int, steps: list[int]) -> Tensor:
        """The mask of outputs whose windows touch no border, before and after the shift."""
        (field,) = after([(Receptive(1, 1),)], (layer.windows(_context(self.size)) or ())[:1]) or ()
        lines = []
        for by, step in zip(self.shift, steps, strict=True):
            line = []
            for place in range(places):
                first, end = field.at(place)
                before_first, before_end = field.at(place - step)
                line.append(
                    max(0, by) <= first
                    and end <= self.size + min(0, by)
                    and 0 <= place - step < places
                    and before_first >= 0
                    and before_end <= self.size
                )
            lines.append(torch.tensor(line))
        return (lines[0][:, None] & lines[1][None]).to(torch.uint8)


def moved_by(values: Tensor, down: int, right: int) -> Tensor:
    """A picture shifted within its frame and filled with zeros."""
    height, width = values.shape
    moved = torch.zeros_like(values)
    rows, columns = height - abs(down), width - abs(right)
    if rows > 0 and columns > 0:
        top, left = max(0, down), max(0, right)
        source_top, source_left = max(0, -down), max(0, -right)
        moved[top : top + rows, left : left + columns] = values[
            source_top : source_top + rows, source_left : source_left + columns
        ]
    return moved


def _change(one: Tensor, other: Tensor) -> float:
    """The distance of two maps relative to the length of both."""
    length = math.hypot(float(one.norm()), float(other.norm()))
    return float((one - other).norm()) / length if length > 0 else 0.0


def _context(size: int) -> Context:
    return Context(((1, size, size),), None, lambda nodes: (1, size, size))
