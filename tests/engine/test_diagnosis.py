"""Diagnosis: what goes wrong is found, where it is, by which numbers; and cures that can be built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glassnet.engine.diagnosis import Course, Reading, cures_of, diagnose
from glassnet.engine.diagnosis.cures import FOR, KINDS
from glassnet.engine.diagnosis.reading import DeadUnits, read
from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, mlp
from tests.engine.session_run import DIVERGING, RATE, Message, Run, replace

PRESETS = Path("app/presets")


def preset(number: int, **training: Any) -> Experiment:
    """A shipped example."""
    (path,) = PRESETS.glob(f"{number:02}-*.json")
    experiment = Experiment.parse(path.read_text())
    return experiment.model_copy(
        update={"training": experiment.training.model_copy(update=training)} if training else {}
    )


def course(losses: list[tuple[float, float]], **more: Any) -> Course:
    """Readings at steps 0, 100, …, of (training loss, test loss)."""
    made = Course()
    for number, (train, test) in enumerate(losses):
        metrics = {"train_loss": train, "test_loss": test}
        flow = {"linear1": 1.0, "output": 1.0} if number else {}
        made.add(Reading(100 * number, number, metrics, more.get("gradients", flow), more.get("dead", {})))
    return made


@pytest.mark.parametrize(
    ("losses", "more", "trouble", "node"),
    [
        ([(1.0, 1.0), (0.5, 0.6), (0.2, 0.4)], {}, None, None),
        ([(1.0, 1.0), (3.0, 3.0), (8.0, 8.0)], {}, "exploding", None),
        ([(1.0, 1.0), (23.0, 23.0)], {}, None, None),
        ([(1.0, 1.0), (23.0, 23.0), (0.3, 0.3)], {}, None, None),
        ([(1.0, 1.0), (80_000.0, 80_000.0), (9.0, 9.0)], {}, None, None),
        ([(1.0, 1.0), (23.0, 23.0), (12.0, 12.0)], {}, "exploding", None),
        ([(1.0, 1.0)] * 12, {}, "stalled", None),
        ([(1.0, 1.0)] * 4, {"gradients": {"linear1": 1e-4, "output": 1.0}}, "vanishing", "linear1"),
        ([(1.0, 1.0)] * 12, {"gradients": {"linear1": 0.0, "output": 1.0}}, "stalled", "linear1"),
        ([(1.0, 1.0), (0.9, 0.9)], {"dead": {"relu1": DeadUnits(11, 20)}}, "dead_units", "relu1"),
        ([(1.0, 1.0), (0.9, 0.9)], {"dead": {"relu1": DeadUnits(10, 20)}}, None, None),
        ([(1.0, 1.0), (0.9, 0.9)], {"dead": {"relu1": DeadUnits(10, 16)}}, None, None),
        ([(1.0, 1.0), (0.9, 0.9)], {"dead": {"relu1": DeadUnits(4, 4)}}, "dead_units", "relu1"),
        ([(1.0, 1.0), (0.3, 0.4), *[(0.1, 0.9)] * 5], {}, "overfitting", None),
        ([(1.0, 1.0), (0.3, 0.4), *[(0.1, 0.9)] * 4, (0.1, 0.4)], {}, None, None),
        ([(1.0, 1.0), (0.003, 0.004), *[(0.001, 0.04)] * 5], {}, None, None),
    ],
)
def test_a_trouble_is_told_by_its_numbers(
    losses: list[tuple[float, float]], more: dict[str, Any], trouble: str | None, node: str | None
) -> None:
    found = diagnose(course(losses, **more))
    assert (found and found.trouble, found and found.node) == (trouble, node)
    for each in found.evidence if found else ():
        assert each.value < each.bound if each.relation == "<" else each.value > each.bound


@pytest.mark.parametrize(
    ("accuracy", "samples", "found"), [(0.8, 400, True), (0.8, 30, False), (0.89, 400, False)]
)
def test_an_accuracy_tells_overfitting_where_it_falls_by_more_than_chance(
    accuracy: float, samples: int, found: bool
) -> None:
    """The loss of new samples rises by a tenth, which alone tells nothing."""
    rows = [(2.3, 2.3, 0.1)] + [(0.3, 0.4, 0.91)] * 5 + [(0.1, 0.44, accuracy)] * 5
    made = Course()
    for step, (train, test, right) in enumerate(rows):
        metrics = {"train_loss": train, "train_accuracy": 0.99, "test_loss": test, "test_accuracy": right}
        made.add(Reading(step, step, metrics, {}, {}, samples))
    told = diagnose(made)
    assert (told.trouble if told else None) == ("overfitting" if found else None)
    assert told is None or {each.relation for each in told.evidence} == {">", "<"}


def test_a_training_that_is_taken_up_in_its_middle_is_not_said_to_stall() -> None:
    made = Course()
    for step in range(1000, 2000, 100):
        made.add(Reading(step, step / 100, {"train_loss": 0.01, "test_loss": 0.01}, {"output": 1.0}, {}))
    assert diagnose(made) is None


def test_readings_are_the_gradients_of_layers_and_the_dead_units() -> None:
    trainer = Trainer(mlp(8, 8, activation="relu"))
    trainer.step()
    reading = read(trainer, trainer.evaluate(), count_dead=True)
    gradients = dict(zip(trainer.groups[0].names, trainer.groups[0].gradients, strict=True))
    whole = gradients["linear2.weight"].square().sum() + gradients["linear2.bias"].square().sum()
    assert reading.gradients["linear2"] == pytest.approx(float(whole.sqrt()), rel=1e-6)
    assert list(reading.gradients) == ["linear1", "linear2", "output"]
    assert {name: each.units for name, each in reading.dead.items()} == {"relu1": 8, "relu2": 8}


def test_dead_units_are_counted_ever_more_rarely() -> None:
    made, counted = Course(), []
    for number in range(100):
        if made.wants_dead_units:
            counted.append(number)
        made.add(Reading(number, 0, {"train_loss": 1, "test_loss": 1}, {}, {}))
    assert counted == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96]


def findings(run: Run) -> list[Message]:
    return [each for each in run.directory.events() if each["type"] == "finding"]


@pytest.mark.parametrize(
    ("number", "trouble", "node"),
    [(28, "vanishing", "linear1"), (16, "exploding", None), (29, "dead_units", None)],
)
def test_a_run_that_goes_wrong_says_so_once_with_its_cures(
    make: Callable[..., Run], number: int, trouble: str, node: str | None
) -> None:
    run = make(preset(number, epochs=5))
    run.tell("play")
    run.rest()
    (found,) = findings(run)
    assert (found["trouble"], found["life"], found["revision"]) == (trouble, 0, 0)
    assert node in (None, found["node"])
    assert [
        event["event"]["trouble"] for event in run.outlet.said("event") if "trouble" in event["event"]
    ] == [trouble]
    for cure in found["cures"]:
        planner.plan(apply_patch(run.session.experiment, cure["patch"]))
    assert {cure["kind"] for cure in found["cures"]} <= set(FOR[found["trouble"]])


def test_a_finding_is_told_anew_in_another_life_and_not_by_another_session(make: Callable[..., Run]) -> None:
    run = make(preset(28, epochs=5))
    run.step(100)
    run = run.reopened(resume="latest")
    run.step(5)
    assert len(findings(run)) == 1
    run.tell("reset")
    run.step(100)
    assert [each["life"] for each in findings(run)] == [0, 1]
    run.directory.close()


def test_a_run_that_was_mended_is_judged_anew(make: Callable[..., Run]) -> None:
    run = make(DIVERGING)
    run.tell("play")
    run.rest()
    assert [each["trouble"] for each in findings(run)] == ["exploding"]
    run.edit(replace(RATE, 1e-3))
    run.tell("rewind", checkpoint="best")
    run.step(60)
    assert len(findings(run)) == 1


def test_every_cure_is_tried_for_some_trouble_and_gives_a_network_that_can_be_built() -> None:
    assert {kind for kinds in FOR.values() for kind in kinds} == set(KINDS)
    for experiment in (mlp(8, 8), mlp(8, 8, activation="sigmoid"), mlp(8, 8, activation="relu"), cnn()):
        for trouble in FOR:
            for cure in cures_of(trouble, experiment):
                assert apply_patch(experiment, list(cure.patch)) != experiment


def test_cures_leave_out_what_has_no_place() -> None:
    assert "augmentation" not in {cure.kind for cure in cures_of("overfitting", mlp(8))}
    assert "augmentation" in {cure.kind for cure in cures_of("overfitting", cnn())}
    assert "leaky_relu" not in {cure.kind for cure in cures_of("dead_units", mlp(8, activation="sigmoid"))}
    assert "relu" not in {cure.kind for cure in cures_of("vanishing", mlp(8, activation="relu"))}
