"""A grid of points, coarse at once, then finer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

#: Points along one side that are shown first.
COARSE = 5


class Grid:
    """Points over ranges of one or two coefficients, in the order in which they refine the picture.

    `values` is the picture so far, at full resolution: where nothing is known yet, it is interpolated
    from the last level that is complete. Rows go up the second axis, columns along the first.
    """

    def __init__(self, ranges: Sequence[tuple[float, float]], resolution: int) -> None:
        self.axes = [np.linspace(low, high, resolution) for low, high in ranges]
        self.shape = (resolution,) * len(self.axes)
        self._levels = list(_levels(resolution, len(self.axes)))
        order = np.concatenate([places for _, places in self._levels])
        self._order = order
        self._known = np.full(self.shape, np.nan, np.float32).reshape(-1)
        self._count = 0

    @property
    def points(self) -> Tensor:
        """(points, coefficients) float32, the coarsest first."""
        places = np.unravel_index(self._order, self.shape)
        # The first coefficient runs along the columns, which are the last axis.
        along = [axis[place] for axis, place in zip(self.axes, reversed(places), strict=True)]
        return torch.from_numpy(np.stack(along, axis=1).astype(np.float32))

    def put(self, values: Tensor) -> None:
        """The next values, in the order of the points."""
        found = values.detach().cpu().float().numpy()
        self._known[self._order[self._count : self._count + len(found)]] = found
        self._count += len(found)

    @property
    def done(self) -> float:
        """Share of the points that are known."""
        return self._count / len(self._order)

    @property
    def known(self) -> np.ndarray:
        """Where a value is its own and not interpolated: uint8, the shape of the grid."""
        mask = np.zeros(len(self._known), np.uint8)
        mask[self._order[: self._count]] = 1
        return mask.reshape(self.shape)

    @property
    def values(self) -> np.ndarray:
        """float32, the shape of the grid; NaN before the coarsest level is complete."""
        if self.done == 1:
            return self._known.reshape(self.shape)
        complete, end = None, 0
        for lines, places in self._levels:
            end += len(places)
            if end > self._count:
                break
            complete = lines
        known = self._known.reshape(self.shape)
        if complete is None:
            return known
        smooth = known[np.ix_(*[complete] * len(self.shape))].astype(np.float64)
        for axis in range(len(self.shape)):
            smooth = _stretched(smooth, axis, complete, self.shape[axis])
        return np.where(self.known == 1, known, smooth).astype(np.float32)


def _levels(resolution: int, dimensions: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Lines of each level, and the places (flat) that it adds to those before."""
    step = 1
    while (resolution - 1) // (2 * step) >= COARSE - 1:
        step *= 2
    seen = np.zeros((resolution,) * dimensions, bool)
    while step >= 1:
        lines = np.unique(np.append(np.arange(0, resolution, step), resolution - 1))
        level = np.zeros_like(seen)
        level[np.ix_(*[lines] * dimensions)] = True
        yield lines, np.flatnonzero(level & ~seen)
        seen |= level
        step //= 2


def _stretched(values: np.ndarray, axis: int, lines: np.ndarray, size: int) -> np.ndarray:
    """Linear interpolation along one axis, from some lines to all."""
    return np.apply_along_axis(lambda row: np.interp(np.arange(size), lines, row), axis, values)
