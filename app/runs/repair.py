"""Repair of damaged runs: unreadable parts are moved to `damaged/`, not deleted."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.runs import inspection
from glassnet.app.runs.inspection import FILES, FOLDERS, UNREADABLE
from glassnet.app.runs.record import RunRecord
from glassnet.engine.errors import CheckpointError, DamagedFile
from glassnet.engine.experiment.experiment import MAX_BYTES, Experiment
from glassnet.engine.files import untrusted
from glassnet.engine.files.storage import replace as written
from glassnet.engine.files.storage import writing
from glassnet.engine.run import resume
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal.active import lines
from glassnet.engine.run.journal.history import document_at
from glassnet.engine.run.journal.state import GREATEST, parsed
from glassnet.engine.training import checkpoint


class Repair:
    """The repair of one run directory, with a line for each change."""

    def __init__(self, path: Path) -> None:
        self.path, self.done = path, list[str]()

    def run(self, known: RunRecord) -> RunRecord:
        """The record of the mended run. Raises Refusal where nothing can be made of it, StorageError.

        `known` is what the server knew of the run: how often it was edited, say.
        """
        self._check()
        with writing(self.path):
            self._unlock()
            self._clear_places()
        experiment = self._experiment()
        self._mend_journal(known, experiment)
        self._sort_checkpoints()
        self._renew_record(known, experiment)
        finding = inspection.examine(self.path)
        if finding.faults:
            raise Refusal(409, f"{'; '.join(finding.faults)}; the run can only be deleted")
        return finding.record

    def _check(self) -> None:
        found = untrusted.kind(self.path)
        if found != "a directory" or inspection.name_of(self.path) != self.path.name:
            what = found if found != "a directory" else "called what no run is called"
            raise Refusal(409, f"it is {what}; the run can only be deleted")

    def _unlock(self) -> None:
        for path in (self.path, *(self.path / name for name in (*FILES, *FOLDERS))):
            with suppress(OSError):
                if (found := untrusted.kind(path)) in ("a directory", "a file"):
                    path.chmod(0o700 if found == "a directory" else 0o600)

    def _clear_places(self) -> None:
        for names, expected in ((FILES, "a file"), (FOLDERS, "a directory")):
            for name in names:
                if (found := untrusted.kind(self.path / name)) not in (expected, "nothing"):
                    self._set_aside(self.path / name, f"{name} was {found}")

    def _set_aside(self, path: Path, why: str) -> None:
        aside = self.path / "damaged"
        if untrusted.kind(aside) not in ("a directory", "nothing"):
            aside.rename(self.path / f"damaged-{secrets.token_hex(4)}")
        with writing(path):
            aside.mkdir(exist_ok=True)
            kept = aside / f"{secrets.token_hex(4)}-{path.name}"
            path.rename(kept)
        self.done.append(f"{why}: it is now damaged/{kept.name}")

    def _experiment(self) -> Experiment:
        """The last known experiment; an unreadable experiment.json is rewritten from it."""
        if missing := RunDirectory(self.path, self.path.name).noted().missing():
            raise Refusal(409, f"{'; '.join(missing)}; expected that before a repair")
        path = self.path / "experiment.json"
        try:
            Experiment.parse(untrusted.read_regular(path, MAX_BYTES))
            found = None
        except UNREADABLE as error:
            found = error
        if found is not None:
            known = self._last_edit()
            if known is None:
                said = str(found).splitlines()[0] if str(found) else "it cannot be read"
                raise Refusal(409, f"{said}; without its experiment a run can only be deleted")
            if untrusted.kind(path) == "a file":
                self._set_aside(path, "experiment.json could not be read")
            written(path, [known.text().encode()])
            self.done.append("the experiment is that of the last edit")
        with suppress(*UNREADABLE):
            return RunDirectory(self.path, self.path.name).experiment()
        return self._last_edit() or RunDirectory(self.path, self.path.name).original()

    def _last_edit(self) -> Experiment | None:
        with suppress(*UNREADABLE):
            events = [event for line in self._sound_lines(set()) if (event := parsed(line)) is not None]
            document = document_at(events, GREATEST, None)
            return None if document is None else Experiment.parse(document)
        return None

    def _sound_lines(self, damaged: set[int]) -> Iterator[bytes]:
        """The lines of the journal that are rows or events."""
        with untrusted.open_regular(self.path / "journal.jsonl") as file:
            for place, line in lines(file, 0):
                with suppress(DamagedFile):
                    event = untrusted.parsed_object(line, "a line", finite=False)
                    if place not in damaged and isinstance(event.get("row", event.get("type")), str):
                        yield line

    def _mend_journal(self, known: RunRecord, experiment: Experiment) -> None:
        """Remove invalid lines, and count the edits and lives that are lost with them."""
        path = self.path / "journal.jsonl"
        directory = RunDirectory(self.path, self.path.name)
        places: set[int] = set()
        try:
            places, segments = directory.journal.damaged()
            for segment in segments:
                self._set_aside(segment, f"{segment.name} of the journal cannot be read")
            sound = not places and untrusted.kind(path) == "a file"
            revision, life = directory.revision, directory.life
        except UNREADABLE:
            sound, revision, life = False, 0, 0
        if not sound:
            fresh = path.with_name("journal.mended")
            there = untrusted.kind(path) == "a file"
            written(fresh, self._sound_lines(places) if there else [])
            if there:
                self._set_aside(path, "the journal had lines that could not be read")
            fresh.rename(path)
            directory = RunDirectory(self.path, self.path.name)
            revision, life = directory.revision, directory.life
        whole, _ = checkpoint.survey(self.path / "checkpoints")
        if max(known.revision, *(info.revision for info in whole), 0) > revision:
            revision = max(known.revision, *(info.revision for info in whole)) + 1
            directory.append_edit(0, revision, [], experiment)
            self.done.append(f"edits are lost: the experiment that is known is revision {revision}")
        lives = max(known.life, *(info.life or 0 for info in whole), 0)
        if lives > life:
            directory.append_event({"type": "rewind", "step": known.step, "life": lives, "checkpoint": None})
            self.done.append(f"resets and rewinds are lost: the run goes on in its life {lives}")
        directory.close()

    def _sort_checkpoints(self) -> None:
        """Set aside damaged checkpoints, and report the one that the run resumes from."""
        folder = self.path / "checkpoints"
        whole, damaged = checkpoint.survey(folder)
        for info in whole:
            try:
                checkpoint.check(folder, info.name)
            except CheckpointError as error:
                damaged[info.name] = str(error)
        for name, words in damaged.items():
            for path in (folder / f"{name}.json", folder / f"{name}.safetensors"):
                if untrusted.kind(path) != "nothing":
                    self._set_aside(path, words)
        found, _ = resume.candidates(RunDirectory(self.path, self.path.name))
        if found:
            self.done.append(f"the run goes on from checkpoint '{found[0].name}', step {found[0].step:,}")
        else:
            self.done.append("the run has no whole checkpoint: it begins anew")

    def _renew_record(self, known: RunRecord, experiment: Experiment) -> None:
        path, record = self.path / "run.json", None
        try:
            record = RunRecord.read(self.path, self.path.name)
        except DamagedFile as error:
            self._set_aside(path, str(error))
        directory = RunDirectory(self.path, self.path.name)
        last = resume.last_row(directory)
        step, epoch = last if last is not None else (0, 0.0)
        place: dict[str, Any] = {
            "step": step,
            "epoch": epoch,
            "life": directory.life,
            "revision": directory.revision,
        }
        made = record or RunRecord(self.path.name, experiment.title, known.created, unwatched=known.unwatched)
        made.tell_apart(experiment)
        reason = {"title": "The run was repaired", "detail": "; ".join(self.done)}
        replace(made, state="interrupted", reason=reason, **place).write(self.path)
