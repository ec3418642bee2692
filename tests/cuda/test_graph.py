"""Steps from CUDA graphs against the same steps run eagerly, on the card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.graphed_steps import GraphedSteps
from glassnet.engine.training.trainer import Trainer

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device here"),
]

DENSE: list[dict[str, Any]] = [
    {"kind": "linear", "units": 8},
    {"kind": "tanh"},
    {"kind": "dropout"},
    {"kind": "linear", "units": 8},
    {"kind": "relu"},
    {"kind": "linear", "units": None},
]
CONVOLUTIONAL: list[dict[str, Any]] = [
    {"kind": "conv2d", "filters": 8, "kernel": 3, "padding": 1},
    {"kind": "batch_norm"},
    {"kind": "relu"},
    {"kind": "max_pool2d"},
    {"kind": "conv2d", "filters": 8, "kernel": 3, "padding": 1},
    {"kind": "relu"},
    {"kind": "max_pool2d"},
    {"kind": "flatten"},
    {"kind": "linear", "units": None},
]
SPIRAL = {"kind": "spiral", "samples": 205}
GRATINGS = {"kind": "gratings", "samples": 300, "size": 28}


def adam(**further: Any) -> dict[str, Any]:
    return {"optimizer": {"kind": "adam", "learning_rate": 0.01}, **further}


CASES: dict[str, dict[str, Any]] = {
    "dense, dropout, a last batch that is smaller": {"data": SPIRAL, "network": DENSE},
    "sgd with momentum": {
        "data": SPIRAL,
        "network": DENSE,
        "training": {"updates": [{"optimizer": {"kind": "sgd", "learning_rate": 0.03, "momentum": 0.9}}]},
    },
    "a rate that changes, clipping and a penalty": {
        "data": SPIRAL,
        "network": DENSE,
        "training": {
            "updates": [adam(schedule={"kind": "cosine"})],
            "regularizers": [{"kind": "clip_norm"}, {"kind": "l2"}],
        },
    },
    "two optimizers, one every third step": {
        "data": SPIRAL,
        "network": DENSE,
        "training": {"updates": [adam(nodes="linear*"), adam(nodes="output*", every=3)]},
    },
    "two optimizers, each with losses of its own": {
        "data": SPIRAL,
        "network": DENSE,
        "task": {
            "kind": "classification",
            "losses": [
                {"kind": "cross_entropy", "name": "sharp"},
                {"kind": "cross_entropy", "name": "soft", "label_smoothing": 0.5},
            ],
        },
        "training": {
            "updates": [
                adam(nodes="linear*", losses=["soft"]),
                adam(nodes="output*", losses=["sharp"], every=2),
            ]
        },
    },
    "replicas, each with its own dropout and rate": {
        "data": SPIRAL,
        "network": DENSE,
        "training": {
            "replicas": 5,
            "updates": [adam(schedule={"kind": "reduce_on_plateau", "patience": 1})],
            "regularizers": [{"kind": "clip_norm"}, {"kind": "gradient_noise"}],
        },
    },
    "convolutions and batch norm": {
        "data": GRATINGS,
        "network": CONVOLUTIONAL,
        "training": {"batch_size": 32, "updates": [adam()]},
    },
    "convolutions in bfloat16": {
        "data": GRATINGS,
        "network": CONVOLUTIONAL,
        "training": {"batch_size": 32, "updates": [adam()], "precision": "bfloat16"},
    },
    "convolutions in tf32": {
        "data": GRATINGS,
        "network": CONVOLUTIONAL,
        "training": {"batch_size": 32, "updates": [adam()], "precision": "tf32"},
    },
}


@pytest.fixture(params=list(CASES))
def experiment(request: pytest.FixtureRequest) -> Experiment:
    document = dict(CASES[request.param])
    if "two optimizers" in request.param:
        document["network"] = [*DENSE[:-1], {"name": "output", **DENSE[-1]}]
    return Experiment.parse(document)


def taken(trainer: Trainer, steps: int) -> list[float]:
    losses = []
    for _ in range(steps):
        trainer.step()
        losses.append(trainer.take_loss())
    return losses


def test_graphs_give_the_bits_of_the_eager_step(experiment: Experiment) -> None:
    graphed, eager = Trainer(experiment, device="cuda"), Trainer(experiment, device="cuda", replay=False)
    steps = 3 * graphed.steps_per_epoch + 5
    assert taken(graphed, steps) == taken(eager, steps)
    assert_equal(graphed.state(), eager.state())
    made = graphed._stepper._step
    assert isinstance(made, GraphedSteps)
    assert made.graphs
    assert None not in made.graphs.values()


def test_rates_that_follow_a_metric_are_those_of_the_eager_step() -> None:
    """Graphs read the rates from the device's table, which is copied there when an epoch begins."""
    schedule = {"kind": "reduce_on_plateau", "patience": 0, "threshold": 0.9, "factor": 0.5}
    training = {"updates": [adam(schedule=schedule)]}
    experiment = Experiment.parse({"data": SPIRAL, "network": DENSE, "training": training})
    graphed, eager = Trainer(experiment, device="cuda"), Trainer(experiment, device="cuda", replay=False)
    rates = []
    for _ in range(5 * graphed.steps_per_epoch):
        graphed.step()
        eager.step()
        rates.append(float(graphed.groups[0].rate))
        assert rates[-1] == float(eager.groups[0].rate)
    assert len(set(rates)) > 2
    assert_equal(graphed.state(), eager.state())


