"""The run directory: everything about a run, on disk. It is the truth; databases are indexes of it.

    experiment.json    the experiment as it was started
    plugins.json       the plug-ins that gave items of it, where some did
    journal.jsonl      the newest rows of scalars, edits and events, each on disk before anybody is told
    rows/ events/      older ones, thinned as they age (see engine/run/journal)
    checkpoints/       NAME.safetensors with NAME.json
    studies/           snapshots that studies work on, each removed with its study
    collected/         what pictures had collected when the run was put away, KEY.safetensors
    frames/KEY/        recorded pictures, STEP.safetensors, thinned to 200 a key and 64 MiB in all

One process writes (the session), others may read at the same time.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
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
from glassnet.engine.run import providers
from glassnet.engine.run.journal import Journal, Rows
from glassnet.engine.run.recorded_frames import MOST_FRAMES, Recordings
from glassnet.engine.training import checkpoint, forks
from glassnet.engine.training.checkpoint import CheckpointInfo


class RunDirectory:
    """A run on disk, to write or to read."""

    def __init__(self, path: Path, run: str) -> None:
        self.path, self.run = path, run
        self.journal = Journal(path, self._original, self._pinned)
        self._recordings = Recordings(path / "frames")

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
                providers.note(path, experiment)
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

    # The experiment and the journal ------------------------------------------------------------------

    def experiment(self) -> Experiment:
        """The experiment with all edits: its latest revision."""
        return self._parsed(self.journal.document())

    def document(self) -> dict[str, Any] | None:
        """The experiment's document with all edits, as it was written; None where none can be read."""
        return self.journal.document()

    def noted(self) -> providers.Noted:
        """What is written of the plug-ins that the run's experiments need."""
        return providers.read(self.path)

    def experiment_at(self, revision: int) -> Experiment:
        """The experiment as it was at a revision; as it is now where nobody knows."""
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
        """The document the run was started with."""
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
        """How often the experiment was edited."""
        return self.journal.standing.revision

    @property
    def life(self) -> int:
        """How often the run began anew, or went back to a checkpoint."""
        return self.journal.standing.life

    @property
    def sessions(self) -> int:
        """How many sessions there were, with the present one."""
        return self.journal.standing.sessions

    def append_rows(self, probe: str, rows: list[dict[str, float]]) -> int:
        """Write rows of a scalar probe; the number of the first. They are on disk when this returns."""
        return self.journal.append_rows(probe, rows)

    def append_event(self, event: dict[str, Any]) -> None:
        """Write an edit, a change of state or another event; it has a `type`."""
        self.journal.append_event(event)

    def append_edit(self, step: int, revision: int, patch: list[Any], experiment: Experiment) -> None:
        """Journal an edit: before which step, as which revision, and what it made of the experiment."""
        providers.note(self.path, experiment)
        document = experiment.document()
        place = {"step": step, "revision": revision}
        self.append_event({"type": "edit", **place, "patch": patch, "experiment": document})

    def problems(self) -> list[str]:
        """What is damaged in the journal, one line each, as far as it is read to go on."""
        return self.journal.problems()

    def row_count(self, probe: str) -> int:
        """How many rows of a scalar probe there were: the number of the next."""
        return self.journal.row_count(probe)

    def rows(self, probe: str, start: int = 0, limit: int = 10_000) -> Rows:
        """Rows from number `start` on: float64 step and epoch, one float32 for each series."""
        return self.journal.rows(probe, start, limit)

    def overview(self, probe: str, points: int, start: int = 0) -> Rows:
        """All rows from a number on, or the extremes of about so many."""
        return self.journal.overview(probe, points, start)

    def last_row(self, probe: str) -> Rows:
        """The last row of a scalar probe; none where there is none."""
        return self.journal.last_row(probe)

    def events(self) -> Iterator[dict[str, Any]]:
        """Everything in the journal that is no row, in order."""
        return self.journal.events()

    def last_event(self, *types: str) -> dict[str, Any] | None:
        """The newest event of one of these types; None where there is none."""
        return self.journal.last_event(types)

    # Checkpoints and pictures ------------------------------------------------------------------------

    def save_checkpoint(self, info: CheckpointInfo, state: dict[str, Tensor]) -> None:
        """Write a checkpoint, in place of one of the same name."""
        checkpoint.save(self.path / "checkpoints", info, state)

    def load_checkpoint(self, name: str) -> tuple[CheckpointInfo, dict[str, Tensor]]:
        """A checkpoint's note and state."""
        return checkpoint.read(self.path / "checkpoints", name)

    def remove_checkpoint(self, name: str) -> None:
        """Remove a checkpoint. Raises CheckpointError where there is none, StorageError where it stays."""
        checkpoint.remove(self.path / "checkpoints", name)

    def keep_races(self, name: str) -> None:
        """Take in the checkpoints that a study has left in the folder `results(name)`. Raises StorageError.

        Of the checkpoints of all races the newest stay.
        """
        checkpoint.move(self.results(name), self.path / "checkpoints")
        forks.prune(self.path / "checkpoints")

    def results(self, name: str) -> Path:
        """Where a study leaves checkpoints of its own."""
        checkpoint.check_name(name)
        return self.path / "studies" / name

    def checkpoints(self) -> list[CheckpointInfo]:
        """The notes of all checkpoints that look whole, oldest first."""
        return checkpoint.survey(self.path / "checkpoints")[0]

    def snapshot(self, name: str) -> Path:
        """Where a snapshot for a study lies."""
        checkpoint.check_name(name)
        return self.path / "studies" / f"{name}.safetensors"

    def record_frame(self, key: str, step: int, data: bytes) -> None:
        """Keep a picture for scrubbing, within the bounds there are. Raises StorageError."""
        self._recordings.keep(key, step, data)

    def frames(self, key: str, from_step: int = 0, limit: int = MOST_FRAMES) -> list[bytes]:
        """Recorded pictures from a step on."""
        return self._recordings.read(key, from_step, limit)

    def frame_paths(self, key: str, from_step: int = 0, limit: int = MOST_FRAMES) -> list[Path]:
        """The files of recorded pictures from a step on, the oldest first."""
        return self._recordings.paths(key, from_step, limit)

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
        self.journal.close()
