"""The run directory: rows that nobody loses, read while they are written."""

from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from glassnet.engine.errors import CheckpointError, RunDirectoryError, StorageError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import INDEX_EVERY
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, losses, mlp, same


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return RunDirectory.create(tmp_path / "run", mlp(4), run="run")


def row(step: int) -> dict[str, float]:
    return {"step": step, "epoch": step / 10, "batch_loss": 1 / (step + 1)}


def test_the_experiment_is_kept_as_it_was_started(directory: RunDirectory) -> None:
    assert RunDirectory.open(directory.path).experiment() == mlp(4)
    assert directory.revision == 0


def test_edits_are_replayed_into_the_latest_experiment(directory: RunDirectory) -> None:
    for revision, width in ((1, 5), (2, 6)):
        edited = mlp(width).document()
        directory.append_event({"type": "edit", "revision": revision, "experiment": edited})
        directory.append_event({"type": "state", "state": "paused"})
    reader = RunDirectory.open(directory.path)
    assert reader.experiment() == mlp(6)
    assert reader.revision == 2
    assert json.loads((directory.path / "experiment.json").read_text()) == mlp(4).document()


def test_a_directory_is_made_once_and_opened_where_there_is_one(tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "a" / "b", mlp(4), run="b")
    with pytest.raises(RunDirectoryError, match="is there already"):
        RunDirectory.create(tmp_path / "a" / "b", mlp(4), run="b")
    with pytest.raises(RunDirectoryError, match=r"no experiment\.json"):
        RunDirectory.open(tmp_path / "a")
    assert RunDirectory.open(tmp_path / "a" / "b").run == "b"


def test_rows_are_numbered_per_probe_and_read_as_columns(directory: RunDirectory) -> None:
    assert directory.append_rows("progress", [row(0), row(1)]) == 0
    assert directory.append_rows("evaluation", [{"step": 1, "epoch": 0.1, "test_loss": 0.5}]) == 0
    assert directory.append_rows("progress", [row(2)]) == 2
    rows = RunDirectory.open(directory.path).rows("progress", start=1)
    assert (rows.start, rows.count, rows.next) == (1, 2, 3)
    assert {name: column.dtype for name, column in rows.columns.items()} == {
        "step": np.float64,
        "epoch": np.float64,
        "batch_loss": np.float32,
    }
    assert rows.columns["step"].tolist() == [1, 2]


def test_nan_and_infinity_mean_themselves_and_a_missing_series_is_nan(directory: RunDirectory) -> None:
    directory.append_rows("progress", [{"step": 0, "epoch": 0, "a": math.nan, "b": math.inf}, row(1)])
    columns = directory.rows("progress").columns
    assert math.isnan(columns["a"][0])
    assert columns["b"][0] == math.inf
    assert math.isnan(columns["a"][1])
    assert math.isnan(columns["batch_loss"][0])


def test_any_stretch_of_rows_can_be_read_across_the_index(directory: RunDirectory) -> None:
    total = 3 * INDEX_EVERY + 7
    for start in range(0, total, 13):
        directory.append_rows("progress", [row(step) for step in range(start, min(start + 13, total))])
        directory.append_rows("evaluation", [row(start)])
        directory.append_event({"type": "state"})
    reader = RunDirectory.open(directory.path)
    for start in (0, 1, INDEX_EVERY - 1, INDEX_EVERY, INDEX_EVERY + 1, 2 * INDEX_EVERY - 3, total - 1):
        for limit in (1, 5, INDEX_EVERY + 2, 10_000):
            rows = reader.rows("progress", start, limit)
            expected = list(range(start, min(start + limit, total)))
            assert rows.columns["step"].tolist() == expected
            assert rows.next == start + len(expected)
    assert reader.rows("progress", total).count == 0
    assert reader.rows("progress", total + 1000).count == 0
    assert reader.rows("nothing").count == 0
    assert reader.row_count("evaluation") == math.ceil(total / 13)


def test_a_reader_sees_each_row_once_it_is_written(directory: RunDirectory) -> None:
    reader = RunDirectory.open(directory.path)
    seen: list[float] = []
    for step in range(2 * INDEX_EVERY + 5):
        directory.append_rows("progress", [row(step)])
        if step % 97 == 0:
            directory.append_event({"type": "tick", "step": step})
        rows = reader.rows("progress", len(seen), limit=3)
        seen.extend(rows.columns["step"].tolist())
        assert seen == list(range(step + 1))
    assert [event["step"] for event in reader.events()] == list(range(0, 2 * INDEX_EVERY + 5, 97))


def test_events_keep_their_order_and_get_a_time(directory: RunDirectory) -> None:
    for number in range(5):
        directory.append_event({"type": "tick", "number": number})
    events = list(directory.events())
    assert [event["number"] for event in events] == list(range(5))
    assert all(event["time"] > 1.6e9 for event in events)


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_last_line_that_a_crash_cut_off_is_cut_away(directory: RunDirectory, cut: int) -> None:
    directory.append_rows("progress", [row(0), row(1)])
    directory.append_event({"type": "state"})
    directory.append_rows("progress", [row(2)])
    directory.close()
    journal = directory.path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-cut])

    again = RunDirectory.open(directory.path)
    assert again.rows("progress").columns["step"].tolist() == [0, 1]
    assert again.append_rows("progress", [row(7)]) == 2
    again.append_event({"type": "after"})
    reader = RunDirectory.open(directory.path)
    assert reader.rows("progress").columns["step"].tolist() == [0, 1, 7]
    assert [event["type"] for event in reader.events()] == ["state", "after"]


