"""What an edit replaces is freed at once, and an edit that changes no number replaces nothing."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.catalog import catalog
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.edits import apply_patch, is_live
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.recovery import Recovery
from glassnet.engine.training.safe_copy import OnDisk
from glassnet.engine.training.trainer import Trainer
from glassnet.engine.training.training_state import TrainingState
from tests.engine.experiments import cnn, dropout_mlp, experiment, losses, mlp, same
from tests.engine.session_run import DIVERGING, PICTURES, RATE, Run, replace

Make = Callable[..., Run]

#: Every picture that a spiral can be looked at with, those that collect among them.
WATCHED = [*PICTURES, {"kind": "trajectory"}, {"kind": "sharpness"}]


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collector: what is freed here is freed because nothing refers to it."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def held() -> int:
    """Bytes in all tensors that anything refers to, each storage once."""
    gc.collect()
    storages = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
        for tensor in gc.get_objects()
        if type(tensor) in (torch.Tensor, torch.nn.Parameter)
    }
    return sum(storages.values())


@pytest.mark.parametrize("replays", [True, False])
@pytest.mark.parametrize("command", ["edit", "reset"])
def test_a_trainer_that_was_replaced_is_freed_at_once(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    replays: bool,
    command: str,
) -> None:
    if not replays:
        monkeypatch.setattr("glassnet.engine.training.capture_policy.CAPTURE_UP_TO", 0)
    run = make(mlp(6, 5, epochs=30))
    assert run.session.trainer.replays is replays
    run.tell("watch", probes=WATCHED)
    run.step(12)
    old = run.session.trainer
    parts = [
        weakref.ref(part) for part in (old, old.network, old.evaluation_network, old.groups[0], old.plan)
    ]
    with uncollected():
        del old
        answer = run.edit(replace("/network/0/units", 7)) if command == "edit" else run.tell("reset")
        assert answer["type"] == "ack"
        assert [part() for part in parts] == [None] * len(parts)


def test_a_trainer_is_freed_when_nothing_refers_to_it() -> None:
    for made in (cnn(), mlp(4)):
        trainer = Trainer(made, replay=False)
        losses(trainer, 3)
        trainer.evaluate()
        gone = weakref.ref(trainer)
        with uncollected():
            del trainer
            assert gone() is None


@pytest.mark.parametrize("path", ["/title", "/watch"])
def test_an_edit_that_concerns_no_number_touches_nothing(make: Make, path: str) -> None:
    run = make(mlp(6, epochs=30))
    run.tell("watch", probes=WATCHED)
    run.step(3)
    trainer, rows = run.session.trainer, len(run.outlet.column("evaluation", "train_loss"))
    parts = [trainer.network, trainer.plan, trainer.recovery.copy, trainer._stepper._step, trainer._evaluator]
    assert run.edit(replace(path, "Another" if path == "/title" else []))["applied"] == "live"
    run.session.advance()
    assert run.session.trainer is trainer
    now = [trainer.network, trainer.plan, trainer.recovery.copy, trainer._stepper._step, trainer._evaluator]
    assert all(before is after for before, after in zip(parts, now, strict=True))
    assert len(run.outlet.column("evaluation", "train_loss")) == rows
    assert trainer.experiment is run.session.experiment


def test_edits_hold_no_more_memory_than_the_first_did(make: Make) -> None:
    run = make(mlp(150, 150, epochs=30))
    run.tell("watch", probes=PICTURES)
    patches = [
        lambda number: replace("/title", f"Title {number}"),
        lambda number: replace(RATE, 0.01 / (1 + number)),
        lambda number: replace("/training/batch_size", 10 + number % 2),
    ]

    def edited(times: int) -> int:
        for number in range(times):
            run.step(1)
            assert run.edit(patches[number % 3](number))["type"] == "ack"
        run.step(1)
        return held()

    before = edited(6)
    assert edited(60) <= before * 1.02


def test_edits_of_width_hold_what_can_be_undone_and_no_more(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glassnet.engine.run.removed_weights.MOST_BYTES", 1_000_000)
    run = make(mlp(300, epochs=30))
    before = held()
    for width in (400, 500, 600, 700, 300):
        run.step(1)
        run.edit(replace("/network/0/units", width))
    run.step(1)
    state = sum(tensor.nbytes for tensor in run.session.trainer.tensors().values())
    assert held() - before <= 1_000_000 + 4 * state


# Edits in place ------------------------------------------------------------------------------------------

LEAKY: list[dict[str, Any]] = [
    {"kind": "linear", "name": "linear1", "units": 8},
    {"kind": "leaky_relu", "name": "leaky1", "slope": 0.2},
    {"kind": "batch_norm", "name": "norm1"},
    {"kind": "dropout", "name": "dropout1", "p": 0.3},
    {"kind": "linear", "name": "output", "units": None},
]

#: Live edits of every kind: of a node, a loss, an update and its schedule, a regularizer, the whole.
LIVE = [
    (experiment(LEAKY), [replace("/network/1/slope", 0.01), replace("/network/3/p", 0.6)]),
    (experiment(LEAKY), [replace("/task/losses/0/weight", 3.0)]),
    (experiment(LEAKY, optimizer={"kind": "adam"}), [replace(RATE, 0.3), replace(RATE[:-13] + "beta1", 0.5)]),
    (
        mlp(4, updates=[{"schedule": {"kind": "step", "period": 3}}]),
        [replace("/training/updates/0/schedule/period", 1)],
    ),
    (
        mlp(4, regularizers=[{"kind": "l1", "strength": 0.1}, {"kind": "l2", "strength": 0.1}]),
        [replace(f"/training/regularizers/{number}/strength", 0.5) for number in (0, 1)],
    ),
    (dropout_mlp(), [replace("/training/epochs", 3)]),
]


@pytest.mark.parametrize("replay", [True, False])
@pytest.mark.parametrize(("before", "patch"), LIVE)
def test_a_live_edit_in_place_is_what_building_anew_would_be(
    before: Experiment, patch: list[Any], replay: bool
) -> None:
    after = apply_patch(before, patch)
    assert is_live(before, after)
    trainer, anew = Trainer(before, replay=replay), Trainer(after, replay=replay)
    losses(trainer, 13)
    trainer.evaluate()
    anew.load_matching(trainer.state())
    flat = [group.flat.data_ptr() for group in trainer.groups]
    assert trainer.apply_live_edit(after)
    assert trainer.evaluate() == anew.evaluate()
    assert losses(trainer, 20) == losses(anew, 20)
    assert trainer.evaluate() == anew.evaluate()
    assert same(trainer.state(), anew.state())
    assert [group.flat.data_ptr() for group in trainer.groups] == flat


# No memory for two ---------------------------------------------------------------------------------------


def test_an_edit_without_memory_for_it_is_refused_and_the_run_goes_on(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, plain = make(mlp(6, epochs=30)), make(mlp(6, epochs=30))
    for each in (run, plain):
        each.step(5)

    def full(*args: Any, **options: Any) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")

    with monkeypatch.context() as context:
        context.setattr("glassnet.engine.training.single.parameter_groups", full)
        answer = run.edit(replace("/network/0/units", 9))
        assert answer["type"] == "error"
        assert answer["errors"][0]["pointer"] == "/patch"
        assert "not enough memory" in answer["detail"]
        assert run.tell("reset")["errors"][0]["pointer"] == "/type"
    assert (run.session.revision, run.state) == (0, "paused")
    for each in (run, plain):
        each.step(5)
    assert same(run.session.trainer.state(), plain.session.trainer.state())


# What is written -----------------------------------------------------------------------------------------


def test_a_large_state_is_written_without_a_copy_and_the_best_on_disk(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glassnet.engine.training.training_state.LARGE", 0)
    monkeypatch.setattr(TrainingState, "copy", _no_copy)
    monkeypatch.setattr(Recovery, "save_safe_copy", lambda recovery: None)
    run = make(mlp(6, epochs=3))
    run.step(60)
    assert run.state == "finished"
    now = {name: tensor.clone() for name, tensor in run.session.trainer.tensors().items()}
    assert run.tell("copy", name="study-1")["type"] == "ack"
    found = Snapshot.read(run.directory.snapshot("study-1")).state
    assert found is not None
    assert same(found, now)
    losses_ = run.outlet.column("evaluation", "train_loss")
    info, _ = run.directory.load_checkpoint("best")
    assert info.metrics["train_loss"] == pytest.approx(min(losses_[1:]))


def _no_copy(state: TrainingState) -> None:
    raise AssertionError("a copy of the whole state")


@pytest.mark.parametrize("large", [False, True])
def test_a_checkpoint_of_parts_of_one_tensor_is_read_back_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        monkeypatch.setattr(checkpoint, "LARGE", 0)
    flat = torch.arange(12.0)
    state = {
        "a": flat[:4].view(2, 2),
        "b": flat[4:9],
        "count": torch.tensor(7),
        "mask": torch.tensor([True, False]),
        "half": torch.ones(3, dtype=torch.float64)[::2],
    }
    checkpoint.save(tmp_path, CheckpointInfo("c", 1, 0.5, 0, 0.0, {}), state)
    info, found = checkpoint.read(tmp_path, "c")
    assert (info.step, json.loads((tmp_path / "c.json").read_text())["name"]) == (1, "c")
    assert same(found, state)
    assert not list(tmp_path.glob("*.part"))


def test_a_run_goes_on_from_a_large_checkpoint_bit_for_bit(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checkpoint, "LARGE", 0)
    run, plain = make(dropout_mlp()), make(dropout_mlp())
    for each in (run, plain):
        each.step(7)
    again = run.reopened(resume="latest")
    for each in (again, plain):
        each.step(7)
    assert same(again.session.trainer.state(), plain.session.trainer.state())
    again.directory.close()


@pytest.mark.parametrize("kind", sorted(catalog(Optimizer)))
def test_a_large_group_is_moved_piece_by_piece_to_the_same_bit(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made = mlp(9, 7, optimizer={"kind": kind, "learning_rate": 0.01})
    whole = Trainer(made)
    losses(whole, 12)
    monkeypatch.setattr("glassnet.engine.training.parameter_groups.ParameterGroup.CHUNK", 24)
    pieces = Trainer(made)
    losses(pieces, 12)
    assert same(whole.state(), pieces.state())


def test_a_large_network_that_diverges_goes_back_to_what_lies_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverged() -> tuple[str, Trainer]:
        trainer = Trainer(DIVERGING, scratch=tmp_path)
        with pytest.raises(Diverged) as raised:
            losses(trainer, 200)
        return str(raised.value), trainer

    monkeypatch.setattr("glassnet.engine.training.recovery.COPY_EVERY", 1)
    said, small = diverged()
    monkeypatch.setattr("glassnet.engine.training.training_state.LARGE", 0)
    written = []
    monkeypatch.setattr(
        OnDisk, "put", lambda disk, tensors, put=OnDisk.put: written.append(put(disk, tensors))
    )
    said_again, large = diverged()
    assert (said_again, len(written) > 1) == (said, True)
    assert same(large.state(), small.state())
    assert list(tmp_path.iterdir()) == []
