"""Path: the weights of a network through training, and the plane that explains most of their variance.

Two principal directions of a path in many dimensions always show structure: a random walk, too, has most of
its variance in them, along cosines (Antognini & Sohl-Dickstein 2018). So the explained variance is given
with that of a random walk of as many steps, and each point with its distance from the plane.

The principal directions of T points in D dimensions need no D × D matrix: the T × T matrix of their inner
products has the same eigenvalues, and grows by a row with each point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.landscape.directions import orthonormal
from glassnet.engine.landscape.sketch import Sketch
from glassnet.engine.training.thinning import Thinning

#: The most points of a path; beyond, it is thinned evenly.
MOST_POINTS = 200

#: The most numbers of all points together; where they allow too few points, sketches are kept.
MOST_NUMBERS, LEAST_POINTS = 40_000_000, 16

#: The most numbers that are saved when a run is parked; a larger path is saved with fewer points.
MOST_WRITTEN = 10_000_000

PlaneKind = Literal["pca", "to_final", "random"]

#: The lower bound of divisors.
TINY = 1e-300


@dataclass(frozen=True)
class PathView:
    """A path in a plane through its last point."""

    #: The coordinates of each point relative to the last: (T, 2).
    coordinates: Tensor
    #: The share of the path's variance along each axis: (2,).
    explained: Tensor
    #: The distance of each point from the plane: (T,).
    distance: Tensor
    #: The share of variance of every principal direction, the largest first: (T,).
    spectrum: Tensor
    #: The orthonormal axes (2, D) as combinations of the points relative to the last: (2, T); None for random
    #: axes.
    combination: Tensor | None


class Path:
    """Points in weight space in order, with the step and the loss of each."""

    def __init__(self, size: int, seed: int = 0) -> None:
        """Create an empty path of points (size,); the seed is for the random plane, and the sketch."""
        self.size = size
        self.sketch = Sketch(size, seed) if size * LEAST_POINTS > MOST_NUMBERS else None
        self._width = self.sketch.width if self.sketch else size
        self.most = min(MOST_POINTS, MOST_NUMBERS // self._width)
        self._seed = seed
        self.clear()

    def clear(self) -> None:
        """Remove all points."""
        self._first = torch.zeros(self.size)
        #: The newest point relative to the first, where only sketches are kept.
        self._newest = torch.zeros(self.size if self.sketch else 0)
        #: The points relative to the first, or their sketches: small numbers, for precise inner products.
        self._ways = torch.empty(min(32, self.most), self._width)
        self._gram = torch.empty(self.most, self.most, dtype=torch.float64)
        #: The inner products relative to the last point, variances and scores; None after a new point.
        self._seen: tuple[Tensor, Tensor, Tensor] | None = None
        self.steps: list[int] = []
        self.losses: list[float] = []
        self._thinning = Thinning()

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def stride(self) -> int:
        """Of the points offered, every stride-th is kept."""
        return self._thinning.stride

    def state(self) -> dict[str, Tensor]:
        """The state to save: `points` (T, D) float32, `steps`, `losses` (T,) float64, `stride` (1,).

        Empty, where only sketches of the points are kept.
        """
        if self.sketch:
            return {}
        every = 1
        while len(range(0, len(self), every)) * self.size > MOST_WRITTEN:
            every *= 2
        return {
            "points": self.points[::every].clone(),
            "steps": torch.tensor(self.steps[::every], dtype=torch.float64),
            "losses": torch.tensor(self.losses[::every], dtype=torch.float64),
            "stride": torch.tensor([self.stride * every]),
        }

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Restore a state. Raises ValueError where it is of another network, or damaged."""
        self._check(state)
        points = state["points"]
        self.clear()
        for step, point, loss in zip(state["steps"].tolist(), points, state["losses"].tolist(), strict=True):
            self.add(int(step), point, loss)
        self._thinning.resume(len(self), int(state["stride"]))

    def _check(self, state: Mapping[str, Tensor]) -> None:
        missing = {"points", "steps", "losses", "stride"} - state.keys()
        if missing:
            raise ValueError(f"a path without {', '.join(sorted(missing))}; expected all that was written")
        points, counts = state["points"], {state[name].shape for name in ("steps", "losses")}
        if points.ndim != 2 or points.shape[1] != self.size:
            raise ValueError(f"points of shape {tuple(points.shape)}; expected {self.size:,} numbers each")
        if counts != {points.shape[:1]} or state["stride"].numel() != 1 or int(state["stride"]) < 1:
            raise ValueError("a path whose arrays do not fit each other; expected a step and a loss a point")
        if not all(bool(torch.isfinite(state[name]).all()) for name in ("points", "steps")):
            raise ValueError("a path with numbers that are not finite")

    @property
    def points(self) -> Tensor:
        """The points (T, D), a copy. Raises ValueError where only sketches are kept."""
        if self.sketch:
            raise ValueError(f"points of {self.size:,} numbers are not kept; expected their sketches alone")
        return self._first + self._ways[: len(self)]

    @property
    def last(self) -> Tensor:
        """The newest point (D,), a copy."""
        return self._first + (self._newest if self.sketch else self._ways[len(self) - 1])

    def wants(self, step: int) -> bool:
        """Whether to add the point of this step; each is offered once. A step back starts a new path."""
        if self.steps and step < self.steps[-1]:
            self.clear()
        elif self.steps and step == self.steps[-1]:
            return False
        kept = self._thinning.keeps_next()
        return self._thin() if kept and len(self) == self.most else kept

    def add(self, step: int, point: Tensor, loss: float) -> None:
        """Add a point (D,). Points that are not finite, of a training that diverges, are left out."""
        if len(self) == self.most:
            self._thin()
        if not self.steps:
            self._first.copy_(point)
        count = len(self)
        if count == len(self._ways):
            larger = self._ways.new_empty(min(2 * count, self.most), self._width)
            larger[:count] = self._ways
            self._ways = larger
        way = point - self._first
        self._ways[count] = self.sketch(way) if self.sketch else way
        row = (self._ways[: count + 1] @ self._ways[count]).double()
        if not bool(row.isfinite().all()):
            return
        if self.sketch:
            self._newest = way
        self._seen = None
        self.steps.append(step)
        self.losses.append(loss)
        self._gram[count, : count + 1] = row
        self._gram[: count + 1, count] = row

    def _thin(self) -> bool:
        """Drop every second point; whether the newest that was offered is one to be kept."""
        kept = list(range(0, len(self), 2))
        self._ways[: len(kept)] = self._ways[kept]
        self._gram[: len(kept), : len(kept)] = self._gram[kept][:, kept]
        self.steps = [self.steps[i] for i in kept]
        self.losses = [self.losses[i] for i in kept]
        return self._thinning.halve()

    def view(self, kind: PlaneKind) -> PathView:
        """The path in the plane of a kind. Raises ValueError where there are too few points.

        `pca`: the two directions of greatest variance. `to_final`: from the first point to the last, and the
        direction of greatest variance orthogonal to it. `random`: two random directions.
        """
        count = len(self)
        if count < 3:
            raise ValueError(f"a path of {count} points; expected at least 3")
        if self._seen is None:
            gram = self._gram[:count, :count]
            from_last = gram - gram[-1] - gram[:, -1:] + gram[-1, -1]
            self._seen = from_last, *_principal(from_last)
        from_last, variances, scores = self._seen
        total = float(variances.sum()) or 1.0
        if kind == "random":
            combination = None
            ways = self._ways[:count]
            coordinates = ((ways - ways[-1]) @ self._random().t()).double()
        else:
            combination = _combined(kind, from_last, scores)
            coordinates = from_last @ combination.t()
            signs = _signs(coordinates)
            combination, coordinates = combination * signs[:, None], coordinates * signs
        explained = (coordinates - coordinates.mean(0)).square().sum(0) / total
        beyond = from_last.diagonal() - coordinates.square().sum(1)
        return PathView(coordinates, explained, beyond.clamp_min(0).sqrt(), variances / total, combination)

    def axes(self, combination: Tensor | None) -> Tensor:
        """The orthonormal axes of a view (2, D). Raises ValueError where only sketches are kept."""
        if combination is None:
            return self.sketch.spread(self._random()) if self.sketch else self._random()
        if self.sketch:
            raise ValueError(f"points of {self.size:,} numbers are not kept; expected the random plane")
        ways = self._ways[: len(self)]
        # A combination of points relative to the last is one of points relative to the first and the last's.
        whole = combination.clone()
        whole[:, -1] -= combination.sum(1)
        axes = whole.to(ways.dtype) @ ways
        across = axes[1] if bool(axes[1].norm() > 0) else self._random()[1]  # a straight path has no second
        return orthonormal(axes[0], across)

    def _random(self) -> Tensor:
        """The projection of the kept points on random axes: (2, width).

        Sᵀu is a random direction for any u, and its product with a point is exactly u's with the sketch.
        """
        generator = torch.Generator().manual_seed(self._seed)
        one, other = torch.randn(2, self._width, generator=generator)
        if not self.sketch:
            return orthonormal(one, other)
        root = self.sketch.counts.sqrt()  # |Sᵀu| is the length of u with each number times this
        return orthonormal(root * one, root * other) / root