def test_half_a_line_is_not_read_until_it_is_whole(directory: RunDirectory) -> None:
    directory.append_rows("progress", [row(0)])
    line = json.dumps({"row": "progress", "seq": 1, **row(1)}, separators=(",", ":")) + "\n"
    reader = RunDirectory.open(directory.path)
    for part in (line[:10], line[10:-1]):
        with (directory.path / "journal.jsonl").open("a") as journal:
            journal.write(part)
        assert reader.row_count("progress") == 1
    with (directory.path / "journal.jsonl").open("a") as journal:
        journal.write("\n")
    assert reader.rows("progress").columns["step"].tolist() == [0, 1]


def disk_with(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes at most three bytes at a time, and has room for so many in all."""
    write = os.write
    left = room

    def slow(file: int, data: bytes) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(file, data[: min(3, left)])
        left -= written
        return written

    monkeypatch.setattr("glassnet.engine.run.journal.journal.os.write", slow)


def test_rows_that_are_written_in_parts_are_written_whole(
    directory: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_with(10_000, monkeypatch)
    directory.append_rows("progress", [row(0), row(1)])
    directory.append_event({"type": "state"})
    assert RunDirectory.open(directory.path).rows("progress").columns["step"].tolist() == [0, 1]


@pytest.mark.parametrize("room", [0, 1, 8, 70, 100])
def test_what_a_full_disk_takes_no_more_leaves_nothing_for_the_next_line_to_join(
    directory: RunDirectory, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    directory.append_rows("progress", [row(0)])
    journal = directory.path / "journal.jsonl"
    before = journal.read_bytes()
    with monkeypatch.context() as patched:
        disk_with(room, patched)
        with pytest.raises(StorageError, match=r"^journal\.jsonl: the disk is full; expected"):
            directory.append_rows("progress", [row(1), row(2)])
    assert journal.read_bytes() == before
    assert directory.append_rows("progress", [row(1)]) == 1, "there is room again"
    reader = RunDirectory.open(directory.path)
    assert reader.rows("progress").columns["step"].tolist() == [0, 1]


def test_a_disk_that_takes_nothing_is_full(directory: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.run.journal.journal.os.write", lambda file, data: 0)
    with pytest.raises(StorageError, match="the disk is full"):
        directory.append_rows("progress", [row(0)])


@pytest.mark.parametrize("made", [dropout_mlp(), cnn()], ids=["dropout and Adam", "batch norm"])
def test_a_checkpoint_goes_on_bit_for_bit(made: Experiment, directory: RunDirectory) -> None:
    trainer = Trainer(made)
    losses(trainer, trainer.steps_per_epoch + 3)
    info = CheckpointInfo("best", trainer.steps_taken, trainer.epoch, 2, 1.5, {"test_loss": 0.25})
    directory.save_checkpoint(info, trainer.state())
    found, state = directory.load_checkpoint("best")
    assert found == info
    other = Trainer(made)
    other.load(state)
    assert same(other.state(), trainer.state())
    assert losses(other, 10) == losses(trainer, 10)


def test_checkpoints_are_listed_oldest_first_and_replaced_by_name(directory: RunDirectory) -> None:
    state = {"x": torch.zeros(2)}
    for number, name in enumerate(["b", "a", "b"]):
        directory.save_checkpoint(CheckpointInfo(name, number, 0.0, 0, 0.0, {}), state)
    assert sorted((info.name, info.step) for info in directory.checkpoints()) == [("a", 1), ("b", 2)]
    assert not list(directory.path.glob("checkpoints/*.part"))


def test_a_missing_or_damaged_checkpoint_is_named(directory: RunDirectory) -> None:
    directory.save_checkpoint(CheckpointInfo("good", 0, 0.0, 0, 0.0, {}), {"x": torch.zeros(2)})
    with pytest.raises(CheckpointError, match="no checkpoint 'better'; expected one of \\['good'\\]"):
        directory.load_checkpoint("better")
    (directory.path / "checkpoints" / "good.safetensors").write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match="'good' is damaged"):
        directory.load_checkpoint("good")


@pytest.mark.parametrize("name", ["../../outside", "a/b", "", ".hidden", "a" * 100, "/etc/passwd", "a\0b"])
def test_a_name_never_leads_out_of_the_directory(directory: RunDirectory, name: str) -> None:
    with pytest.raises(CheckpointError, match="is no name for a checkpoint"):
        directory.save_checkpoint(CheckpointInfo(name, 0, 0.0, 0, 0.0, {}), {"x": torch.zeros(2)})
    with pytest.raises(CheckpointError, match="is no name for a checkpoint"):
        directory.load_checkpoint(name)
    assert not list(directory.path.parent.glob("outside*"))
