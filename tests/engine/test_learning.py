"""What the first networks must learn: medians over seeds, on one thread in well under a minute.

The times are those of a slow machine with two busy cores.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, experiment, mlp

PRESETS = Path(__file__).resolve().parents[2] / "app" / "presets"
ADAM = {"kind": "adam", "learning_rate": 0.01}
REGRESSION: Document = {"kind": "regression", "losses": [{"kind": "mse"}]}
BINARY: Document = {"kind": "classification", "losses": [{"kind": "binary_cross_entropy"}]}


def results(made: Experiment, metric: str, seeds: range) -> list[float]:
    """The metric after the whole training, for each seed."""
    found = []
    for seed in seeds:
        trainer = Trainer(made.model_copy(update={"seed": seed}))
        for _ in range(trainer.steps):
            trainer.step()
        found.append(trainer.evaluate()[metric])
    return found


def median_holds(made: Experiment, metric: str, seeds: range, holds: Callable[[float], bool]) -> bool:
    """Whether the median over an odd number of seeds is within a bound: whether most of the seeds are.

    No more seeds are trained than it takes to know.
    """
    most = len(seeds) // 2 + 1
    within = 0
    for place, seed in enumerate(seeds):
        within += holds(*results(made, metric, range(seed, seed + 1)))
        if within == most or place + 1 - within == most:
            break
    return within == most


def points(kind: str, *units: int, epochs: int, task: Document) -> Experiment:
    """A tanh network on 250 training points of noise 0, in batches of 10."""
    data = {"kind": kind, "samples": 500, "noise": 0.0, "test_share": 0.5}
    return mlp(*units, data=data, task=task, epochs=epochs, batch_size=10, optimizer=ADAM)


def test_the_first_start_learns_the_spiral() -> None:
    """Two or three seeds, 1 s each."""
    first = min(PRESETS.glob("*.json"))
    made = Experiment.parse(json.loads(first.read_text(encoding="utf-8")))
    assert made.training.epochs <= 300
    assert median_holds(made, "test_accuracy", range(3), lambda each: each >= 0.97)


def test_the_spiral_is_learned_by_three_layers_of_eight() -> None:
    """Two or three seeds, 1 s each."""
    made = points("spiral", 8, 8, 8, epochs=300, task=BINARY)
    assert median_holds(made, "test_accuracy", range(3), lambda each: each >= 0.93)


@pytest.mark.parametrize(
    ("kind", "least"),
    [("xor", 0.95), *(pytest.param(kind, 0.98, marks=pytest.mark.thorough) for kind in ("circle", "gauss"))],
)
def test_the_easy_sets_are_learned_by_two_layers_of_four_and_two(kind: str, least: float) -> None:
    """Three to five seeds, 2 s at most."""
    made = points(kind, 4, 2, epochs=200, task=BINARY)
    assert median_holds(made, "test_accuracy", range(5), lambda each: each >= least)


@pytest.mark.parametrize(
    ("kind", "most"),
    [pytest.param("regression_plane", 0.005, marks=pytest.mark.thorough), ("regression_gauss", 0.03)],
)
def test_heights_are_learned_by_two_layers_of_eight(kind: str, most: float) -> None:
    """Two or three seeds, 2 s at most."""
    made = points(kind, 8, 8, epochs=200, task=REGRESSION)
    assert median_holds(made, "test_loss", range(3), lambda each: each < most)


def test_iris_is_told_apart_by_sixteen_rectifiers() -> None:
    """Three to five seeds, under 1 s."""
    made = mlp(16, activation="relu", data={"kind": "iris"}, epochs=60, optimizer=ADAM)
    assert median_holds(made, "test_accuracy", range(5), lambda each: each >= 0.93)


def test_digits_are_read_by_dense_layers() -> None:
    """One seed, 2 s."""
    nodes: list[Document] = [
        {"kind": "flatten"},
        {"kind": "linear", "units": 64, "initializer": {"kind": "he"}},
        {"kind": "relu"},
        {"kind": "linear", "units": 32, "initializer": {"kind": "he"}},
        {"kind": "relu"},
        {"kind": "linear", "units": None},
    ]
    made = experiment(nodes, data={"kind": "digits"}, batch_size=32, epochs=20, optimizer=ADAM)
    assert results(made, "test_accuracy", range(1))[0] >= 0.95


def test_digits_are_read_by_two_convolutions() -> None:
    """One seed, 4 s."""
    nodes: list[Document] = [
        {"kind": "conv2d", "filters": 16, "padding": "same"},
        {"kind": "relu"},
        {"kind": "conv2d", "filters": 32, "padding": "same"},
        {"kind": "relu"},
        {"kind": "max_pool2d"},
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]
    adam = {"kind": "adam", "learning_rate": 0.002}
    made = experiment(nodes, data={"kind": "digits"}, batch_size=32, epochs=8, optimizer=adam)
    assert results(made, "test_accuracy", range(1))[0] >= 0.97


@pytest.mark.thorough
def test_a_small_convolutional_network_tells_shapes_apart() -> None:
    """One seed, six epochs of 3200 pictures of 32×32: 10 s."""
    preset = (PRESETS / "20-shapes-convolution.json").read_text(encoding="utf-8")
    document = json.loads(preset)
    document["training"]["epochs"] = 6
    (accuracy,) = results(Experiment.parse(document), "test_accuracy", range(1))
    assert accuracy >= 0.95


@pytest.mark.parametrize(("seed", "learns"), [(0, True), (1, False)])
def test_the_preset_of_xor_starts_where_it_learns_and_says_that_others_do_not(
    seed: int, learns: bool
) -> None:
    """Two units in the second layer are few: of thirty starts, four stay at three quarters."""
    document = json.loads((PRESETS / "03-xor.json").read_text())
    assert document["seed"] == 0
    assert "gets stuck" in document["title"]
    trainer = Trainer(Experiment.parse({**document, "seed": seed}))
    while not trainer.finished:
        trainer.step()
    assert (trainer.evaluate()["train_accuracy"] > 0.95) == learns
