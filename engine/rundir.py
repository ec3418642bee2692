"""The run directory: everything about a run, on disk. It is the truth; databases are indexes of it.

    experiment.json    the experiment as it was started
    journal.jsonl      rows of scalars, edits and events, each line complete before anybody is told
    checkpoints/       NAME.safetensors with NAME.json
    studies/           snapshots that studies work on, each removed with its study
    collected/         what pictures had collected when the run was put away, KEY.safetensors
    frames/KEY/        recorded pictures, STEP.safetensors, thinned to at most 200 a key

One process writes (the session), others may read at the same time.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from engine import checkpoint, untrusted
from engine.checkpoint import CheckpointInfo
from engine.errors import RunDirectoryError, StorageError
from engine.spec import Experiment
from engine.storage import replace, storage_error, writing

#: Rows between two places that the index remembers.
INDEX_EVERY = 500

MOST_FRAMES = 200

#: Events with which another life begins.
LIVES = ("reset", "rewind")

#: How a line of the journal begins that is a row; every other line is an event.
_ROW = '{"row":"'


@dataclass(frozen=True)
class Rows:
    """Consecutive rows of a scalar probe, column by column."""

    columns: dict[str, np.ndarray]
    start: int
    count: int

    @property
    def next(self) -> int:
        """The number of the row after these."""
        return self.start + self.count


def as_columns(rows: list[dict[str, float]]) -> dict[str, np.ndarray]:
    """Rows column by column: float64 step and epoch, one float32 for each series."""
    names = list(dict.fromkeys(name for row in rows for name in row if name not in ("row", "seq")))
    return {
        name: np.array(
            [row.get(name, np.nan) for row in rows],
            np.float64 if name in ("step", "epoch") else np.float32,
        )
        for name in names
    }


@dataclass
class _Index:
    """How many rows of one probe were seen, and where every so-many-th stands."""

    count: int = 0
    places: list[int] = field(default_factory=list)


class RunDirectory:
    """A run on disk, to write or to read."""

    def __init__(self, path: Path, run: str) -> None:
        self.path, self.run = path, run
        self._indexes: dict[str, _Index] = {}
        self._events: list[dict[str, Any]] = []
        self._scanned = 0
        self._journal: int | None = None

    @classmethod
    def create(cls, path: Path, experiment: Experiment, *, run: str) -> RunDirectory:
        """A new directory; RunDirectoryError where something is there already. Half of one never stays."""
        try:
            with writing(path):
                path.mkdir(parents=True)
        except StorageError as error:
            if error.errno == errno.EEXIST:
                raise RunDirectoryError(f"'{path}' is there already; expected a new directory") from None
            raise
        try:
            with writing(path):
                (path / "experiment.json").write_text(experiment.text(), encoding="utf-8")
                (path / "journal.jsonl").touch()
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return cls(path, run)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """A directory that `create` made; its name is the run's."""
        if not (path / "experiment.json").is_file():
            raise RunDirectoryError(f"'{path}' has no experiment.json; expected a run directory")
        return cls(path, path.name)

    # The experiment ----------------------------------------------------------------------------------

    def experiment(self) -> Experiment:
        """The experiment with all edits: its latest revision."""
        edits = [event for event in self.events() if event["type"] == "edit"]
        if edits:
            return Experiment.parse(edits[-1]["experiment"])
        return Experiment.parse((self.path / "experiment.json").read_bytes())

    @property
    def revision(self) -> int:
        """How often the experiment was edited."""
        return max((event["revision"] for event in self.events() if event["type"] == "edit"), default=0)

    @property
    def life(self) -> int:
        """How often the run began anew, or went back to a checkpoint."""
        return max((event["life"] for event in self.events() if event["type"] in LIVES), default=0)

    # The journal -------------------------------------------------------------------------------------

    def append_rows(self, probe: str, rows: list[dict[str, float]]) -> int:
        """Write rows of a scalar probe; the number of the first. They are on disk when this returns."""
        first = self.row_count(probe)
        numbered = ({"seq": first + number, **row} for number, row in enumerate(rows))
        lines = (json.dumps(row, separators=(",", ":")).removeprefix("{") for row in numbered)
        self._write("".join(f'{_ROW}{probe}",{line}\n' for line in lines))
        return first

    def append_event(self, event: dict[str, Any]) -> None:
        """Write an edit, a change of state or another event; it has a `type`."""
        self._write(json.dumps({**event, "time": time.time()}, separators=(",", ":")) + "\n")

    def row_count(self, probe: str) -> int:
        """How many rows of a scalar probe there are."""
        self._scan()
        return self._index(probe).count

    def rows(self, probe: str, start: int = 0, limit: int = 10_000) -> Rows:
        """Rows from number `start` on, float64 step and epoch and one float32 for each series."""
        self._scan()
        index = self._index(probe)
        wanted = max(0, min(limit, index.count - start))
        found: list[dict[str, float]] = []
        if wanted:
            for line in self._lines(index.places[start // INDEX_EVERY]):
                row = json.loads(line)
                if row.get("row") == probe and row["seq"] >= start:
                    found.append(row)
                    if len(found) == wanted:
                        break
        return Rows(as_columns(found), start, len(found))

    def events(self) -> Iterator[dict[str, Any]]:
        """Everything in the journal that is no row, in order."""
        self._scan()
        yield from self._events

    def _write(self, text: str) -> None:
        """Add whole lines: all of them, or, where the disk is full, none that a later line would join."""
        path = self.path / "journal.jsonl"
        try:
            if self._journal is None:
                self._journal = self._opened(path)
            size = os.fstat(self._journal).st_size
            try:
                left = text.encode()
                while left:
                    written = os.write(self._journal, left)
                    if not written:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    left = left[written:]
            except OSError:
                os.ftruncate(self._journal, size)
                raise
        except OSError as error:
            raise storage_error(path, error) from None

    def _opened(self, path: Path) -> int:
        """The journal, to append to; a line that a crash cut off is cut away."""
        data = path.read_bytes()
        complete = data.rfind(b"\n") + 1
        if complete != len(data):
            os.truncate(path, complete)
        return os.open(path, os.O_WRONLY | os.O_APPEND)

    def _scan(self) -> None:
        """Read what was added to the journal since the last time."""
        place, prefix = self._scanned, _ROW.encode()
        for line in self._lines(place):
            if line.startswith(prefix):
                index = self._index(line[len(prefix) : line.index(b'"', len(prefix))].decode())
                if index.count % INDEX_EVERY == 0:
                    index.places.append(place)
                index.count += 1
            else:
                self._events.append(json.loads(line))
            place += len(line)
        self._scanned = place

    def _lines(self, place: int) -> Iterator[bytes]:
        """The complete lines from a place on."""
        with (self.path / "journal.jsonl").open("rb") as journal:
            journal.seek(place)
            for line in journal:
                if line.endswith(b"\n"):
                    yield line

    def _index(self, probe: str) -> _Index:
        return self._indexes.setdefault(probe, _Index())

    # Checkpoints and pictures ------------------------------------------------------------------------

    def append_edit(self, step: int, revision: int, patch: list[Any], experiment: Experiment) -> None:
        """Journal an edit: before which step, as which revision, and what it made of the experiment."""
        document = experiment.document()
        place = {"step": step, "revision": revision}
        self.append_event({"type": "edit", **place, "patch": patch, "experiment": document})

    def save_checkpoint(self, info: CheckpointInfo, state: dict[str, Tensor]) -> None:
        """Write a checkpoint, in place of one of the same name."""
        checkpoint.save(self.path / "checkpoints", info, state)

    def load_checkpoint(self, name: str) -> tuple[CheckpointInfo, dict[str, Tensor]]:
        """A checkpoint's note and state."""
        return checkpoint.read(self.path / "checkpoints", name)

    def remove_checkpoint(self, name: str) -> None:
        """Remove a checkpoint. Raises CheckpointError where there is none, StorageError where it stays."""
        checkpoint.remove(self.path / "checkpoints", name)

    def checkpoints(self) -> list[CheckpointInfo]:
        """The notes of all checkpoints that look whole, oldest first."""
        return checkpoint.survey(self.path / "checkpoints")[0]

    def snapshot(self, name: str) -> Path:
        """Where a snapshot for a study lies."""
        checkpoint.check_name(name)
        return self.path / "studies" / f"{name}.safetensors"

    def experiment_at(self, revision: int) -> Experiment:
        """The experiment as it was at a revision; as it is now where nobody knows."""
        edits = {event["revision"]: event for event in self.events() if event["type"] == "edit"}
        if revision in edits:
            return Experiment.parse(edits[revision]["experiment"])
        if revision == 0:
            return Experiment.parse((self.path / "experiment.json").read_bytes())
        return self.experiment()

    def record_frame(self, key: str, step: int, data: bytes) -> None:
        """Keep a picture for scrubbing; when there are too many, every second one goes."""
        folder = self.path / "frames" / key
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        replace(folder / f"{step:012d}.safetensors", [data])
        kept = sorted(folder.glob("*.safetensors"))
        if len(kept) > MOST_FRAMES:
            for path in kept[1:-1:2]:
                path.unlink()

    def frames(self, key: str, from_step: int = 0, limit: int = MOST_FRAMES) -> list[bytes]:
        """Recorded pictures from a step on."""
        paths = sorted((self.path / "frames" / key).glob("*.safetensors"))
        return [path.read_bytes() for path in [p for p in paths if int(p.stem) >= from_step][:limit]]

    def keep_memory(self, key: str, life: int, memory: dict[str, Tensor]) -> None:
        """Write down what a picture has collected in a life of the run, in place of what was there."""
        folder = self.path / "collected"
        with writing(folder):
            folder.mkdir(exist_ok=True)
        replace(folder / f"{key}.safetensors", [save(memory, {"life": str(life)})])

    def memory(self, key: str, life: int) -> dict[str, Tensor] | None:
        """What a picture had collected when the run was put away; None where that was in another life.

        None, too, where nothing is there or nothing that can be read: then it is collected anew.
        """
        path = self.path / "collected" / f"{key}.safetensors"
        try:
            if (untrusted.kind(path.parent), untrusted.kind(path)) != ("a directory", "a file"):
                return None
            with safe_open(path, "pt") as file:
                if (file.metadata() or {}).get("life") != str(life):
                    return None
                names = file.keys()
                return {name: file.get_tensor(name) for name in names}
        except (OSError, SafetensorError):
            return None

    def close(self) -> None:
        """Give the journal back; reading goes on to work."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None