def test_a_run_goes_on_exactly_where_it_was_stopped(experiment: Experiment) -> None:
    whole = Trainer(experiment, device="cuda")
    taken(whole, 17)
    kept = whole.state()
    rest = taken(whole, 30)
    again = Trainer(experiment, device="cuda")
    taken(again, 5)
    again.load(kept)
    assert taken(again, 30) == rest
    assert_equal(again.state(), whole.state())
    whole.load(kept)
    assert taken(whole, 30) == rest


def test_a_training_in_many_lives_is_one_training(experiment: Experiment) -> None:
    """Each life begins with eager steps and ends with graphs; it is measured in between."""
    straight, life = Trainer(experiment, device="cuda"), Trainer(experiment, device="cuda")
    for _ in range(20):
        assert taken(life, 11) == taken(straight, 11)
        assert life.evaluate() == straight.evaluate()
        kept = life.state()
        life = Trainer(experiment, device="cuda")
        life.load(kept)
    assert_equal(life.state(), straight.state())


def test_an_edit_of_the_rate_is_followed(experiment: Experiment) -> None:
    document = experiment.document()
    for update in document["training"]["updates"]:
        update["optimizer"]["learning_rate"] /= 2
    other = Experiment.parse(document)
    graphed, eager = Trainer(experiment, device="cuda"), Trainer(experiment, device="cuda", replay=False)
    for trainer in (graphed, eager):
        taken(trainer, 9)
        trainer.apply_live_edit(other)
    assert taken(graphed, 20) == taken(eager, 20)


def test_the_device_is_asked_for_nothing_between_rows(experiment: Experiment) -> None:
    trainer = Trainer(experiment, device="cuda")
    taken(trainer, 2 * trainer.steps_per_epoch + 6)
    trainer.save_safe_copy()
    with synchronisations_refused():
        for _ in range(min(90, trainer.steps_per_epoch)):
            trainer.step()


def test_losses_are_those_of_the_cpu(experiment: Experiment) -> None:
    if any(node.kind == "dropout" for node in experiment.network):
        document = experiment.document()
        document["network"] = [node for node in document["network"] if node["kind"] != "dropout"]
        experiment = Experiment.parse(document)
    far = {"bfloat16": 0.1, "tf32": 0.02}.get(experiment.training.precision, 1e-4)
    here, there = (taken(Trainer(experiment, device=device), 50) for device in ("cpu", "cuda"))
    assert max(abs(a - b) for a, b in zip(here, there, strict=True)) < far


def assert_equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    unequal = [name for name in one if not torch.equal(one[name].cpu(), other[name].cpu())]
    assert unequal == []


@contextmanager
def synchronisations_refused() -> Iterator[None]:
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")
