"""A snapshot is the run as it stood, whatever training does while it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import safetensors
import safetensors.torch

from glassnet.engine.errors import CheckpointError, StorageError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files import tensor_file
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.run.snapshot import Snapshot, SnapshotWriter
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp, same


def trainer(**training: Any) -> Trainer:
    made = Trainer(mlp(6, optimizer={"kind": "adam"}, **training))
    for _ in range(7):
        made.step()
    return made


def written(path: Path, of: Trainer) -> Path:
    snapshot_writer = SnapshotWriter()
    snapshot_writer.begin(1, path, Snapshot.of(of, run="r", life=2, revision=3))
    while snapshot_writer.busy:
        snapshot_writer.go_on()
    return path


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_trainer_from_a_snapshot_goes_on_bit_for_bit(tmp_path: Path, precision: str) -> None:
    original = trainer(precision=precision)
    found = Snapshot.read(written(tmp_path / "s.safetensors", original))
    assert (found.run, found.life, found.revision, found.step) == ("r", 2, 3, 7)
    assert found.epoch == original.epoch
    copy = found.trainer(device="cpu")
    for one in (original, copy):
        for _ in range(5):
            one.step()
    assert same(original.state(), copy.state())


def test_the_file_is_what_safetensors_reads(tmp_path: Path) -> None:
    original = trainer()
    path = written(tmp_path / "s.safetensors", original)
    assert same(safetensors.torch.load_file(path), original.state())
    with safetensors.safe_open(path, "pt") as file:
        assert Experiment.parse(file.metadata()["experiment"]) == original.experiment


def test_what_is_trained_while_a_snapshot_is_written_is_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensor_file, "PIECE", 64)
    original = trainer()
    before = original.state()
    snapshot_writer, path = SnapshotWriter(), tmp_path / "deep" / "s.safetensors"
    snapshot_writer.begin("number", path, Snapshot.of(original, run="", life=0, revision=0))
    pieces = 0
    finished: list[tuple[Any, StorageError | None]] = []
    while not finished:
        assert not path.exists(), "nobody reads half a snapshot"
        original.step()
        finished = snapshot_writer.go_on()
        pieces += 1
    assert finished == [("number", None)]
    assert pieces > 10
    assert same(safetensors.torch.load_file(path), before)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_snapshot_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "studies").write_text("a file where a folder should be")
    snapshot_writer = SnapshotWriter()
    copy = Snapshot.of(trainer(), run="", life=0, revision=0)
    snapshot_writer.begin(5, tmp_path / "studies" / "s.safetensors", copy)
    ((number, error),) = snapshot_writer.go_on()
    assert number == 5
    assert isinstance(error, StorageError)
    assert not snapshot_writer.busy


@pytest.mark.parametrize("data", [b"", b"x" * 100, (8).to_bytes(8, "little") + b'{"a":1} '])
def test_bytes_that_are_no_snapshot_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match="no snapshot"):
        Snapshot.read(tmp_path / "s.safetensors")


class Words:
    """What a session says."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    def text(self, message: dict[str, Any]) -> None:
        self.said.append(message)

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        pass


def test_a_session_writes_one_while_it_trains_and_lists_it_nowhere(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", mlp(6, epochs=1000), run="run")
    words = Words()
    session = Session(directory, words)
    session.handle({"type": "play", "id": 1})
    session.advance()
    step = session.trainer.steps_taken
    session.handle({"type": "copy", "name": "study-1", "id": 2})
    assert not [said for said in words.said if said.get("id") == 2], "acknowledged when it is there"
    while not [said for said in words.said if said.get("id") == 2]:
        session.advance()
    assert session.trainer.steps_taken > step
    assert Snapshot.read(directory.snapshot("study-1")).step == step
    assert directory.checkpoints() == []
    session.handle({"type": "copy", "name": "../../elsewhere", "id": 3})
    (refused,) = [said for said in words.said if said.get("id") == 3]
    assert refused["type"] == "error"
    session.close()
