"""Occlusion: the network's output while a grey square slides over the image.

Zeiler & Fergus 2014, section 4.2. Two measures: the output while each position is covered, and the drop of
a score, averaged over the squares that cover a pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import torch
from torch import Tensor

from glassnet.engine.attribution.chunks import NUMBERS


@dataclass(frozen=True)
class OccluderGrid:
    """The positions of the occluding square, row by row; the last of a row may be clipped."""

    image: tuple[int, int]
    size: int
    stride: int

    @property
    def grid(self) -> tuple[int, int]:
        """The numbers of positions down and across."""
        rows, columns = (1 + ceil(max(0, side - self.size) / self.stride) for side in self.image)
        return rows, columns

    @property
    def count(self) -> int:
        return self.grid[0] * self.grid[1]

    def masks(self, places: Tensor) -> Tensor:
        """The masks of positions (places,): (places, h, w) bool, true where the image is covered."""
        covered = []
        for axis, place in enumerate((places // self.grid[1], places % self.grid[1])):
            line = torch.arange(self.image[axis], device=places.device)
            first = (place * self.stride)[:, None]
            covered.append((line >= first) & (line < first + self.size))
        return covered[0][:, :, None] & covered[1][:, None, :]

    def mean(self, seen: Tensor) -> Tensor:
        """The mean of `seen` (count,) over the positions that cover each pixel: (h, w).

        Positions with NaN are left out; a pixel that no other position covers is 0.
        """
        # The mask of a square is rows ⊗ columns, so two products replace a sum over all masks.
        rows, columns = self.grid
        places = torch.arange(rows, device=seen.device) * columns, torch.arange(columns, device=seen.device)
        down, across = (
            self.masks(along).any(dim=2 - axis).to(seen.dtype) for axis, along in enumerate(places)
        )
        values = seen.view(self.grid)
        there = values.isfinite()
        total = down.t() @ torch.where(there, values, 0) @ across
        covers = down.t() @ there.to(seen.dtype) @ across
        return total / covers.clamp_min(1)


class Occluded(NamedTuple):
    """The results of `look` at some positions."""

    start: int
    stop: int
    masks: Tensor
    seen: Tensor


def occluded(
    look: Callable[[Tensor], Tensor],
    x: Tensor,
    grey: Tensor,
    squares: OccluderGrid,
    *,
    numbers: int,
    most: int = NUMBERS,
) -> Iterator[Occluded]:
    """Yields the results of `look` for the image x (1, channels, h, w), covered by `grey` at each position.

    Positions are batched: `look` maps (places, channels, h, w) to (places, …). `numbers` is the memory of one
    position, `most` the limit for a batch.
    """
    at_once = max(1, min(squares.count, most // max(1, numbers)))
    x, grey = (image.contiguous(memory_format=torch.channels_last) for image in (x, grey))
    with torch.no_grad():
        for start in range(0, squares.count, at_once):
            stop = min(start + at_once, squares.count)
            masks = squares.masks(torch.arange(start, stop, device=x.device))
            yield Occluded(start, stop, masks, look(torch.where(masks[:, None], grey, x)))


def drops(
    score: Callable[[Tensor], Tensor],
    x: Tensor,
    grey: Tensor,
    squares: OccluderGrid,
    *,
    numbers: int = 1 << 14,
    most: int = NUMBERS,
) -> Tensor:
    """The mean drop of the score over all squares that cover each pixel: (h, w).

    `score` maps (places, channels, h, w) to (places,). A pixel that no square covers is 0.
    """
    total, count = (torch.zeros(squares.image, dtype=x.dtype, device=x.device) for _ in range(2))
    with torch.no_grad():
        before = score(x)
    for _, _, masks, seen in occluded(score, x, grey, squares, numbers=numbers, most=most):
        shares = masks.flatten(1).to(x.dtype)  # (places, h · w)
        total += ((before - seen) @ shares).view(squares.image)
        count += shares.sum(dim=0).view(squares.image)
    return total / count.clamp_min(1)
