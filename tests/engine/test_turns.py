"""Updates with losses of their own: each has a pass over the weights that the updates before it have left."""

from __future__ import annotations

import copy
import runpy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.training.trainer import Trainer

#: A maker, whose output a critic reads: one is to tell classes apart, the other that all are of equal doubt.
TWO_PLAYERS: dict[str, Any] = {
    "data": {"kind": "spiral", "samples": 40},
    "task": {
        "kind": "classification",
        "losses": [
            {"kind": "cross_entropy", "name": "critic"},
            {"kind": "cross_entropy", "name": "maker", "label_smoothing": 0.9, "weight": 2.0},
        ],
    },
    "network": [
        {"kind": "linear", "name": "maker_hidden", "units": 5},
        {"kind": "tanh"},
        {"kind": "linear", "name": "maker_out", "units": 3},
        {"kind": "linear", "name": "critic_hidden", "units": 4},
        {"kind": "tanh"},
        {"kind": "linear", "name": "critic_out", "units": None},
    ],
    "training": {
        "precision": "float64",
        "batch_size": 10,
        "updates": [
            {"nodes": "critic*", "losses": ["critic"], "optimizer": {"kind": "adam"}},
            {"nodes": "maker*", "losses": ["maker"], "optimizer": {"kind": "sgd", "learning_rate": 0.1}},
        ],
    },
}


def players(**training: Any) -> dict[str, Any]:
    document = copy.deepcopy(TWO_PLAYERS)
    document["training"] |= training
    return document


def changed(pointer: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(TWO_PLAYERS)
    place: Any = document
    for key in pointer[:-1]:
        place = place[key]
    place[pointer[-1]] = value
    return document


@pytest.mark.parametrize("replay", [True, False])
@pytest.mark.parametrize("every", [1, 2])
def test_each_turn_equals_a_loop_written_by_hand(replay: bool, every: int) -> None:
    document = changed(("training", "updates", 1, "every"), every)
    trainer = Trainer(Experiment.parse(document), replay=replay)
    network = copy.deepcopy(trainer.network)
    named = dict(network.named_parameters())
    critic = [p for name, p in named.items() if name.startswith("critic")]
    maker = [p for name, p in named.items() if name.startswith("maker")]
    steps = [torch.optim.Adam(critic, lr=0.01), torch.optim.SGD(maker, lr=0.1)]
    for group, optimizer in zip(trainer.groups, steps, strict=True):
        optimizer.param_groups[0]["lr"] = float(group.optimizer.learning_rate)
    total, pending = 0.0, [torch.zeros_like(p) for p in maker]
    for number in range(1, 7):
        trainer.step()
        start = trainer.order.batch_size * (trainer.order.batch - 1)
        batch = trainer.order.permutation[start : start + trainer.order.batch_size]
        inputs, targets = trainer.data.train.inputs[batch], trainer.data.train.targets[batch]
        first = cross_entropy(network(inputs)["critic_out"], targets)
        for p, gradient in zip(critic, torch.autograd.grad(first, critic), strict=True):
            p.grad = gradient
        steps[0].step()
        second = 2.0 * cross_entropy(network(inputs)["critic_out"], targets, label_smoothing=0.9)
        pending = [
            sum_ + gradient
            for sum_, gradient in zip(pending, torch.autograd.grad(second, maker), strict=True)
        ]
        if number % every == 0:
            for p, sum_ in zip(maker, pending, strict=True):
                p.grad = sum_ / every
            steps[1].step()
            pending = [torch.zeros_like(p) for p in maker]
        total += float((first + second).detach())
    for name, parameter in trainer.network.named_parameters():
        torch.testing.assert_close(parameter, named[name], rtol=0, atol=1e-12)
    assert trainer.take_loss() == pytest.approx(total / 6, abs=1e-12)


def test_it_goes_on_as_it_would_have() -> None:
    document = changed(("training", "updates", 1, "every"), 3)
    document["network"].insert(2, {"kind": "dropout"})
    trainer, other = (Trainer(Experiment.parse(document)) for _ in range(2))
    for _ in range(4):
        trainer.step()
    other.load(trainer.state())
    for each in (trainer, other):
        for _ in range(5):
            each.step()
    for mine, theirs in zip(trainer.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("every", [1, 2])
def test_the_script_does_the_same(tmp_path: Path, every: int) -> None:
    document = changed(("training", "updates", 1, "every"), every)
    document["training"]["regularizers"] = [
        {"kind": "l2"},
        {"kind": "clip_norm", "limit": 0.5},
    ]
    trainer = Trainer(Experiment.parse(document))
    mine = []
    for _ in range(20):
        trainer.step()
        mine.append(trainer.take_loss())
    path = tmp_path / "script.py"
    path.write_text(script(trainer.experiment)[0])
    assert runpy.run_path(str(path))["train"](20)[1] == pytest.approx(mine, abs=1e-5)


def test_a_single_update_may_follow_some_of_the_losses() -> None:
    document = players(updates=[{"losses": ["critic"]}], replicas=2)
    alone = players(updates=[{"losses": ["critic"]}])
    trainer, single = Trainer(Experiment.parse(document)), Trainer(Experiment.parse(alone))
    for each in (trainer, single):
        for _ in range(5):
            each.step()
    assert single.evaluate()["train_loss"] == pytest.approx(trainer.evaluate()["train_loss"], abs=1e-12)
    assert single.take_loss() < 1.5  # of the critic alone: the maker's would add 2 · 0.69


@pytest.mark.parametrize(
    ("pointer", "value", "at", "said"),
    [
        (
            ("training", "updates", 0, "losses"),
            ["nobody"],
            "/training/updates/0/losses/0",
            "'nobody' names no loss; expected critic, maker",
        ),
        (
            ("training", "updates", 0, "losses"),
            ["critic", "critic"],
            "/training/updates/0/losses/1",
            "'critic' stands here twice; expected it once",
        ),
        (
            ("training", "replicas"),
            2,
            "/training/replicas",
            "2 replicas with 2 updates; expected 1, or a single update",
        ),
        (
            ("task", "losses", 0),
            {"kind": "cross_entropy", "name": "critic", "node": "aside"},
            "/training/updates/0/losses",
            "critic: read nothing of what 'critic*' computes; expected a loss after one of these nodes",
        ),
    ],
)
def test_losses_that_no_update_can_follow(pointer: tuple[Any, ...], value: Any, at: str, said: str) -> None:
    document = changed(pointer, value)
    document["network"].insert(2, {"kind": "linear", "name": "aside", "units": 2})
    document["network"][3]["inputs"] = ["tanh1"]
    document["network"][1]["name"] = "tanh1"
    with pytest.raises(InvalidExperiment) as caught:
        Trainer(Experiment.parse(document))
    assert [(problem.pointer, problem.message) for problem in caught.value.problems] == [(at, said)]
