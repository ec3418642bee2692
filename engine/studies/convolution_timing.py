"""Timing of three methods of convolution."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.data.kernels import kernel
from glassnet.engine.items.layers.convolving import FourierConvolution
from glassnet.engine.studies import FreeStudy, StudyFrame

WAYS = ("direct", "fft", "separable")


class ConvolutionTiming(FreeStudy):
    """Convolution timing: direct, by Fourier transforms, and separable, measured on this machine.

    The filter is a Gaussian, which is separable, so that all three give the same result. The methods take
    turns, and the median of the measured times is used. Arrays: `sides` int32 (sizes,); `seconds` float32
    (3, sizes) for direct, fft, separable, NaN where not yet measured; `multiply_adds` float64 (2, sizes)
    for direct and separable; `difference` float32 (2, sizes): the greatest difference of fft and separable
    from direct.
    """

    kind: Literal["convolution_timing"] = "convolution_timing"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Measured here, not quoted.",),
        cons=("Another machine has other numbers.",),
        use="To see from which kernel size Fourier transforms win.",
        example=Example(
            "Direct grows with k², separable with 2k, Fourier hardly at all.",
            lab="convolution",
        ),
        shows=(
            "seconds",
            "multiply_adds",
        ),
    )
    size: int = option(256, "Side of the pictures.", unit="px", ge=32, le=512)
    pictures: int = option(4, "How many are convolved at once.", ge=1, le=64)
    sides: list[Annotated[int, Field(ge=1, le=127)]] = option(
        [3, 5, 7, 9, 11, 15, 19, 23, 31, 41, 51],
        "The kernels' sides, odd numbers below the pictures'.",
        min_length=1,
        max_length=24,
    )
    repeats: int = option(5, "How often each is measured.", ge=1, le=50)

    def compute(self) -> Iterator[StudyFrame]:
        for side in self.sides:
            if side % 2 == 0 or side > self.size:
                raise ValueError(
                    f"a kernel of {side} on {self.size}; expected an odd side below the picture's"
                )
        generator = torch.Generator().manual_seed(0)
        x = torch.rand(self.pictures, 1, self.size, self.size, generator=generator)
        seconds = torch.full((len(WAYS), len(self.sides)), float("nan"))
        difference = torch.full((2, len(self.sides)), float("nan"))
        pixels = float(x.numel())
        arrays = {
            "sides": torch.tensor(self.sides, dtype=torch.int32),
            "seconds": seconds,
            "multiply_adds": torch.tensor(
                [[pixels * k * k for k in self.sides], [pixels * 2 * k for k in self.sides]],
                dtype=torch.float64,
            ),
            "difference": difference,
        }
        yield StudyFrame(0.0, arrays)
        rounds = len(self.sides) * self.repeats
        for column, side in enumerate(self.sides):
            ways = [ways_of(side)[name] for name in WAYS]
            results = [way(x) for way in ways]  # a first run, in which memory is allocated
            difference[:, column] = torch.stack([(result - results[0]).abs().max() for result in results[1:]])
            taken: list[list[float]] = [[], [], []]
            for repeat in range(self.repeats):
                for way, times in zip(ways, taken, strict=True):
                    start = time.perf_counter()
                    way(x)
                    times.append(time.perf_counter() - start)
                for row, times in enumerate(taken):
                    seconds[row, column] = statistics.median(times)
                yield StudyFrame((column * self.repeats + repeat + 1) / rounds, arrays)


def ways_of(side: int) -> dict[str, Callable[[Tensor], Tensor]]:
    """Three functions that blur pictures (batch, 1, h, w) with a Gaussian of this side; the size is kept."""
    square = kernel("gaussian", side)
    line = square.sum(0)
    half = side // 2
    fourier = FourierConvolution(1, 1, (side, side), (1, 1), (half, half), (1, 1), 1, None)
    fourier.requires_grad_(False)
    fourier.weight.copy_(square[None, None])

    def direct(x: Tensor) -> Tensor:
        return functional.conv2d(x, square[None, None], padding=half)

    def separable(x: Tensor) -> Tensor:
        down = functional.conv2d(x, line.view(1, 1, side, 1), padding=(half, 0))
        return functional.conv2d(down, line.view(1, 1, 1, side), padding=(0, half))

    return {"direct": direct, "fft": fourier, "separable": separable}
