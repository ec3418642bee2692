"""Races and pads: paths are torch's at every step, on every surface; closed forms; what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.catalog import catalog
from glassnet.engine.descent.descent import gradients
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.optimizers.adagrad import Adadelta, Adagrad
from glassnet.engine.items.optimizers.adam import Adam, AdaMax, AdamW, NAdam
from glassnet.engine.items.optimizers.rmsprop import RMSprop
from glassnet.engine.items.optimizers.sgd import NAG, SGD, Momentum
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.items.schedules.constant import Constant
from glassnet.engine.items.schedules.cosine import Cosine, WarmRestarts
from glassnet.engine.items.schedules.cyclical import OneCycle
from glassnet.engine.items.schedules.step import Step
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.items.surfaces.bowls import Beale, Bowl, Ravine, Rosenbrock
from glassnet.engine.items.surfaces.formula import Formula
from glassnet.engine.items.surfaces.hills import Saddle
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import FreeStudy, parse_study
from glassnet.engine.studies.optimizer_pad import DIVERGED, NOT_YET, OptimizerPad
from glassnet.engine.studies.optimizer_race import Entry, OptimizerRace, Race, first, outside_since
from tests.engine.experiments import refused

SURFACES = [item() for item in catalog(CostSurface).values()]

#: Optimizers that torch has, at rates that are quiet enough for every surface here.
THEIRS: list[tuple[Optimizer, Callable[[list[Tensor]], torch.optim.Optimizer]]] = [
    (SGD(learning_rate=1e-3), lambda p: torch.optim.SGD(p, lr=1e-3)),
    (
        SGD(learning_rate=2e-4, momentum=0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, lr=2e-4, momentum=0.9, nesterov=True),
    ),
    (Adagrad(learning_rate=0.1), lambda p: torch.optim.Adagrad(p, lr=0.1)),
    (Adadelta(), torch.optim.Adadelta),
    (RMSprop(momentum=0.5), lambda p: torch.optim.RMSprop(p, momentum=0.5)),
    (Adam(), lambda p: torch.optim.Adam(p, lr=0.01)),
    (AdamW(), lambda p: torch.optim.AdamW(p, lr=0.01)),
    (AdaMax(), lambda p: torch.optim.Adamax(p, lr=0.01)),
    (NAdam(), lambda p: torch.optim.NAdam(p, lr=0.01)),
]

STEPS = 60


@pytest.fixture(autouse=True)
def in_float64() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def last(study: FreeStudy) -> Arrays:
    *_, frame = study.compute()
    assert frame.done == 1
    return frame.arrays


def way(study: OptimizerRace) -> Tensor:
    """The paths as they are computed: float64 (steps + 1, entries, 2)."""
    race = Race(study)
    with torch.no_grad():
        for _ in range(study.steps):
            race.step()
    assert race.way.dtype == torch.float64
    return race.way


def torchs(
    surface: CostSurface,
    start: tuple[float, float],
    make: Callable[[list[Tensor]], torch.optim.Optimizer],
    schedule: Schedule,
) -> Tensor:
    place = torch.tensor(start, requires_grad=True)
    optimizer = make([place])
    scheduler = schedule.call(1, STEPS)
    stepped = None if scheduler is None else scheduler.build(optimizer=optimizer)
    found = [place.detach().clone()]
    for _ in range(STEPS):
        optimizer.zero_grad()
        surface.value(place).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if stepped is not None:
            stepped.step()
        found.append(place.detach().clone())
    return torch.stack(found)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: str(surface.kind))
def test_every_path_is_torchs_at_every_step(surface: CostSurface) -> None:
    schedules: list[Schedule] = [Constant(), Cosine(), Step(period=20, gamma=0.5), WarmRestarts(), OneCycle()]
    pairs = list(zip(THEIRS, itertools.cycle(schedules), strict=False))
    entries = [Entry(optimizer=item, schedule=schedule) for (item, _), schedule in pairs]
    ours = way(OptimizerRace(surface=surface, entries=entries, steps=STEPS))
    for row, ((item, make), schedule) in enumerate(pairs):
        theirs = torchs(surface, surface.start, make, schedule)
        torch.testing.assert_close(ours[:, row], theirs, rtol=1e-10, atol=1e-10, msg=item.kind)


def test_forms_that_torch_does_not_have_are_the_published_equations_on_a_surface() -> None:
    surface, rate, beta = Beale(), 0.002, 0.8
    entries = [
        Entry(optimizer=Momentum(learning_rate=rate, beta=beta)),
        Entry(optimizer=NAG(learning_rate=rate, beta=beta)),
    ]
    ours = way(OptimizerRace(surface=surface, entries=entries, steps=STEPS))
    mean, ahead = torch.tensor(surface.start), torch.tensor(surface.start)
    v, velocity = torch.zeros(2), torch.zeros(2)
    for step in range(1, STEPS + 1):
        v = beta * v + (1 - beta) * surface.slope(mean)
        mean = mean - rate * v
        velocity = beta * velocity + rate * surface.slope(ahead - beta * velocity)
        ahead = ahead - velocity
        torch.testing.assert_close(ours[step, 0], mean, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(ours[step, 1], ahead, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, 1.01, 1.5])
def test_plain_descent_on_a_bowl_is_the_closed_form_on_either_side_of_two_over_lambda(share: float) -> None:
    curvature = 4.0
    rate = share * 2 / curvature
    study = OptimizerRace(
        surface=Bowl(curvature=curvature),
        start=[1.0, -2.0],
        entries=[Entry(optimizer=SGD(learning_rate=rate))],
        steps=40,
    )
    distance = way(study)[:, 0].norm(dim=-1)
    expected = 5**0.5 * abs(1 - rate * curvature) ** torch.arange(41.0)
    torch.testing.assert_close(distance, expected, rtol=1e-10, atol=1e-12)
    assert (distance[-1] < distance[0]) == (share < 1)


def test_heavy_ball_on_a_bowl_is_the_power_of_its_matrix() -> None:
    rate, momentum, curvature = 0.3, 0.7, 2.0
    study = OptimizerRace(
        surface=Bowl(curvature=curvature),
        start=[1.0, 0.0],
        entries=[Entry(optimizer=SGD(learning_rate=rate, momentum=momentum))],
        steps=30,
    )
    matrix = torch.tensor([[momentum, curvature], [-rate * momentum, 1 - rate * curvature]])
    state = torch.linalg.matrix_power(matrix, 30) @ torch.tensor([0.0, 1.0])
    torch.testing.assert_close(way(study)[30, 0, 0], state[1], rtol=1e-12, atol=1e-14)


def test_steps_to_the_minimum_of_beale_are_the_known_ones() -> None:
    entries = [
        Entry(optimizer=SGD(learning_rate=0.01)),
        Entry(optimizer=SGD(learning_rate=0.001, momentum=0.9)),
        Entry(optimizer=Adagrad(learning_rate=0.5)),
        Entry(optimizer=RMSprop(learning_rate=0.01)),
        Entry(optimizer=Adam(learning_rate=0.05)),
    ]
    found = last(OptimizerRace(surface=Beale(), start=[1.0, 1.5], entries=entries, steps=1300))
    assert torch.as_tensor(found["reached"]).tolist() == [1202, 1165, 1109, 848, 829]


def test_steps_to_the_minimum_of_rosenbrock_are_the_known_ones() -> None:
    entries = [
        Entry(optimizer=SGD(learning_rate=0.001)),
        Entry(optimizer=SGD(learning_rate=0.01)),
        Entry(optimizer=SGD(learning_rate=0.001, momentum=0.9)),
        Entry(optimizer=SGD(learning_rate=0.001, momentum=0.9, nesterov=True)),
        Entry(optimizer=Adam(learning_rate=0.05)),
    ]
    found = last(OptimizerRace(surface=Rosenbrock(), start=[-1.5, 2.0], entries=entries, steps=5000))
    assert torch.as_tensor(found["reached"]).tolist() == [-1, -1, 1125, 1018, 1200]
    assert torch.as_tensor(found["diverged"]).tolist() == [-1, 9, -1, -1, -1]
    assert torch.as_tensor(found["left"]).tolist() == [-1, 2, -1, -1, -1]


def test_a_runner_that_blows_up_harms_no_other() -> None:
    quiet = Entry(optimizer=Adam(learning_rate=0.05))
    wild = Entry(optimizer=SGD(learning_rate=1.0, momentum=0.9))
    beside = way(OptimizerRace(surface=Rosenbrock(), entries=[wild, quiet], steps=50))
    alone = way(OptimizerRace(surface=Rosenbrock(), entries=[quiet], steps=50))
    assert not beside[-1, 0].isfinite().all()
    assert torch.equal(beside[:, 1], alone[:, 0])


def test_a_sight_has_what_it_says() -> None:
    study = OptimizerRace(steps=30, resolution=11, entries=[Entry(), Entry(optimizer=NAdam())])
    arrays = {name: torch.as_tensor(array) for name, array in last(study).items()}
    assert {name: tuple(array.shape) for name, array in arrays.items()} == {
        "heights": (11, 11),
        "domain": (2, 2),
        "minima": (1, 2),
        "least": (1,),
        "paths": (2, 31, 2),
        "losses": (2, 31),
        "rates": (2, 30),
        "reached": (2,),
        "diverged": (2,),
        "left": (2,),
        "state/0/velocity": (31, 2),
        "state/1/mean": (31, 2),
        "state/1/square": (31, 2),
    }
    assert {array.dtype for array in arrays.values()} == {torch.float32, torch.int32}
    top_left = Beale().value(torch.tensor([-4.5, 4.5]))
    assert float(arrays["heights"][0, 0]) == pytest.approx(float(top_left))
    assert float(arrays["losses"][1, 30]) == pytest.approx(
        float(Beale().value(arrays["paths"][1, 30].double())), rel=1e-4
    )


def test_the_schedules_rates_are_shown_step_by_step() -> None:
    entry = Entry(optimizer=SGD(learning_rate=0.1), schedule=Step(period=2, gamma=0.5))
    rates = torch.as_tensor(last(OptimizerRace(surface=Bowl(), entries=[entry], steps=5))["rates"])
    assert rates[0].tolist() == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.025])


def test_noise_is_the_same_for_all_and_another_with_another_seed() -> None:
    entries = [Entry(optimizer=SGD(learning_rate=0.1)), Entry(optimizer=SGD(learning_rate=0.1))]
    noisy = OptimizerRace(surface=Bowl(noise=2.0), entries=entries, steps=20)
    found = way(noisy)
    assert torch.equal(found[:, 0], found[:, 1])
    assert torch.equal(found, way(noisy))
    assert not torch.equal(found, way(noisy.model_copy(update={"seed": 1})))


def test_noise_has_the_deviation_it_says() -> None:
    surface = Bowl(noise=0.5)
    asked = gradients(surface, torch.zeros(1, 2), seed=3)
    drawn = torch.stack([next(asked)[0].clone() for _ in range(4000)])
    assert float(drawn.std()) == pytest.approx(0.5, rel=0.03)
    assert float(drawn.mean()) == pytest.approx(0.0, abs=0.02)


def test_where_something_happened_first_and_what_never_comes_back() -> None:
    happened = torch.tensor([[0, 0, 1], [0, 1, 0], [0, 1, 1]]).bool()
    assert first(happened).tolist() == [-1, 1, 0]
    inside = torch.tensor([[1, 1, 0], [0, 1, 0], [1, 0, 0]]).bool()
    assert outside_since(inside).tolist() == [-1, 2, 0]


# The pad ---------------------------------------------------------------------------------------------------

WITH_MOMENTUM = [item() for item in catalog(Optimizer).values() if item.inertia is not None]


@pytest.mark.parametrize("optimizer", WITH_MOMENTUM, ids=lambda item: str(item.kind))
def test_each_point_of_the_pad_is_that_run(optimizer: Optimizer) -> None:
    surface = Beale(noise=0.1)
    pad = OptimizerPad(
        surface=surface,
        optimizer=optimizer,
        resolution=4,
        steps=80,
        rate_low=1e-3,
        rate_high=0.3,
        momentum_high=0.9,
        tolerance=0.7,
    )
    arrays = {name: torch.as_tensor(array) for name, array in last(pad).items()}
    rates, momenta = pad.axes()
    assert optimizer.inertia is not None
    entries = [
        Entry(optimizer=optimizer.model_copy(update={"learning_rate": rate, optimizer.inertia: momentum}))
        for momentum in momenta.tolist()
        for rate in rates.tolist()
    ]
    race = last(OptimizerRace(surface=surface, entries=entries, steps=80, tolerance=0.7))
    losses = torch.as_tensor(race["losses"])[:, -1]
    began = float(surface.value(torch.tensor(surface.start)))
    expected = torch.where(losses <= began, torch.as_tensor(race["reached"]), DIVERGED)
    assert arrays["steps"].flatten().tolist() == expected.tolist()
    torch.testing.assert_close(arrays["losses"].flatten(), losses, rtol=1e-4, atol=1e-6, equal_nan=True)


def test_on_a_bowl_the_pad_diverges_where_theory_says() -> None:
    """Heavy ball on ½λx² converges just where η < 2 (1 + μ) / λ."""
    study = OptimizerPad(
        surface=Bowl(curvature=2.0),
        spacing="linear",
        rate_low=0.05,
        rate_high=2.3,
        momentum_high=0.8,
        resolution=16,
        steps=400,
    )
    steps = torch.as_tensor(last(study)["steps"])
    rates, momenta = study.axes()
    stable = rates[None, :] < (1 + momenta[:, None])
    assert torch.equal(steps != DIVERGED, stable)
    assert (steps[stable] > 0).all()


def test_runs_that_had_too_few_steps_are_told_from_those_that_diverged() -> None:
    steps = torch.as_tensor(last(OptimizerPad(surface=Ravine(), resolution=8, steps=3))["steps"])
    assert {NOT_YET, DIVERGED} == set(steps.flatten().tolist())


# Refused ---------------------------------------------------------------------------------------------------


def problems(**study: Any) -> dict[str, str]:
    return refused(lambda document: parse_study(document["study"]), {"study": study})


@pytest.mark.parametrize("kind", ["optimizer_race", "optimizer_pad"])
def test_a_start_outside_the_domain_is_refused_at_the_start(kind: str) -> None:
    assert problems(kind=kind, surface={"kind": "beale"}, start=[9, 0]) == {
        "/study/start": "x = 9 is outside; expected x from -4.5 to 4.5"
    }


@pytest.mark.parametrize("start", [[1.0], [1.0, 2.0, 3.0], "here", [None, 1.0], [1e300, 0.0]])
def test_a_start_that_is_no_place_is_refused(start: Any) -> None:
    assert all(found.startswith("/study/start") for found in problems(kind="optimizer_race", start=start))


def test_a_formula_is_refused_where_it_stands() -> None:
    surface = {"kind": "formula", "text": "x**2 + y.real"}
    (place, words), *_ = problems(kind="optimizer_race", surface=surface).items()
    assert place == "/study/surface/text"
    assert words.startswith("column 9: '.real' reaches into an object")


def test_a_formula_without_a_value_at_the_start_is_refused_at_the_formula() -> None:
    surface = {"kind": "formula", "text": "1/(x - y)"}
    assert problems(kind="optimizer_race", surface=surface, start=[1.0, 1.0]) == {
        "/study/surface/text": "column 4: division by zero at x = 1, y = 1; expected a finite number there"
    }


def test_ten_thousand_runners_are_refused_before_they_start() -> None:
    assert list(problems(kind="optimizer_race", entries=[{}] * 10_000)) == ["/study/entries"]


def test_a_pad_of_an_optimizer_without_momentum_is_refused_by_name() -> None:
    found = problems(kind="optimizer_pad", optimizer={"kind": "adagrad"})
    assert found["/study/optimizer/kind"].startswith("'adagrad' has no momentum; expected one of ")


@pytest.mark.parametrize("axis", ["rate", "momentum"])
def test_an_empty_axis_of_the_pad_is_refused(axis: str) -> None:
    found = problems(kind="optimizer_pad", **{f"{axis}_low": 0.5, f"{axis}_high": 0.5})
    assert list(found) == [f"/study/{axis}_high"]


def test_a_ridge_is_left_by_those_that_divide_by_the_gradients_size() -> None:
    """On the saddle plain descent stays on the ridge for a while; Adam is off at once."""
    entries = [Entry(optimizer=SGD(learning_rate=0.01)), Entry(optimizer=Adam(learning_rate=0.05))]
    left = torch.as_tensor(last(OptimizerRace(surface=Saddle(), entries=entries, steps=200))["left"])
    assert left[0] == -1
    assert 0 < left[1] < 100


@pytest.mark.parametrize(
    ("text", "start"), [("x*x*x + y*y", -1.0), ("sqrt(x) + y*y", 0.5), ("exp(500*x)", 1.0)]
)
def test_no_cost_is_shown_that_is_not_finite_before_a_runner_has_diverged(text: str, start: float) -> None:
    """Costs are shown as float32, which overflows long before the path does."""
    entries = [Entry(optimizer=SGD(learning_rate=0.5))]
    found = last(OptimizerRace(surface=Formula(text=text), start=[start, 0.5], entries=entries, steps=40))
    losses, diverged = torch.as_tensor(found["losses"])[0], int(torch.as_tensor(found["diverged"])[0])
    assert diverged == int((~losses.isfinite()).int().argmax())
    assert not losses[diverged:].isfinite().any()


def test_a_runner_diverges_where_its_cost_is_no_longer_finite() -> None:
    """torch's slope of log is 1/x where log is not: a runner would go on beyond zero, and come back."""
    surface = Formula(text="log(x) + y*y")
    optimizers = [SGD(learning_rate=0.1), SGD(learning_rate=0.5), Adam(learning_rate=0.2)]
    entries = [Entry(optimizer=optimizer) for optimizer in optimizers]
    found = last(OptimizerRace(surface=surface, start=[0.5, 0.5], entries=entries, steps=200))
    paths, losses, diverged = (torch.as_tensor(found[name]) for name in ("paths", "losses", "diverged"))
    for row, optimizer in enumerate(optimizers):
        point = torch.tensor([0.5, 0.5], dtype=torch.float64, requires_grad=True)
        by_torch = optimizer.call().build(parameters=[point])
        expected = [point.detach().clone()]
        while bool((expected[-1][0] > 0).item()):
            by_torch.zero_grad()
            (torch.log(point[0]) + point[1] ** 2).backward()  # type: ignore[no-untyped-call]
            by_torch.step()
            expected.append(point.detach().clone())
        end = len(expected) - 1
        assert int(diverged[row]) == end
        torch.testing.assert_close(
            paths[row, : end + 1].double(), torch.stack(expected), rtol=1e-5, atol=1e-6
        )
        assert paths[row, end + 1 :].isnan().all()
        assert losses[row, :end].isfinite().all()
        assert losses[row, end:].isnan().all()


def test_a_pad_knows_of_runs_that_had_no_cost_on_the_way() -> None:
    study = OptimizerPad(surface=Formula(text="log(x) + y*y"), start=[0.5, 0.5], steps=50, resolution=5)
    found = last(study)
    # Every run goes down the logarithm to zero, and over it, but for those that are too slow to get there.
    slow = (torch.as_tensor(found["rates"]) < 0.01).expand(5, 5)
    assert (torch.as_tensor(found["steps"])[~slow] == DIVERGED).all()
