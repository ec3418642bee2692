"""The state of a training: exact when loaded, and kept by name where the network has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from glassnet.engine.errors import CheckpointError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import (
    cnn,
    dropout_mlp,
    experiment,
    losses,
    mlp,
    same,
    weights,
)


@pytest.mark.parametrize(
    "made",
    [
        dropout_mlp(optimizer={"kind": "adam"}, batch_size=30),
        cnn(optimizer={"kind": "sgd", "momentum": 0.9}),
        mlp(4, regularizers=[{"kind": "l1", "form": "kill", "strength": 0.1}], batch_size=30),
    ],
    ids=["dropout and Adam", "batch norm", "killed weights"],
)
def test_a_loaded_state_goes_on_bit_for_bit_in_the_middle_of_an_epoch(made: Experiment) -> None:
    original = Trainer(made)
    losses(original, original.steps_per_epoch + 2)
    state = original.state()
    kept = {name: tensor.clone() for name, tensor in state.items()}
    steps = original.steps_per_epoch + 3
    expected = losses(original, steps)
    assert same(state, kept), "a state is a copy"
    for fresh in (Trainer(made), Trainer(made, replay=False)):
        fresh.load(state)
        assert same(fresh.state(), state)
        assert losses(fresh, steps) == expected
        assert same(fresh.state(), original.state())
        assert fresh.evaluate() == original.evaluate()


def test_a_used_trainer_can_be_rewound() -> None:
    trainer = Trainer(dropout_mlp())
    losses(trainer, 7)
    state = trainer.state()
    expected = losses(trainer, 20)
    trainer.load(state)
    assert trainer.steps_taken == 7
    assert losses(trainer, 20) == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state.pop("parameters/linear1.weight"), "is missing in the state"),
        (lambda state: state.update(extra=torch.zeros(1)), "'extra' is missing in the trainer"),
        (
            lambda state: state.update({"parameters/linear1.weight": torch.zeros(3, 3)}),
            r"float32 \[3, 3\] in the state; expected float32 \[4, 2\]",
        ),
        (
            lambda state: state.update({"parameters/linear1.bias": torch.zeros(4, dtype=torch.float64)}),
            "float64",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: Callable[[Any], object], words: str) -> None:
    trainer = Trainer(mlp(4))
    losses(trainer, 3)
    before, state = trainer.state(), trainer.state()
    change(state)
    with pytest.raises(CheckpointError, match=words):
        trainer.load(state)
    assert same(trainer.state(), before)


def test_adopting_keeps_weights_by_name() -> None:
    old = Trainer(mlp(6, 4, optimizer={"kind": "adam"}))
    losses(old, 12)
    nodes = [node.model_dump(mode="json") for node in old.experiment.network]
    nodes[2:2] = [{"kind": "linear", "name": "added", "units": 6}, {"kind": "relu", "name": "relu1"}]
    nodes[4] = {"kind": "linear", "name": "linear2", "units": 5}
    new = Trainer(experiment(nodes, optimizer={"kind": "adam"}))
    fresh = weights(new)
    taken = new.load_matching(old.state())
    before, after = weights(old), weights(new)
    assert torch.equal(after["linear1.weight"], before["linear1.weight"])
    assert torch.equal(after["linear1.bias"], before["linear1.bias"])
    assert torch.equal(after["added.weight"], fresh["added.weight"])
    assert torch.equal(after["linear2.weight"][:4], before["linear2.weight"]), "units that stay keep theirs"
    assert torch.equal(after["linear2.weight"][4:], fresh["linear2.weight"][4:])
    assert torch.equal(
        new.state()["optimizer/0/adam/mean/linear1.weight"],
        old.state()["optimizer/0/adam/mean/linear1.weight"],
    )
    assert {"parameters/linear1.weight", "step", "generator/dropout"} <= set(taken)
    assert "parameters/added.weight" not in taken
    assert (new.steps_taken, int(new.groups[0].count)) == (12, 12)
    assert torch.equal(new.order.permutation, old.order.permutation)
    assert new.order.batch == old.order.batch
    losses(new, 5)


@pytest.mark.parametrize(
    ("before", "after"), [((6, 4), (9, 4)), ((6, 4), (3, 4)), ((6, 4), (6, 7)), ((6, 4), (2, 9))]
)
def test_a_layer_that_grows_or_shrinks_keeps_the_units_that_stay(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    old, new = (Trainer(mlp(*units, optimizer={"kind": "adam"})) for units in (before, after))
    losses(old, 12)
    fresh = new.state()
    new.load_matching(old.state())
    states = zip(*(sorted(trainer.state().items()) for trainer in (old, new)), strict=True)
    for (name, was), (_, now) in states:
        if not name.startswith(("parameters/", "optimizer/")):
            continue
        place = tuple(slice(min(sizes)) for sizes in zip(was.shape, now.shape, strict=True))
        assert torch.equal(now[place], was[place]), name
        rest = torch.ones_like(now, dtype=torch.bool)
        rest[place] = False
        assert torch.equal(now[rest], fresh[name][rest]), name
    losses(new, 5)


def test_adopting_from_another_optimizer_starts_its_averages_and_its_count_anew() -> None:
    for before, after in (("rmsprop", "adam"), ("sgd", "adam"), ("adam", "rmsprop"), ("adam", "sgd")):
        old = Trainer(mlp(4, optimizer={"kind": before, "learning_rate": 0.01}))
        losses(old, 50)
        new = Trainer(mlp(4, optimizer={"kind": after, "learning_rate": 0.01}))
        new.load_matching(old.state())
        state = new.state()
        assert torch.equal(state["parameters/linear1.weight"], old.state()["parameters/linear1.weight"])
        slots = [name for name in state if name.startswith("optimizer/0/") and "linear1" in name]
        assert slots
        assert all(not state[name].any() for name in slots)
        assert state[f"optimizer/0/{after}/count"] == 0


def test_adopting_the_state_of_the_same_experiment_is_loading_it() -> None:
    old, new = Trainer(dropout_mlp()), Trainer(dropout_mlp())
    losses(old, 13)
    new.load_matching(old.state())
    assert same(new.state(), old.state())
    assert losses(new, 10) == losses(old, 10)


def test_other_data_begin_an_epoch_of_their_own() -> None:
    old = Trainer(mlp(4, batch_size=10))
    losses(old, 7)
    new = Trainer(mlp(4, batch_size=10, data={"kind": "circle", "samples": 100}))
    new.load_matching(old.state())
    assert new.order.batch == 0
    assert sorted(new.order.permutation.tolist()) == list(range(50))
    assert torch.equal(weights(new)["linear1.weight"], weights(old)["linear1.weight"])
