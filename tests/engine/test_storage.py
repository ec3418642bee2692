"""Full disks: what is not written is kept, said, and written later; nothing half written stays."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from glassnet.engine.errors import CheckpointError, RunDirectoryError, StorageError
from glassnet.engine.files.storage import replace, storage_error
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.recorder import CHECKPOINT_EVERY, RETRY_EVERY, WRITTEN
from glassnet.engine.training import checkpoint
from tests.disks import Disk, small_disk
from tests.engine.experiments import mlp
from tests.engine.session_run import SURFACE, Run


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        yield disk


@pytest.fixture
def run(disk: Disk) -> Run:
    return Run(disk.path / "run", mlp(4, epochs=1000))


def full(run: Run) -> None:
    """Advance until the run stands still for want of room."""
    for _ in range(1000):
        run.session.advance()
        if run.session.state != "training":
            break
    assert run.session.state == "paused"
    assert run.session.reason is not None
    assert run.session.reason["title"] == "The disk is full"
    assert run.outlet.said("status")[-1]["unsaved"]


def recovered(run: Run) -> None:
    """Advance until what waited is written."""
    run.clock.now += RETRY_EVERY
    run.session.advance()
    assert run.session.reason == WRITTEN
    assert not run.outlet.said("status")[-1]["unsaved"]


def parts(path: Path) -> list[Path]:
    return list(path.rglob("*.part"))


def test_a_run_on_a_full_disk_pauses_with_a_reason_and_loses_no_row(disk: Disk, run: Run) -> None:
    run.tell("play")
    disk.fill()
    full(run)
    step = run.session.trainer.steps_taken
    assert run.tell("play")["errno"] == errno.ENOSPC
    assert not parts(disk.path)
    disk.make_room()
    recovered(run)
    assert run.tell("play")["type"] == "ack"
    run.session.advance()
    run.tell("pause")
    progress = RunDirectory.open(run.path).rows("progress")
    assert progress.columns["step"].tolist() == sorted(set(progress.columns["step"].tolist()))
    assert run.session.trainer.steps_taken > step
    assert run.outlet.column("progress", "step") == progress.columns["step"].tolist()
    assert run.reopened(resume="latest").session.trainer.steps_taken == run.session.trainer.steps_taken


def test_a_checkpoint_that_is_due_and_does_not_fit_pauses_the_run(disk: Disk, run: Run) -> None:
    run.tell("play")
    run.session.advance()
    disk.fill()
    run.clock.now += CHECKPOINT_EVERY
    full(run)
    assert not parts(disk.path)


def test_pausing_on_a_full_disk_pauses_and_says_what_waits(disk: Disk, run: Run) -> None:
    run.tell("play")
    disk.fill()
    assert run.tell("pause")["type"] == "ack"
    full(run)
    # What would lose it is refused; what writes nothing is not.
    assert run.tell("stop")["errno"] == errno.ENOSPC
    assert run.tell("watch", probes=[SURFACE])["type"] == "ack"
    run.session.advance()
    assert run.outlet.frames[-1][0]["probe"] == "surface"
    disk.make_room()
    assert run.tell("stop")["type"] == "ack"
    assert run.session.state == "stopped"


def test_a_step_on_a_full_disk_is_refused_where_it_stopped(disk: Disk, run: Run) -> None:
    run.tell("step", steps=10_000)
    disk.fill()
    full(run)
    assert run.answer(0)["errno"] == errno.ENOSPC


@pytest.mark.parametrize("command", ["snapshot", "edit", "reset", "weight"])
def test_what_cannot_be_written_is_refused_and_changes_nothing(disk: Disk, run: Run, command: str) -> None:
    run.step(3)
    disk.fill()
    # A journal's last page may have room for a little more: the first that is refused is looked at.
    for _ in range(2000):
        before = run.session.revision, run.session.life, run.session.trainer.steps_taken
        weight = run.session.trainer.network.get_parameter("linear1.weight")[0, 0].item()
        answer = {
            "snapshot": lambda: run.tell("snapshot", name="mine"),
            "edit": lambda: run.edit({"op": "replace", "path": "/title", "value": "another"}),
            "reset": lambda: run.tell("reset"),
            "weight": lambda: run.tell("weight", node="linear1", index=[0, 0], value=7.0),
        }[command]()
        if answer["type"] == "error":
            break
    assert answer["errno"] == errno.ENOSPC
    assert "the disk is full; expected that space is freed" in answer["detail"]
    assert (run.session.revision, run.session.life, run.session.trainer.steps_taken) == before
    assert run.session.trainer.network.get_parameter("linear1.weight")[0, 0].item() == weight
    assert run.session.state == "paused"
    assert RunDirectory.open(run.path).revision == run.session.revision
    assert "mine" not in checkpoint.names(run.path / "checkpoints")
    assert not parts(disk.path)


def test_a_session_begins_and_ends_on_a_full_disk(disk: Disk, run: Run) -> None:
    run.step(3)
    run.session.close()
    disk.fill()
    again = Run(run.path, run.session.experiment, resume="latest")
    assert again.session.trainer.steps_taken == 3
    again.session.close()
    disk.make_room()
    assert Run(run.path, run.session.experiment, resume="latest").session.trainer.steps_taken == 3


def test_no_half_made_run_directory_stays(disk: Disk) -> None:
    disk.fill()
    with pytest.raises(StorageError, match="the disk is full"):
        RunDirectory.create(disk.path / "new", mlp(4), run="new")
    assert not (disk.path / "new").exists()
    disk.make_room()
    with disk.read_only(), pytest.raises(StorageError, match="the disk is read-only"):
        RunDirectory.create(disk.path / "new", mlp(4), run="new")


def test_a_checkpoint_is_removed_whole_or_said_to_stay(disk: Disk, run: Run) -> None:
    run.tell("snapshot", name="mine")
    folder = run.path / "checkpoints"
    checkpoint.remove(folder, "mine")
    assert not list(folder.glob("mine*"))
    with pytest.raises(CheckpointError, match="no checkpoint 'mine'"):
        checkpoint.remove(folder, "mine")
    run.tell("snapshot", name="other")
    run.session.close()
    with disk.read_only(), pytest.raises(StorageError, match="the disk is read-only"):
        checkpoint.remove(folder, "other")
    assert "other" in checkpoint.names(folder)


def test_a_file_is_replaced_whole_or_not_at_all(disk: Disk) -> None:
    path = disk.path / "file"
    replace(path, [b"old"])
    disk.fill()
    with pytest.raises(StorageError) as caught:
        replace(path, [bytes(100_000)])
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"old"
    assert not parts(disk.path)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EDQUOT, "share of the disk is used up"),
        (errno.EACCES, "may not write there"),
        (errno.EIO, "does not work"),
        (errno.EXDEV, "nvalid cross-device link"),
    ],
)
def test_every_error_of_the_system_has_words(number: int, words: str) -> None:
    error = storage_error(Path("/somewhere/file"), OSError(number, "Invalid cross-device link"))
    assert words in str(error)
    assert str(error).startswith("file: ")
    assert isinstance(error, RunDirectoryError)
