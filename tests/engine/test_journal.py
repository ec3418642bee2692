"""The journal: bounded however long the run is, whole at its end, readable after any crash or damage."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.engine.errors import RunDirectoryError
from glassnet.engine.run.journal import Bounds, Journal, Rows
from glassnet.engine.run.journal.rows import most_kept, overview, thinned
from glassnet.engine.run.journal.segments import Segment, Segments
from glassnet.engine.run.journal.tiers import Tiers

#: So small that a few hundred rows go through all tiers.
TINY = Bounds(active=700, segment=500, tiers=(4000, 3000, 3000), events=3000)

ORIGINAL = {"rate": 0.0, "list": [1, 2, 3]}


class Crashed(BaseException):
    """The process is killed at this very moment."""


def opened(folder: Path, bounds: Bounds = TINY) -> Journal:
    return Journal(folder, lambda: dict(ORIGINAL), set, bounds)


def row(step: float, loss: float = 0.5) -> dict[str, float]:
    return {"step": step, "epoch": step / 10, "loss": loss}


def edited(rate: float, revision: int) -> dict[str, Any]:
    return {
        "type": "edit",
        "revision": revision,
        "patch": [{"op": "replace", "path": "/rate", "value": rate}],
        "experiment": {**ORIGINAL, "rate": rate},
    }


def filled(folder: Path, rows: int = 900, edits: int = 60) -> Journal:
    """A journal with rows in all tiers and events in segments."""
    journal = opened(folder)
    for number in range(rows):
        journal.append_rows("progress", [row(number, math.sin(number))])
        if number % (rows // edits) == 0:
            journal.append_event(edited(number, number // (rows // edits) + 1))
    return journal


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def everything(journal: Journal) -> Rows:
    return journal.rows("progress", 0, 10**9)


# Thinning --------------------------------------------------------------------------------------------

VALUES = st.floats(width=32)


@given(st.lists(st.tuples(st.integers(0, 50), VALUES, VALUES), max_size=300))
def test_thinned_rows_are_few_and_have_the_extremes_of_every_bucket(
    rows: list[tuple[int, float, float]],
) -> None:
    steps, first, second = np.array(rows, np.float64).reshape(-1, 3).T
    series = {"a": first.astype(np.float32), "b": second.astype(np.float32)}
    whole = Rows({"step": steps, "epoch": steps / 10, **series}, np.arange(len(rows)))
    few = thinned(whole)
    assert few.count <= max(len(rows) / 4 + most_kept(whole), 0)
    for bucket in range(0, len(rows), 4 * most_kept(whole)):
        before = whole.part(slice(bucket, bucket + 4 * most_kept(whole)))
        after = few.since(bucket).part(slice(np.searchsorted(few.since(bucket).numbers, before.next)))
        assert (after.start, after.next) == (before.start, before.next)
        for name in ("step", "a", "b"):
            was, now = before.columns[name], after.columns[name]
            assert np.isnan(now).any() == np.isnan(was).any()
            if not np.isnan(was).all():
                assert (np.nanmin(now), np.nanmax(now)) == (np.nanmin(was), np.nanmax(was))
    for place, number in enumerate(few.numbers):
        assert few.columns["step"][place] == steps[number]


def test_a_life_that_ends_within_a_bucket_ends_there_in_what_is_kept() -> None:
    steps = np.array([*range(20), *range(15, 200)], np.float64)
    rows = Rows(
        {"step": steps, "epoch": steps, "loss": np.zeros(len(steps), np.float32)}, np.arange(len(steps))
    )
    kept = thinned(rows)
    assert {19.0, 15.0} <= set(kept.columns["step"])
    assert (np.diff(kept.columns["step"]) < 0).sum() == 1


def test_an_overview_has_no_more_rows_than_points_and_loses_no_spike() -> None:
    loss = np.full(100_000, 0.5, np.float32)
    loss[[17, 50_001]] = 9, -3
    steps = np.arange(len(loss), dtype=np.float64)
    rows = Rows({"step": steps, "epoch": steps, "loss": loss}, np.arange(len(loss)))
    seen = overview(rows, 2000)
    assert 500 < seen.count <= 2000
    assert {17, 50_001, 0, 99_999} <= set(seen.numbers)
    assert overview(seen, 2000) is seen


# Any sequence of appending, crashing and opening -----------------------------------------------------

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("rows"), st.integers(1, 60), VALUES),
        st.tuples(st.just("edit"), st.integers(1, 9), st.floats(0, 1)),
        st.tuples(st.just("life"), st.just(0), st.just(0.0)),
        st.tuples(st.just("crash"), st.integers(0, 12), st.floats(0, 1)),
        st.tuples(st.just("open"), st.just(0), st.just(0.0)),
    ),
    min_size=5,
    max_size=40,
)


class Kept:
    """What was acknowledged, and the journal that has to have it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.journal = folder, opened(folder)
        self.rows: list[dict[str, float]] = []
        self.revision = self.life = self.step = 0
        self.rate = 0.0

    def act(self, action: str, number: int, value: float) -> None:
        match action:
            case "rows":
                fresh = [row(self.step + n, value + n) for n in range(number)]
                assert self.journal.append_rows("progress", fresh) == len(self.rows)
                self.step += number
                self.rows += fresh
            case "edit":
                for _ in range(number):
                    self.revision, self.rate = self.revision + 1, value
                    self.journal.append_event(edited(value, self.revision))
            case "life":
                self.journal.append_event({"type": "reset", "step": 0})
                self.life, self.step = self.life + 1, 0
            case "open":
                self.journal.close()
                self.journal = opened(self.folder)

    def check(self) -> None:
        reader = opened(self.folder)
        found = everything(reader)
        assert reader.row_count("progress") == len(self.rows) == found.next
        assert (np.diff(found.numbers) > 0).all()
        true = np.array([one["loss"] for one in self.rows], np.float32)
        assert np.array_equal(found.columns.get("loss", true), true[found.numbers], equal_nan=True)
        if len(true) and not np.isnan(true).all():
            for extreme in (np.nanmin, np.nanmax):
                assert extreme(found.columns["loss"]) == extreme(true)
        newest = found.since(max(0, len(self.rows) - 20))
        assert newest.count == min(20, len(self.rows)), "the newest rows are whole"
        totals = reader.totals
        assert (totals.revision, totals.life) == (self.revision, self.life)
        assert reader.document() == {**ORIGINAL, "rate": self.rate}
        assert reader.problems(thorough=True) == []


