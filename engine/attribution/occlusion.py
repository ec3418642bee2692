"""Occlusion: the network's output while a grey square slides over the image.

Zeiler & Fergus 2014, section 4.2. Two measures: the output while each position is covered, and the drop of
a score, averaged over the squares that cover a pixel. Of a signal the square is a stretch of time, of a
volume a cube; along an axis that is shorter than its side it covers all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, prod
from typing import NamedTuple

import torch
from torch import Tensor

from glassnet.engine.attribution.chunks import NUMBERS
from glassnet.engine.attribution.view import laid_out


@dataclass(frozen=True)
class OccluderGrid:
    """The positions of the occluding square, row by row; the last of a row may be clipped."""

    #: The sizes of a sample along its axes: (length,), (h, w) or (depth, h, w).
    image: tuple[int, ...]
    size: int
    stride: int

    @property
    def grid(self) -> tuple[int, ...]:
        """The numbers of positions along each axis."""
        return tuple(1 + ceil(max(0, side - self.size) / self.stride) for side in self.image)

    @property
    def count(self) -> int:
        return prod(self.grid)

    def masks(self, places: Tensor) -> Tensor:
        """The masks of positions (places,): (places, *image) bool, true where the sample is covered."""
        masks = torch.ones(len(places), *(1 for _ in self.image), dtype=torch.bool, device=places.device)
        for axis, positions in enumerate(self.grid):
            # Not torch.unravel_index, which makes a tensor on the host and waits for its copy.
            place = places // prod(self.grid[axis + 1 :]) % positions
            shape = [len(places)] + [1] * len(self.image)
            shape[1 + axis] = self.image[axis]
            masks = masks & self._covered(axis, place).view(shape)
        return masks

    def mean(self, seen: Tensor) -> Tensor:
        """The mean of `seen` (count,) over the positions that cover each place of the sample: (*image,).

        Positions with NaN are left out; a place that no other position covers is 0.
        """
        values = seen.view(self.grid)
        there = values.isfinite()
        total, covers = torch.where(there, values, 0), there.to(seen.dtype)
        # The mask of a square is an outer product of its axes, so a product along each replaces the sum over
        # all masks. Each moves its axis, which is the first, to the end; at last all are in order again.
        for axis, count in enumerate(self.grid):
            along = self._covered(axis, torch.arange(count, device=seen.device)).to(seen.dtype)
            total, covers = (torch.tensordot(part, along, dims=([0], [0])) for part in (total, covers))
        return total / covers.clamp_min(1)

    def _covered(self, axis: int, place: Tensor) -> Tensor:
        """What the square covers along one axis at these positions (places,): (places, size) bool."""
        line = torch.arange(self.image[axis], device=place.device)
        first = (place * self.stride)[:, None]
        return (line >= first) & (line < first + self.size)


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
    """Yields the results of `look` for the sample x (1, channels, …), covered by `grey` at each position.

    Positions are batched: `look` maps (places, channels, …) to (places, …). `numbers` is the memory of one
    position, `most` the limit for a batch.
    """
    at_once = max(1, min(squares.count, most // max(1, numbers)))
    x, grey = laid_out(x), laid_out(grey)
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
    """The mean drop of the score over all squares that cover each place of the sample: (*image,).

    `score` maps (places, channels, …) to (places,). A pixel that no square covers is 0.
    """
    total, count = (torch.zeros(squares.image, dtype=x.dtype, device=x.device) for _ in range(2))
    with torch.no_grad():
        before = score(x)
    for _, _, masks, seen in occluded(score, x, grey, squares, numbers=numbers, most=most):
        shares = masks.flatten(1).to(x.dtype)  # (places, h · w)
        total += ((before - seen) @ shares).view(squares.image)
        count += shares.sum(dim=0).view(squares.image)
    return total / count.clamp_min(1)