def _principal(gram: Tensor) -> tuple[Tensor, Tensor]:
    """The variance along each principal direction, the largest first, and the points' unit scores (T, T)."""
    centred = gram - gram.mean(0) - gram.mean(1, keepdim=True) + gram.mean()
    values, vectors = torch.linalg.eigh(centred)
    return values.flip(0).clamp_min(0), vectors.flip(1)


def _combined(kind: PlaneKind, gram: Tensor, scores: Tensor) -> Tensor:
    """Two orthonormal directions as combinations (2, T) of points with these inner products.

    Where the path is a straight line, the second is zero.
    """
    if kind == "pca":
        chosen = scores[:, :2].t()
        combination = chosen - chosen.mean(1, keepdim=True)
    else:
        ahead = torch.zeros(len(gram), dtype=gram.dtype)
        ahead[0] = -1  # from the first point to the last, which is the origin
        along = gram @ ahead
        across = gram - torch.outer(along, along) / (ahead @ gram @ ahead).clamp_min(TINY)
        _, vectors = _principal(across)
        second = vectors[:, 0] - vectors[:, 0].mean()
        second = second - ahead * (second @ along) / (ahead @ gram @ ahead).clamp_min(TINY)
        combination = torch.stack([ahead, second])
    lengths = (combination @ gram @ combination.t()).diagonal().clamp_min(0).sqrt()
    if not bool(lengths[0] > 0):
        raise ValueError("a path that stands still; expected weights that move")
    straight = lengths < 1e-6 * lengths[0]
    return torch.where(straight[:, None], 0.0, combination / lengths.clamp_min(TINY)[:, None])


def _signs(coordinates: Tensor) -> Tensor:
    """The signs of the axes, so that the picture does not flip as the path grows: from the left, upwards."""
    farthest = coordinates[coordinates[:, 1].abs().argmax(), 1]
    signs = torch.stack([-coordinates[0, 0], farthest]).sign()
    return torch.where(signs == 0, 1.0, signs)


def random_walk_spectrum(points: int, directions: int) -> np.ndarray:
    """The shares of variance of the principal directions of a random walk in many dimensions.

    λₖ ∝ 1 / (1 − cos πk/T) with sum (T² − 1)/3; for long walks 6/π²k²: 0.61, 0.15, 0.07.
    Antognini & Sohl-Dickstein 2018, equations 5 and 6.
    """
    if points < 2:
        return np.zeros(directions)
    orders = np.arange(1, min(directions, points - 1) + 1)
    shares = 3 / (points**2 - 1) / (1 - np.cos(math.pi * orders / points))
    return np.pad(shares, (0, directions - len(shares)))
