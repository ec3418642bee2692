"""Grid: points of a slice, ordered from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

#: The points along one side of the coarsest level.
COARSE = 5


class Grid:
    """A grid over ranges of one or two coefficients, in the order of refinement.

    `values` is the grid at full resolution: unknown values are interpolated from the last complete level.
    Rows are the second coefficient, upwards, columns the first.
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
        """The points, coarsest level first: (points, coefficients) float32."""
        places = np.unravel_index(self._order, self.shape)
        # The first coefficient runs along the columns, which are the last axis.
        along = [axis[place] for axis, place in zip(self.axes, reversed(places), strict=True)]
        return torch.from_numpy(np.stack(along, axis=1).astype(np.float32))

    def put(self, values: Tensor) -> None:
        """Set the next values, in the order of the points."""
        found = values.detach().cpu().float().numpy()
        self._known[self._order[self._count : self._count + len(found)]] = found
        self._count += len(found)

    @property
    def done(self) -> float:
        """The share of known points."""
        return self._count / len(self._order)

    @property
    def known(self) -> np.ndarray:
        """The mask of values that are not interpolated: uint8, shaped like the grid."""
        mask = np.zeros(len(self._known), np.uint8)
        mask[self._order[: self._count]] = 1
        return mask.reshape(self.shape)

    @property
    def values(self) -> np.ndarray:
        """The interpolated values, float32 of the grid's shape; NaN until the coarsest level is complete."""
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
    """The lines of each level, and the flat indices of the points that it adds."""
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
    """Values interpolated linearly along one axis, from some lines to all."""
    return np.apply_along_axis(lambda row: np.interp(np.arange(size), lines, row), axis, values)
