"""Warm starts: what is trained, what stays, and what the whole network begins with."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.studies.layer_stack import LayerStack
from glassnet.engine.studies.warm_start import WarmStart, take
from glassnet.engine.training.trainer import Trainer

DENSE: list[dict[str, Any]] = [
    {"kind": "linear", "name": "first", "units": 4},
    {"kind": "batch_norm", "name": "norm"},
    {"kind": "tanh"},
    {"kind": "linear", "name": "second", "units": 4},
    {"kind": "tanh"},
    {"kind": "linear", "name": "third", "units": 4},
    {"kind": "tanh"},
    {"kind": "linear", "name": "output", "units": None},
]


def experiment(network: list[dict[str, Any]] = DENSE, data: str = "circle") -> Experiment:
    return Experiment.parse(
        {"data": {"kind": data, "samples": 40} if data == "circle" else {"kind": data}, "network": network}
    )


def test_a_stack_has_layers_with_what_follows_them_and_a_head() -> None:
    stack = LayerStack(experiment())
    assert [[node["name"] for node in layer] for layer in stack.layers] == [
        ["first", "norm", "tanh1"],
        ["second", "tanh2"],
        ["third", "tanh3"],
    ]
    assert [node["name"] for node in stack.head] == ["output"]
    convolution = {"kind": "conv2d", "filters": 2}
    pictures = LayerStack(
        experiment(
            [
                convolution,
                {"kind": "relu"},
                convolution,
                {"kind": "max_pool2d"},
                {"kind": "flatten"},
                DENSE[-1],
            ],
            "digits",
        )
    )
    assert [node["kind"] for node in pictures.head] == ["max_pool2d", "flatten", "linear"]
    assert [len(layer) for layer in pictures.layers] == [2, 1]


def test_layers_are_trained_one_by_one_and_those_below_stay() -> None:
    stack = LayerStack(experiment())
    trainer = Trainer(stack.up_to(2, last_alone=True))
    before = trainer.state()
    trainer.step()
    moved = {name for name, tensor in trainer.state().items() if not torch.equal(tensor, before[name])}
    moved = {name for name in moved if name.startswith("parameters/")}
    assert {name.rpartition(".")[0] for name in moved} == {"parameters/second", "parameters/output"}


def test_weights_are_taken_by_name_and_shape() -> None:
    small = Trainer(LayerStack(experiment()).up_to(1))
    small.step()
    whole = Trainer(experiment())
    initial = whole.state()
    weights = {name: tensor for name, tensor in small.state().items() if name.startswith("parameters/")}
    weights["parameters/second.weight"] = torch.zeros(1, 1)
    count = take(whole, weights)
    state = whole.state()
    assert torch.equal(state["parameters/first.weight"], weights["parameters/first.weight"])
    assert torch.equal(state["parameters/output.weight"], weights["parameters/output.weight"])
    assert torch.equal(state["parameters/second.weight"], initial["parameters/second.weight"])
    assert count == (4 * 2 + 4) + (4 + 4) + (2 * 4 + 2)


def test_curves_count_the_steps_before_and_the_cold_one_is_a_plain_training() -> None:
    parent = Trainer(experiment())
    untouched = parent.state()
    *_, last = WarmStart(pretraining=3, steps=6, rows=4).compute(parent)
    arrays = last.arrays
    assert int(arrays["before"]) == 6
    assert arrays["steps"].tolist() == [0, 3, 6, 9, 12]
    plain, losses = Trainer(experiment()), []
    for step in range(13):
        if step % 3 == 0:
            losses.append(plain.evaluate()["train_loss"])
        plain.step()
    assert arrays["cold.train_loss"].tolist() == pytest.approx(losses)
    assert torch.isnan(torch.as_tensor(arrays["grown.train_loss"])).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert int(arrays["cold.taken"]) == 0
    assert int(arrays["layer_wise.taken"]) > (4 * 2 + 4) + (4 * 4 + 4)
    assert all(torch.equal(tensor, untouched[name]) for name, tensor in parent.state().items())


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ([DENSE[0], DENSE[-1]], "1 hidden layers with weights; expected two or more"),
        ([*DENSE[:-1], {"kind": "add", "inputs": ["first", "third"]}, DENSE[-1]], "expected a chain"),
    ],
)
def test_what_is_no_stack_is_refused_before_a_worker_starts(
    network: list[dict[str, Any]], words: str
) -> None:
    with pytest.raises(InvalidCommand, match=words):
        WarmStart().check_experiment(experiment(network))


def test_a_start_is_shown_as_far_as_it_came_when_the_study_is_cancelled() -> None:
    work = WarmStart(pretraining=50, steps=50).compute(Trainer(experiment()))
    first = next(work)
    assert "steps" in first.arrays
    assert isinstance(work, Generator)
    work.close()


def test_two_layers_that_learned_let_four_learn_which_a_cold_start_does_not() -> None:
    """Four sigmoid layers of 64 on the digits, as VGG's deeper networks grew from a shallower one."""
    document = json.loads(Path("app/presets/28-digits-eight-sigmoids.json").read_text())
    flatten, *layers, output = document["network"]
    deep = Experiment.parse({**document, "network": [flatten, *layers[:8], output]})
    *_, last = WarmStart().compute(Trainer(deep))
    cold, grown = (float(last.arrays[f"{start}.train_loss"][-1]) for start in ("cold", "grown"))
    assert grown < 0.3 < 2 < cold