@settings(max_examples=25, deadline=None)
@given(ACTIONS)
def test_whatever_is_appended_wherever_it_crashes_nothing_acknowledged_is_lost(
    actions: list[tuple[str, int, float]],
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "journal.jsonl").touch()
        kept = Kept(folder)
        for action, number, value in actions:
            if action == "crash":
                _crash(kept, number)
            else:
                kept.act(action, number, value)
        kept.check()
        most = sum(TINY.tiers) + TINY.events + 2 * TINY.active + 6000
        assert size(folder) <= most
    finally:
        shutil.rmtree(folder)


def _crash(kept: Kept, number: int) -> None:
    """Write until a part is closed, and be killed at the so-many-th thing that is done to a file."""
    patch = pytest.MonkeyPatch()
    left = number

    def doomed(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Crashed
            return real(*arguments, **options)

        return call

    patch.setattr(Path, "replace", doomed(Path.replace))
    patch.setattr(Path, "unlink", doomed(Path.unlink))
    patch.setattr(os, "fsync", doomed(os.fsync))
    try:
        for _ in range(30):
            fresh = row(kept.step, 1.0)
            kept.step += 1
            kept.rows.append(fresh)  # a row is on disk before anything is closed
            kept.journal.append_rows("progress", [fresh])
    except Crashed:
        pass
    finally:
        patch.undo()
    kept.journal.close()
    kept.journal = opened(kept.folder)


def test_a_long_run_stays_within_its_bytes_and_opens_by_its_newest_part(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    sizes = []
    for start in range(0, 12_000, 40):
        journal.append_rows("progress", [row(step, math.sin(step)) for step in range(start, start + 40)])
        journal.append_event(edited(start, start // 40 + 1))
        sizes.append(size(tmp_path))
    assert max(sizes) <= sum(TINY.tiers) + TINY.events + 2 * TINY.active + 6000
    assert max(sizes[len(sizes) // 2 :]) <= 1.5 * max(sizes[: len(sizes) // 2]), "it grows no more"
    reader = opened(tmp_path)
    assert reader.document() == {**ORIGINAL, "rate": 11_960}
    assert reader.last_row("progress").columns["step"].tolist() == [11_999]
    assert (tmp_path / "journal.jsonl").stat().st_size <= 2 * TINY.active


def test_rows_of_an_old_journal_keep_their_numbers_when_it_is_closed(tmp_path: Path) -> None:
    lines = ['{"type":"session","resume":null,"time":1.0}']
    for number in range(200):
        lines.append(json.dumps({"row": "progress", "seq": number, **row(number)}, separators=(",", ":")))
        if number == 100:
            lines.append(json.dumps(edited(0.25, 1), separators=(",", ":")))
    (tmp_path / "journal.jsonl").write_text("\n".join(lines) + "\n")
    reader = opened(tmp_path)
    assert everything(reader).columns["step"].tolist() == list(range(200))
    writer = opened(tmp_path, Bounds(active=700))
    assert writer.append_rows("progress", [row(200)]) == 200
    assert list((tmp_path / "rows" / "progress").iterdir()), "it was closed"
    for journal in (reader, writer, opened(tmp_path)):
        assert everything(journal).columns["step"].tolist() == list(range(201))
        assert (journal.totals.revision, journal.totals.sessions) == (1, 1)
        assert journal.document() == {**ORIGINAL, "rate": 0.25}
        assert [event["type"] for event in journal.events()] == ["session", "edit"]


# Edits -----------------------------------------------------------------------------------------------


def test_edits_are_written_as_patches_and_read_as_experiments(tmp_path: Path) -> None:
    journal = opened(tmp_path, Bounds())
    for rate in range(100):
        journal.append_event(edited(rate, rate + 1))
    written = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert sum("experiment" in event for event in written) == 4
    assert [event["experiment"]["rate"] for event in journal.events()] == list(range(100))
    for revision in (1, 2, 32, 33, 34, 99, 100):
        assert opened(tmp_path).document(revision) == {**ORIGINAL, "rate": revision - 1}
    assert journal.document(0) == ORIGINAL


def test_a_patch_that_does_not_give_the_experiment_is_not_trusted(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append_event(edited(1, 1))
    journal.append_event({**edited(2, 2), "experiment": {**ORIGINAL, "rate": 2, "named": "by the server"}})
    assert opened(tmp_path).document() == {**ORIGINAL, "rate": 2, "named": "by the server"}


def test_revisions_that_checkpoints_refer_to_are_known_when_others_are_thinned(tmp_path: Path) -> None:
    journal = Journal(tmp_path, lambda: dict(ORIGINAL), lambda: {7, 150}, TINY)
    for rate in range(400):
        journal.append_event(edited(rate, rate + 1))
    assert sum(path.stat().st_size for path in (tmp_path / "events").iterdir()) <= TINY.events
    for revision in (7, 150, 395, 400):
        assert opened(tmp_path).document(revision) == {**ORIGINAL, "rate": revision - 1}
    known = opened(tmp_path).document(20)
    assert known is not None
    assert known["rate"] <= 19, "of one that was thinned, the last known before"
    assert journal.totals.revision == 400


# Readers beside the writer ---------------------------------------------------------------------------


def test_a_reader_under_whose_eyes_segments_are_merged_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, step = filled(tmp_path), 900
    read, left = Segments.read, 3

    def disturbed(segments: Segments, segment: Segment) -> bytes:
        nonlocal left, step
        if left and segments is not writer._of("progress").segments:
            left -= 1
            for _ in range(400):
                writer.append_rows("progress", [row(step)])
                step += 1
        return read(segments, segment)

    reader = opened(tmp_path)
    monkeypatch.setattr(Segments, "read", disturbed)
    found = everything(reader)
    assert left == 0
    assert found.next == step
    assert (np.diff(found.numbers) > 0).all()


def test_a_full_disk_while_a_part_is_closed_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(tmp_path)
    with monkeypatch.context() as full:
        full.setattr("glassnet.engine.run.journal.segments.os.fsync", _no_space)
        for step in range(50):
            journal.append_rows("progress", [row(step)])
    assert not list(tmp_path.rglob("*.part"))
    assert everything(opened(tmp_path)).count == 50
    for step in range(50, 70):
        journal.append_rows("progress", [row(step)])
    assert list((tmp_path / "rows" / "progress").iterdir()), "it is closed once there is room"
    assert everything(opened(tmp_path)).count == 70


def _no_space(file: int) -> None:
    raise OSError(28, "No space left on device")


# Damage ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journal")
    filled(folder).close()
    return folder


@pytest.fixture
def damaged(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "run"))


def looked_at(folder: Path) -> tuple[Rows, list[str]]:
    """Everything that can be read, by every way there is."""
    journal = opened(folder)
    found = everything(journal)
    assert (np.diff(found.numbers) > 0).all()
    assert found.count <= 901
    journal.overview("progress", 100)
    journal.last_row("progress")
    list(journal.events())
    for revision in (None, 0, 1, 30, 10**6, -1):
        journal.document(revision)
    return found, journal.problems(thorough=True)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@settings(max_examples=60, deadline=None)
@given(
    which=st.integers(0, 10**6), place=st.floats(0, 1), kind=st.sampled_from(["flip", "cut", "zeros", "more"])
)
def test_damage_anywhere_is_left_out_and_said(sound: Path, which: int, place: float, kind: str) -> None:
    folder = Path(tempfile.mkdtemp()) / "run"
    shutil.copytree(sound, folder)
    try:
        path = files(folder)[which % len(files(folder))]
        data = bytearray(path.read_bytes())
        at = min(int(place * len(data)), len(data) - 1)
        match kind:
            case "flip":
                data[at] ^= 1 << (which % 8)
            case "cut":
                del data[at:]
            case "zeros":
                data[at : at + 100] = bytes(len(data[at : at + 100]))
            case "more":
                data += b"\0\xff{[" * 10
        path.write_bytes(data)
        found, problems = looked_at(folder)
        if path.name != "journal.jsonl":
            assert any(path.name in problem for problem in problems), "each byte of a segment is proved"
        journal = opened(folder)
        first = journal.append_rows("progress", [row(1000)])
        assert first >= found.next
        assert everything(opened(folder)).columns["step"][-1] == 1000
    finally:
        shutil.rmtree(folder.parent)


@pytest.mark.parametrize("name", ["journal.jsonl", "rows/progress", "events", "segment", "event"])
@pytest.mark.parametrize("kind", ["gone", "link", "folder", "pipe", "file"])
def test_what_is_no_plain_file_is_refused_with_words_or_left_out(damaged: Path, name: str, kind: str) -> None:
    named = {"segment": "rows/progress", "event": "events"}
    path = min((damaged / named[name]).iterdir()) if name in named else damaged / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    match kind:
        case "link":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "file":
            path.write_bytes(b"alien")
    with suppress(RunDirectoryError):
        looked_at(damaged)


@pytest.mark.parametrize(
    "line",
    [
        '{"row":"progress","seq":%d,"step":"x","epoch":0}',
        '{"row":"progress","seq":%d,"step":1}',
        '{"row":"progress","seq":%d,"step":1e999,"epoch":0}',
        '{"row":"progress","seq":%d,"step":1,"epoch":0,"loss":[1]}',
        '{"row":"progress","seq":%d,"step":1,"epoch":0,"loss":' + "9" * 5000 + "}",
        '{"row":"progress","seq":%d,"step":true,"epoch":0}',
        '{"row":"progress","seq":9999999999999999,"step":1,"epoch":0}#%d',
        '{"row":"progress","seq":1,"step":1,"epoch":0}#%d',
        "[%d]",
        "{%d",
        "\0" * 50 + "%d",
        '{"type":%d}',
        "[" * 20_000 + "%d",
    ],
)
def test_a_line_that_no_session_writes_costs_itself_alone(tmp_path: Path, line: str) -> None:
    journal = opened(tmp_path, Bounds())
    journal.append_rows("progress", [row(step) for step in range(5)])
    journal.append_event(edited(0.5, 1))
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write(line % 5 + "\n")
    following = {"row": "progress", "seq": 6, **row(6)}, {"row": "progress", "seq": 7, **row(7)}
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.writelines(json.dumps(one, separators=(",", ":")) + "\n" for one in following)
    for bounds in (Bounds(), TINY):
        writer = opened(tmp_path, bounds)
        assert everything(writer).columns["step"].tolist()[:7] == [0, 1, 2, 3, 4, 6, 7]
        assert writer.document() == {**ORIGINAL, "rate": 0.5}
        writer.append_rows("progress", [row(8)])
    assert everything(opened(tmp_path)).columns["step"].tolist()[-1] == 8


def test_a_segment_of_a_forged_size_takes_no_memory(tmp_path: Path) -> None:
    tiers = Tiers(tmp_path, TINY)
    tiers.segments.write(b"x", 0, 999_999_998, 999_999_999, 0)
    assert list(tiers.read(0)) == []
    assert len(tiers.segments.damaged) == 1
