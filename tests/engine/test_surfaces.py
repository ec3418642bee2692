"""Surfaces: their minima are minima, their slopes are slopes, and their starts are on them."""

from __future__ import annotations

import pytest
import torch
from scipy.optimize import minimize, rosen

from glassnet.engine.catalog import catalog
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.items.surfaces.bowls import Beale, Bowl, Plateau, Ravine, Rosenbrock
from glassnet.engine.items.surfaces.formula import Formula
from glassnet.engine.items.surfaces.hills import Himmelblau, MonkeySaddle, Rastrigin, Saddle
from glassnet.engine.items.surfaces.regression import Regression

ALL = [item() for item in catalog(CostSurface).values()]
every_surface = pytest.mark.parametrize("surface", ALL, ids=lambda surface: str(surface.kind))


def at(surface: CostSurface, *place: float) -> float:
    return float(surface.value(torch.tensor(place, dtype=torch.float64)))


@every_surface
def test_the_slope_agrees_with_differences(surface: CostSurface) -> None:
    draw = torch.Generator().manual_seed(0)
    low, high = torch.tensor(surface.domain, dtype=torch.float64).T
    places = low + (high - low) * torch.rand(20, 2, generator=draw, dtype=torch.float64)
    slope = surface.slope(places)
    for axis in range(2):
        nudge = torch.zeros(2, dtype=torch.float64)
        nudge[axis] = 1e-6
        difference = (surface.value(places + nudge) - surface.value(places - nudge)) / 2e-6
        torch.testing.assert_close(slope[:, axis], difference, rtol=1e-5, atol=1e-5)


@every_surface
def test_many_places_are_as_good_as_one(surface: CostSurface) -> None:
    places = torch.rand(3, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    values = surface.value(places)
    assert values.shape == (3, 4)
    assert at(surface, *places[2, 1].tolist()) == pytest.approx(float(values[2, 1]), rel=1e-12)


@every_surface
def test_every_minimum_is_where_scipy_ends_and_the_start_is_inside(surface: CostSurface) -> None:
    surface.check_start(surface.start)
    for place in surface.minima:
        surface.check_start(place)
        near = [number + 0.05 for number in place]
        found = minimize(lambda p: at(surface, *p), near, method="Nelder-Mead", options={"xatol": 1e-7})
        assert found.x == pytest.approx(list(place), abs=1e-3)
        assert at(surface, *place) <= found.fun + 1e-12


@every_surface
def test_a_start_outside_is_refused_with_the_bounds(surface: CostSurface) -> None:
    (_, right), (bottom, _) = surface.domain
    with pytest.raises(ValueError, match=f"{surface.axes[0]} = .* is outside; expected"):
        surface.check_start((right + 1, bottom))


def test_values_are_those_of_the_textbooks() -> None:
    assert at(Bowl(curvature=3.0), 1, 2) == 7.5
    assert at(Ravine(condition=10.0), 1, 2) == 20.5
    assert at(Rosenbrock(), -1.5, 2) == pytest.approx(rosen([-1.5, 2]))
    assert at(Beale(), 1, 1) == pytest.approx(1.5**2 + 2.25**2 + 2.625**2)
    assert at(Himmelblau(), 0, 0) == 170
    assert at(Rastrigin(), 1, -2) == pytest.approx(5)
    assert at(Saddle(), 3, 2) == 5
    assert at(MonkeySaddle(), 2, 1) == 2
    assert at(Plateau(width=1.0), 0, 0) == 0
    assert at(Formula(text="x**2 + 3*y"), 2, 5) == 19


def test_the_lines_minimum_is_least_squares_and_its_curvature_that_of_the_points() -> None:
    points = [[0.0, 1.0], [1.0, 2.5], [2.0, 3.1], [5.0, 7.2]]
    surface = Regression(points=points)
    table = torch.tensor(points, dtype=torch.float64)
    design = torch.stack([table[:, 0], torch.ones(4, dtype=torch.float64)], 1)
    solution = torch.linalg.lstsq(design, table[:, 1:]).solution[:, 0]
    assert list(surface.minima[0]) == pytest.approx(solution.tolist(), rel=1e-12)
    residual = float((design @ solution - table[:, 1]).square().mean())
    assert at(surface, *surface.minima[0]) == pytest.approx(residual)


@pytest.mark.parametrize(
    "points",
    [
        [[1.0, 2.0]],
        [[1.0, 2.0], [1.0, 4.0]],
        [[1000.0 + i, 3.0 * i - 2] for i in range(9)],
        [[i / 100, i % 7 - 3] for i in range(500)],
    ],
)
def test_the_lines_cost_is_the_mean_squared_error(points: list[list[float]]) -> None:
    places = 3 * torch.randn(20, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    table = torch.tensor(points, dtype=torch.float64)
    expected = (table[:, 1] - (places[:, :1] * table[:, 0] + places[:, 1:])).square().mean(-1)
    torch.testing.assert_close(Regression(points=points).value(places), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("points", [[[1.0, 2.0]], [[1.0, 2.0], [1.0, 4.0]]])
def test_points_above_each_other_have_no_single_best_line(points: list[list[float]]) -> None:
    surface = Regression(points=points)
    assert surface.minima == ()
    surface.check_start(surface.start)


def test_a_formula_that_names_no_variable_is_flat() -> None:
    slope = Formula(text="3").slope(torch.zeros(2, 2, dtype=torch.float64))
    assert torch.equal(slope, torch.zeros(2, 2, dtype=torch.float64))
