"""The cost of a straight line."""

from __future__ import annotations

import statistics
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from engine.catalog import option
from engine.surfaces import CostSurface, Domain, Place

Number = Annotated[float, Field(ge=-1e6, le=1e6)]
Point = Annotated[list[Number], Field(min_length=2, max_length=2)]

#: A line of slope ½ through 1, with what a measurement adds.
POINTS: list[list[float]] = [
    [-2.0, 0.2],
    [-1.4, 0.1],
    [-0.7, 0.9],
    [0.1, 0.8],
    [0.8, 1.7],
    [1.5, 1.6],
    [2.1, 2.2],
]


class Regression(CostSurface):
    """Linear regression: the mean squared error of the line y = mx + b on points, over (m, b).

    A paraboloid. Points far from zero make a ravine of it, which is why inputs are normalised.
    """

    kind: Literal["regression"] = "regression"
    axes: ClassVar[tuple[str, str]] = ("m", "b")
    formula: ClassVar[str] = "f(m, b) = 1/N Σ (yᵢ − (m xᵢ + b))²"
    points: list[Point] = option(
        POINTS, "The points (x, y) that the line shall fit.", min_length=1, max_length=500
    )

    def value(self, places: Tensor) -> Tensor:
        data = torch.tensor(self.points, dtype=places.dtype, device=places.device)
        m, b = places.unsqueeze(-2).unbind(-1)  # (…, 1) against (points,)
        return (data[:, 1] - (m * data[:, 0] + b)).square().mean(-1)

    @property
    def minima(self) -> tuple[Place, ...]:
        """Least squares; none alone is least where all points have the same x."""
        fit = self._fit()
        return () if fit is None else (fit,)

    @property
    def domain(self) -> Domain:
        m, b = self._fit() or (0.0, statistics.fmean(y for _, y in self.points))
        wide, high = self._spread(0) or 1.0, self._spread(1) or 1.0
        across, up = 1.5 * abs(m) + high / wide, 1.5 * abs(b) + high
        return (m - across, m + across), (b - up, b + up)

    @property
    def start(self) -> Place:
        (left, right), (bottom, top) = self.domain
        return left + 0.15 * (right - left), top - 0.15 * (top - bottom)

    def _fit(self) -> Place | None:
        if not self._spread(0):
            return None
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        m, b = statistics.linear_regression(xs, ys)
        return m, b

    def _spread(self, axis: int) -> float:
        return statistics.pstdev(point[axis] for point in self.points)
