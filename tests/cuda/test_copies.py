"""Copies of a state come to the host beside training, and are of the step at which they were begun."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files import tensor_file
from glassnet.engine.run.snapshot import Snapshot, SnapshotWriter
from glassnet.engine.training.host_copy import DeviceCopy, HostCopy
from glassnet.engine.training.trainer import Trainer
from tests.cuda.test_graph import synchronisations_refused
from tests.engine.experiments import cnn, dropout_mlp, losses, mlp
from tests.engine.session_run import Run

LATEST = "latest.safetensors"

NETWORKS = {"dropout": dropout_mlp, "images": cnn}


def trained(experiment: Experiment, device: str, steps: int = 7) -> Trainer:
    trainer = Trainer(experiment, device=device)
    losses(trainer, steps)
    return trainer


def let_all_be_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every state be too large for another copy in host memory, and be written in many pieces."""
    monkeypatch.setattr("glassnet.engine.training.training_state.LARGE", 0)
    monkeypatch.setattr(tensor_file, "PIECE", 64)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_copy_is_of_its_step_whatever_the_next_steps_change(name: str, device: str) -> None:
    trainer = trained(NETWORKS[name](), device)
    before = {part: tensor.cpu().clone() for part, tensor in trainer.tensors().items()}
    copy = trainer.copy_to_host()
    losses(trainer, 3)
    assert list(copy) == list(before)
    assert not any(tensor.is_cuda for tensor in copy.values())
    assert [part for part in before if not torch.equal(copy[part], before[part])] == []
    assert b"".join(tensor_file.pieces(copy)) == b"".join(tensor_file.pieces(before))
    assert copy.arrived


def test_a_copy_has_tensors_of_every_type_and_shape(device: str) -> None:
    tensors = {
        name: tensor.to(device)
        for name, tensor in {
            "number": torch.tensor(3.5, dtype=torch.float64),
            "flags": torch.tensor([True, False, True]),
            "bytes": torch.arange(7, dtype=torch.uint8),
            "none": torch.empty(0, 4),
            "turned": torch.arange(12.0).view(3, 4).t(),
            "short": torch.arange(5).to(torch.bfloat16),
        }.items()
    }
    copy = HostCopy({**tensors, "of the host": torch.arange(3)})
    for name, tensor in tensors.items():
        assert copy[name].dtype == tensor.dtype
        assert torch.equal(copy[name], tensor.cpu()), name


def test_a_snapshot_is_written_once_its_state_has_arrived(device: str, tmp_path: Path) -> None:
    trainer = trained(mlp(4), device)
    expected = b"".join(Snapshot.of(trainer, "r", 0, 0).pieces())
    writer, path = SnapshotWriter(), tmp_path / "studies" / "one.safetensors"
    snapshot = Snapshot.of(trainer, "r", 0, 0)
    assert isinstance(snapshot.state, HostCopy)
    arrival, snapshot.state._transferred = snapshot.state._transferred, Mock(query=lambda: False)
    writer.begin("number", path, snapshot)
    for _ in range(3):
        trainer.step()
        assert writer.go_on() == []
        assert not path.parent.exists()
    snapshot.state._transferred = arrival
    finished: Sequence[object] = []
    while not finished:
        trainer.step()
        finished = writer.go_on()
    assert finished == [("number", None)]
    assert path.read_bytes() == expected


@pytest.mark.parametrize("large", [False, True])
def test_training_goes_on_while_the_checkpoint_to_resume_from_comes(
    large: bool, device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        let_all_be_large(monkeypatch)
    run = Run(tmp_path / "run", mlp(6, epochs=10**4), device=device)
    run.step(9)
    run.clock.now += 11
    run.tell("play")
    latest: list[int] = []
    steps: list[int] = []
    while len(set(latest)) < 2:
        latest.append(next(i for i in run.directory.checkpoints() if i.name == "latest").step)
        steps.append(run.session.trainer.steps_taken)
        run.session.advance()
    written = latest[-1]
    assert written in steps if device == "cpu" else written < steps[-1]
    info, state = run.directory.load_checkpoint("latest")
    run.session.close()
    straight = trained(mlp(6, epochs=10**4), device, info.step)
    kept = {name: tensor for name, tensor in state.items() if name.startswith(("parameters/", "optimizer/"))}
    assert kept
    own = straight.state()
    assert [name for name in kept if not torch.equal(kept[name], own[name].cpu())] == []


def test_a_large_copy_stays_on_the_device_and_comes_to_the_host_in_pieces(
    device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_all_be_large(monkeypatch)
    trainer = trained(mlp(4), device)
    if device == "cpu":
        pytest.skip("a large state of the CPU is written at once, without a copy")
    expected = Snapshot.of(trainer, "r", 0, 0)
    assert isinstance(expected.state, DeviceCopy)
    whole = b"".join(expected.pieces())
    writer, path = SnapshotWriter(), tmp_path / "studies" / "one.safetensors"
    writer.begin("number", path, Snapshot.of(trainer, "r", 0, 0))
    turns = 0
    finished: Sequence[object] = []
    while not finished:
        trainer.step()
        finished, turns = writer.go_on(), turns + 1
    assert turns > 10
    assert path.read_bytes() == whole


def test_where_the_device_has_no_room_a_large_state_is_written_at_once(
    device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_all_be_large(monkeypatch)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (64, 64 << 30))
    run = Run(tmp_path / "run", mlp(6, epochs=10**4), device=device)
    run.step(9)
    assert not Snapshot.of(run.session.trainer, "r", 0, 0).is_of_a_copy
    assert run.tell("copy", name="study-1")["type"] == "ack"
    run.clock.now += 11
    run.tell("play")
    run.session.advance()
    latest = next(info for info in run.directory.checkpoints() if info.name == "latest")
    assert latest.step == run.session.trainer.steps_taken
    run.session.close()


def test_a_run_that_is_paused_leaves_nothing_of_the_checkpoint_under_way(
    device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_all_be_large(monkeypatch)
    run = Run(tmp_path / "run", mlp(6, epochs=10**4), device=device)
    run.step(9)
    run.clock.now += 11
    run.tell("play")
    run.session.advance()
    folder = run.directory.path / "checkpoints"
    assert [path.name for path in folder.glob("*.part")] == ([] if device == "cpu" else [f"{LATEST}.part"])
    run.tell("pause")
    assert not list(folder.glob("*.part"))
    info, _ = run.directory.load_checkpoint("latest")
    assert info.step == run.session.trainer.steps_taken
    run.session.close()


def test_a_copy_that_is_under_way_is_of_no_life_that_follows(device: str, tmp_path: Path) -> None:
    run = Run(tmp_path / "run", mlp(6, epochs=10**4), device=device)
    run.step(9)
    run.tell("snapshot", name="nine")
    run.step(5)
    run.clock.now += 11
    run.tell("play")
    run.session.advance()
    assert run.tell("rewind", checkpoint="nine")["type"] == "ack"
    run.tell("play")
    for _ in range(3):
        run.session.advance()
    latest = next(info for info in run.directory.checkpoints() if info.name == "latest")
    assert latest.life == 1 or latest.step == 14
    run.session.close()


def test_the_host_waits_for_nothing_when_a_copy_begins() -> None:
    trainer = trained(mlp(8), "cuda", 40)
    losses(trainer, 1)
    with synchronisations_refused():
        torch.cuda._sleep(10**8)  # type: ignore[no-untyped-call]
        copy = trainer.copy_to_host()
        assert not copy.arrived
        trainer.step()
    assert copy["parameters/output.weight"].isfinite().all()
    assert copy.arrived
