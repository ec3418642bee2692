"""The cost of a straight line's parameters."""

from __future__ import annotations

import statistics
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.surfaces import CostSurface, Domain, Place

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


class Best(NamedTuple):
    """A least-squares line, its mean squared error, and the points' mean and variance along x."""

    m: float
    b: float
    error: float
    mean: float
    variance: float


@lru_cache(maxsize=64)
def _best(points: tuple[tuple[float, ...], ...]) -> Best:
    """The least-squares line of the points; the level one where all have the same x."""
    xs, ys = zip(*points, strict=True)
    variance = statistics.pvariance(xs)
    m, b = statistics.linear_regression(xs, ys) if variance else (0.0, statistics.fmean(ys))
    error = statistics.fmean((y - (m * x + b)) ** 2 for x, y in points)
    return Best(m, b, error, statistics.fmean(xs), variance)


class Regression(CostSurface):
    """Linear regression: the mean squared error of the line y = mx + b on points, over (m, b).

    A paraboloid. Points far from zero make a ravine of it, which is why inputs are normalised.
    """

    kind: Literal["regression"] = "regression"
    axes: ClassVar[tuple[str, str]] = ("m", "b")
    formula: ClassVar[str] = "f(m, b) = 1/N Σ (yᵢ − (m xᵢ + b))²"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A real cost: the mean squared error of a line, and each point of the plane is a line.",),
        cons=("A paraboloid: no local minima.",),
        use="To see what gradient descent does in linear regression, and why inputs are normalized.",
        example=Example(
            "Move the points away from zero: the bowl becomes a ravine.",
            lab="descent",
        ),
        tex=(r"f(m, b) = \frac{1}{N} \sum_i \left(y_i - (m x_i + b)\right)^2",),
    )
    points: list[Point] = option(
        POINTS, "The points (x, y) that the line is fitted to.", min_length=1, max_length=500
    )

    def value(self, places: Tensor) -> Tensor:
        # Expanded around the best line, so that five hundred points cost no more than five.
        m, b = places.unbind(-1)
        best = self._best
        slope = m - best.m
        return best.error + best.variance * slope.square() + (b - best.b + best.mean * slope).square()

    @property
    def minima(self) -> tuple[Place, ...]:
        """The least-squares line; empty where all points have the same x and no single line is best."""
        best = self._best
        return ((best.m, best.b),) if best.variance else ()

    @property
    def domain(self) -> Domain:
        m, b = self._best.m, self._best.b
        wide, high = self._spread(0) or 1.0, self._spread(1) or 1.0
        across, up = 1.5 * abs(m) + high / wide, 1.5 * abs(b) + high
        return (m - across, m + across), (b - up, b + up)

    @property
    def start(self) -> Place:
        (left, right), (bottom, top) = self.domain
        return left + 0.15 * (right - left), top - 0.15 * (top - bottom)

    @property
    def _best(self) -> Best:
        return _best(tuple(map(tuple, self.points)))

    def _spread(self, axis: int) -> float:
        return statistics.pstdev(point[axis] for point in self.points)
