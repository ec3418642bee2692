"""The perceptron: its rule, the gates that it learns, and the two that it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from glassnet.engine.data.load import load
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer

Document = dict[str, Any]

#: numpy's functions of two truth values.
GATES: dict[str, Any] = {
    "and": np.logical_and,
    "or": np.logical_or,
    "nand": lambda a, b: ~np.logical_and(a, b),
    "nor": lambda a, b: ~np.logical_or(a, b),
    "xor": np.logical_xor,
    "xnor": lambda a, b: ~np.logical_xor(a, b),
}

OUTPUT: Document = {"kind": "linear", "name": "output", "units": None, "initializer": {"kind": "zeros"}}


def learning(gate: str, *hidden: Document, loss: str = "perceptron", **optimizer: Any) -> Trainer:
    """A network on a gate, trained one sample at a time."""
    document = {
        "data": {"kind": "logic_gate", "gate": gate, "samples": 40},
        "task": {"kind": "classification", "losses": [{"kind": loss}]},
        "network": [*hidden, {**OUTPUT, "initializer": {"kind": "xavier"}} if hidden else OUTPUT],
        "training": {
            "updates": [{"optimizer": {"kind": "sgd", "learning_rate": 1.0, **optimizer}}],
            "batch_size": 1,
            "epochs": 40,
        },
    }
    return Trainer(Experiment.parse(document))


@pytest.mark.parametrize("gate", GATES)
def test_the_corners_have_the_answers_of_numpy(gate: str) -> None:
    experiment = Experiment.parse({"data": {"kind": "logic_gate", "gate": gate, "noise": 1.0}})
    data = load(experiment.data, seed=0)
    corners = (
        torch.round(torch.cat([part.inputs[: len(part)] for part in (data.train, data.test)]).double() + 0.0)
        .bool()
        .numpy()
    )
    labels = torch.cat([data.train.targets, data.test.targets]).bool().numpy()
    assert (GATES[gate](corners[:, 0], corners[:, 1]) == labels).all()
    assert len(np.unique(corners, axis=0)) == 4


@pytest.mark.parametrize("gate", GATES)
def test_a_perceptron_learns_what_a_line_separates_and_nothing_else(gate: str) -> None:
    trainer = learning(gate)
    for _ in range(trainer.steps):
        trainer.step()
    accuracy = trainer.evaluate()["train_accuracy"]
    assert accuracy == 1 if "x" not in gate else accuracy <= 0.8


def test_its_steps_are_rosenblatts_rule() -> None:
    """w ← w + η t x where the sample is on the wrong side (or on the line), else nothing."""
    trainer = learning("nand")
    order = trainer.order
    weights, bias = np.zeros(2), 0.0
    for _ in range(30):
        before = trainer.state()
        trainer.step()
        after = trainer.state()
        moved = after["parameters/output.weight"] - before["parameters/output.weight"]
        changed = after["parameters/output.bias"] - before["parameters/output.bias"]
        if bool(changed):
            weights, bias = weights + moved[0].numpy(), bias + float(changed)
            side = float(changed)
            assert side in (-1.0, 1.0)
            x = moved[0].numpy() / side
            assert set(x) <= {0.0, 1.0}
            assert side == (-1 if x.all() else 1), "the answer of NAND there"
            old = before["parameters/output.weight"][0].numpy() @ x + float(before["parameters/output.bias"])
            assert side * old <= 0, "what is right changes nothing"
    assert order is trainer.order
    assert np.allclose(weights, trainer.state()["parameters/output.weight"][0].numpy())
    assert bias == float(trainer.state()["parameters/output.bias"])


def test_a_hidden_layer_solves_what_defeats_a_perceptron() -> None:
    hidden = ({"kind": "linear", "units": 4}, {"kind": "tanh"})
    trainer = learning("xor", *hidden, loss="binary_cross_entropy", learning_rate=0.3)
    for _ in range(trainer.steps):
        trainer.step()
    assert trainer.evaluate()["train_accuracy"] == 1
