"""RunDirectory: a run on disk, the authoritative record of it.

    experiment.json    the experiment as it was started
    plugins.json       the plug-ins that gave items of it, where some did
    journal.jsonl      the newest rows of scalars, edits and events, each written before it is announced
    rows/ events/      older ones, thinned as they age (see engine/run/journal)
    checkpoints/       NAME.safetensors with NAME.json
    studies/           snapshots that studies work on, each removed with its study
    collected/         the memory of probes when the run was parked, KEY.safetensors
    frames/KEY/        recorded pictures, STEP.safetensors, thinned to 200 a key and 64 MiB in all

One process writes (the session), others may read at the same time.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from glassnet.engine.errors import (
    DamagedFile,
    InvalidExperiment,
    PluginMissing,
    RunDirectoryError,
    StorageError,
)
from glassnet.engine.experiment.experiment import MAX_BYTES, Experiment, read_json
from glassnet.engine.experiment.stored import stored
from glassnet.engine.files import untrusted
from glassnet.engine.files.storage import replace, writing
from glassnet.engine.run import providers, ways_back
from glassnet.engine.run.journal import Journal, Rows
from glassnet.engine.run.recorded_frames import MOST_FRAMES, Recordings
from glassnet.engine.training import checkpoint, forks
from glassnet.engine.training.checkpoint import CheckpointInfo


class RunDirectory:
    """A run directory, for writing or reading."""

    def __init__(self, path: Path, run: str) -> None:
        self.path, self.run = path, run
        self.journal = Journal(path, self._original, self._pinned)
        self._recordings = Recordings(path / "frames")

    @classmethod
    def create(cls, path: Path, experiment: Experiment, *, run: str) -> RunDirectory:
        """A new directory, created completely or not at all. Raises RunDirectoryError if the path exists."""
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
                providers.note(path, experiment)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return cls(path, run)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """An existing directory, whose name is the run's."""
        if not (path / "experiment.json").is_file():
            raise RunDirectoryError(f"'{path}' has no experiment.json; expected a run directory")
        return cls(path, path.name)

    # The experiment and the journal ------------------------------------------------------------------

    def experiment(self) -> Experiment:
        """The experiment with all edits: its latest revision."""
        return self._parsed(self.journal.document())

    def document(self, revision: int | None = None) -> dict[str, Any] | None:
        """The experiment's document at a revision, by default with all edits, as it was written.

        None where it cannot be read.
        """
        return self.journal.document(revision)

    def noted(self) -> providers.Noted:
        """The recorded plug-ins that the run's experiments need."""
        return providers.read(self.path)

    def experiment_at(self, revision: int) -> Experiment:
        """The experiment at a revision; the current one where that is not known."""
        return self._parsed(self.journal.document(revision) or self.journal.document())

    def original(self) -> Experiment:
        """The experiment as it was started."""
        return self._parsed(self._original())

    def _parsed(self, document: dict[str, Any] | None) -> Experiment:
        if document is None:
            raise RunDirectoryError(f"'{self.path}' has no edit whose experiment can be read")
        try:
            return Experiment.parse(document)
        except InvalidExperiment as error:
            if missing := self.noted().missing():
                raise PluginMissing("; ".join(missing)) from None
            raise RunDirectoryError(f"'{self.path}' holds no experiment that can be read: {error}") from None

    def _original(self) -> dict[str, Any]:
        """The document that the run was started with."""
        path = self.path / "experiment.json"
        try:
            document = read_json(untrusted.read_regular(path, 2 * MAX_BYTES), 2 * MAX_BYTES)
        except OSError as error:
            raise RunDirectoryError(f"{path}: {error.strerror}") from None
        except (DamagedFile, InvalidExperiment) as error:
            raise RunDirectoryError(f"{path} is no experiment: {error}") from None
        if not isinstance(document, dict):
            raise RunDirectoryError(f"{path} is a {type(document).__name__}; expected an experiment")
        return stored(document)

    def _pinned(self) -> set[int]:
        """Revisions that checkpoints refer to."""
        return {info.revision for info in self.checkpoints()}

    @property
    def revision(self) -> int:
        """The number of edits of the experiment."""
        return self.journal.totals.revision

    @property
    def life(self) -> int:
        """The number of resets and rewinds."""
        return self.journal.totals.life

    @property
    def sessions(self) -> int:
        """The number of sessions, the current one included."""
        return self.journal.totals.sessions

    def append_rows(self, probe: str, rows: list[dict[str, float]]) -> int:
        """Write rows of a scalar probe to disk; returns the number of the first."""
        return self.journal.append_rows(probe, rows)

    def append_event(self, event: dict[str, Any]) -> None:
        """Write an edit, a change of state or another event, which has a `type`."""
        self.journal.append_event(event)

    def append_edit(self, step: int, revision: int, patch: list[Any], experiment: Experiment) -> None:
        """Journal an edit: the step before it, its revision, its patch, and the resulting experiment."""
        providers.note(self.path, experiment)
        document = experiment.document()
        place = {"step": step, "revision": revision}
        self.append_event({"type": "edit", **place, "patch": patch, "experiment": document})

    def problems(self) -> list[str]:
        """The damage of the journal, one line each, in the parts that are needed to resume."""
        return self.journal.problems()

    def row_count(self, probe: str) -> int:
        """The number of the next row of a scalar probe."""
        return self.journal.row_count(probe)

    def rows(self, probe: str, start: int = 0, limit: int = 10_000) -> Rows:
        """Rows from number `start` on: float64 step and epoch, one float32 for each series."""
        return self.journal.rows(probe, start, limit)

    def overview(self, probe: str, points: int, start: int = 0) -> Rows:
        """All rows from a number on, reduced to the extremes of about `points`."""
        return self.journal.overview(probe, points, start)

    def last_row(self, probe: str) -> Rows:
        """The last row of a scalar probe; empty where there is none."""
        return self.journal.last_row(probe)

    def events(self) -> Iterator[dict[str, Any]]:
        """The events of the journal, in order."""
        return self.journal.events()

    def last_event(self, *types: str) -> dict[str, Any] | None:
        """The newest event of one of these types; None where there is none."""
        return self.journal.last_event(types)

    # Checkpoints and pictures ------------------------------------------------------------------------

    def save_checkpoint(self, info: CheckpointInfo, state: Mapping[str, Tensor]) -> None:
        """Write a checkpoint, replacing one of the same name."""
        checkpoint.save(self.path / "checkpoints", info, state)

    def saving_checkpoint(self, info: CheckpointInfo, state: Mapping[str, Tensor]) -> Generator[None]:
        """`save_checkpoint`, a piece of the state for each step of the iterator."""
        return checkpoint.saving(self.path / "checkpoints", info, state)

    def leave_checkpoint(self, info: CheckpointInfo, state: Mapping[str, Tensor]) -> None:
        """Write a checkpoint to go back to; a few older ones of its name are kept as NAME_LIFE.

        Raises StorageError, and then the older ones are there still.
        """
        ways_back.make_room(self.path / "checkpoints", info.name)
        self.save_checkpoint(info, state)

    def load_checkpoint(self, name: str) -> tuple[CheckpointInfo, dict[str, Tensor]]:
        """A checkpoint's note and state."""
        return checkpoint.read(self.path / "checkpoints", name)

    def remove_checkpoint(self, name: str) -> None:
        """Remove a checkpoint. Raises CheckpointError where there is none, StorageError where it fails."""
        checkpoint.remove(self.path / "checkpoints", name)

    def keep_races(self, name: str) -> None:
        """Adopt the checkpoints that a study has left in the folder `results(name)`. Raises StorageError.

        Of the checkpoints of all races the newest are kept.
        """
        checkpoint.move(self.results(name), self.path / "checkpoints")
        forks.prune(self.path / "checkpoints")

    def results(self, name: str) -> Path:
        """The folder in which a study leaves checkpoints."""
        checkpoint.check_name(name)
        return self.path / "studies" / name

    def checkpoints(self) -> list[CheckpointInfo]:
        """The notes of all checkpoints that appear valid, oldest first."""
        return checkpoint.survey(self.path / "checkpoints")[0]

    def snapshot(self, name: str) -> Path:
        """The path of a snapshot for a study."""
        checkpoint.check_name(name)
        return self.path / "studies" / f"{name}.safetensors"

    def record_frame(self, key: str, step: int, data: bytes) -> None:
        """Record a frame for scrubbing, within the limits. Raises StorageError."""
        self._recordings.keep(key, step, data)

    def frames(self, key: str, from_step: int = 0, limit: int = MOST_FRAMES) -> list[bytes]:
        """Recorded frames from a step on."""
        return self._recordings.read(key, from_step, limit)

    def frame_paths(self, key: str, from_step: int = 0, limit: int = MOST_FRAMES) -> list[Path]:
        """The files of recorded frames from a step on, the oldest first."""
        return self._recordings.paths(key, from_step, limit)

    def keep_memory(self, key: str, life: int, memory: dict[str, Tensor]) -> None:
        """Save the memory of a probe in a life of the run, replacing the previous one."""
        folder = self.path / "collected"
        with writing(folder):
            folder.mkdir(exist_ok=True)
        replace(folder / f"{key}.safetensors", [save(memory, {"life": str(life)})])

    def memory(self, key: str, life: int) -> dict[str, Tensor] | None:
        """The saved memory of a probe; None where it is of another life, missing or unreadable."""
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
        """Close the journal; reading still works."""
        self.journal.close()
