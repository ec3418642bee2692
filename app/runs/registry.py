"""The registry of runs: create, list, fork, delete, and recover after a restart."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import time
from asyncio import gather, to_thread, wrap_future
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from glassnet.app.core.problems import Refusal
from glassnet.app.runs import inspection, resume
from glassnet.app.runs.inspection import Finding
from glassnet.app.runs.record import RunRecord, Unwatched
from glassnet.app.runs.run import Run
from glassnet.app.runs.service import Service
from glassnet.app.runs.states import STATES
from glassnet.app.store import removal
from glassnet.app.store.usage import size_of
from glassnet.engine.errors import CheckpointError, StorageError
from glassnet.engine.experiment.experiment import UNTITLED, Experiment
from glassnet.engine.experiment.in_short import title_of
from glassnet.engine.files.storage import check_writable, storage_error, writing
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.training import checkpoint

log = logging.getLogger(__name__)

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"

#: How the names of directories begin that are being made, among the trash.
MAKING = "new-"

#: Seconds in which runs are read before the server serves; what takes longer is read beside it.
RECOVER_SECONDS = 3.0


@dataclass(frozen=True)
class Source:
    """The run and the checkpoint that a new run is forked from."""

    run: Run
    #: A checkpoint's name, or "now".
    checkpoint: str


class Runs:
    """The runs of one data directory."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._folder = service.settings.data_dir / "runs"
        self._trash = service.settings.data_dir / "trash"
        self._emptying = Lock()
        self._runs: dict[str, Run] = {}
        #: The number of the newest run.
        self._last_number = 0
        self._since = time.time()
        #: How many are being made.
        self._making = 0
        self._pool = ThreadPoolExecutor(4, "recovery")
        #: Directories that are still being read.
        self._reading: dict[Future[Finding], Path] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(sorted(self._runs.values(), key=lambda run: run.record.created, reverse=True))

    def __contains__(self, name: str) -> bool:
        return name in self._runs

    def __getitem__(self, name: str) -> Run:
        run = self._runs.get(name)
        if run is None:
            raise Refusal(404, f"there is no run '{name[:40]}'")
        return run

    @property
    def viewers(self) -> int:
        """The number of viewers of all runs."""
        return sum(len(run.hub.viewers) for run in self._runs.values())

    async def create(
        self,
        experiment: Experiment,
        *,
        play: bool,
        speed: float | None = None,
        unwatched: Unwatched = "continue",
        example: bool = False,
        source: Source | None = None,
    ) -> Run:
        """A new run. It waits for a worker; `play` and `speed` say what it does once it has one.

        An example (see unwatched.py) waits for a viewer first.
        """
        name = "".join(secrets.choice(ALPHABET) for _ in range(10))
        path = self._folder / name
        parent = None if source is None else source.run.id
        record = RunRecord(
            name,
            experiment.title,
            time.time(),
            unwatched=unwatched,
            example=example,
            speed=speed,
            parent=parent,
        )
        record.tell_apart(experiment)
        record.named = not example and experiment.title != UNTITLED
        if experiment.title == UNTITLED:
            record.title = title_of(experiment)
        await self._make_room()
        with self._admitted():
            if source is not None and source.checkpoint == "now":
                source = await self._now(source)
            quota = self.service.quota
            await self.service.blobs.claim(experiment.document())
            with quota.reserve("runs", _size_of(experiment, source)):
                making = self._trash / f"{MAKING}{name}"
                record.number = self._number()
                directory = await to_thread(_made, path, making, experiment, record, source)
                quota.measured_run(name, await to_thread(size_of, path))
            run = self._runs[name] = Run(record, directory, self.service)
            run.start(play)
        self._count()
        return run

    def _number(self) -> int:
        """The number of the next run."""
        self._last_number += 1
        return self._last_number

    def _number_all(self) -> None:
        """Give numbers to runs of earlier versions, in their order of creation, behind all others."""
        taken: set[int] = {0}
        for run in sorted(self._runs.values(), key=lambda run: run.record.created):
            if run.record.number in taken:
                run.record.number = self._number()
            taken.add(run.record.number)

    @property
    def _is_full(self) -> bool:
        return len(self._runs) + self._making >= self.service.settings.max_runs

    async def _make_room(self) -> None:
        """Delete the oldest examples that were left untouched, as many as there are runs too many."""
        while self._is_full:
            left = [run for run in self._runs.values() if run.gives_way(self._since)]
            if not left:
                return
            oldest = min(left, key=lambda run: run.record.created)
            log.info("an untouched example gives way to a new run", extra={"run": oldest.id})
            await self.delete(oldest.id)

    @contextmanager
    def _admitted(self) -> Iterator[None]:
        """Reserve one of the allowed number of runs. Raises Refusal where there are too many."""
        settings = self.service.settings
        if self._is_full:
            raise Refusal(429, f"{settings.max_runs} runs are kept; expected that some are deleted first")
        self.service.slots.admit(None, settings.max_queued, self._making)
        self._making += 1
        try:
            yield
        finally:
            self._making -= 1

    async def _now(self, source: Source) -> Source:
        """The source with its current state as a checkpoint."""
        await source.run.session.settled()
        if source.run.has_session:
            await source.run.snapshot("latest")
        found = await source.run.files.read(resume.find)
        if found is None:
            raise Refusal.at(409, "/from/run", f"run '{source.run.id}' has no whole snapshot yet")
        return Source(source.run, found.name)

    async def delete(self, name: str) -> None:
        """End a run and remove its directory; from now on it is not found."""
        run = self[name]
        check_writable(self._folder)  # before its worker is ended for nothing
        del self._runs[name]
        try:
            await run.delete()
            path = await to_thread(self._put_away, run)
        except BaseException as error:
            self._runs[name] = run
            run.keep_undeleted(str(error))
            raise
        finally:
            self._count()
        self.service.quota.forget_run(name)
        await to_thread(self._throw_away, path)

    def _put_away(self, run: Run) -> Path:
        """Move a run directory to the trash, so that a crash leaves no half of it. Raises StorageError."""
        with writing(run.directory.path):
            self._trash.mkdir(exist_ok=True)
            return removal.move(run.directory.path, self._trash)

    def _throw_away(self, path: Path) -> None:
        """Remove a directory from the trash. Raises StorageError, naming a file that cannot be removed."""
        try:
            with self._emptying:
                removal.remove(path)
        except OSError as error:
            left = storage_error(Path(error.filename or path), error)
            raise StorageError(
                f"the run is deleted, but not all of its files: {left}; this is tried again",
                left.errno,
            ) from None

    def empty_trash(self) -> None:
        """Retry to remove what is left in the trash."""
        with self._emptying:
            for path in self._trash.glob("*"):
                if not path.name.startswith(MAKING):
                    with suppress(OSError):
                        removal.remove(path)

    def recover(self) -> None:
        """Find the runs of an earlier server; those that were under way are interrupted.

        Each is read by itself. What has not been read within RECOVER_SECONDS is read while the server serves.
        """
        self._make_folders()
        self._pool.submit(self._remove_all, _listed(self._trash))
        self._reading = {self._pool.submit(_recovered, path): path for path in _listed(self._folder)}
        done, _ = wait(self._reading, RECOVER_SECONDS)
        for future, path in self._reading.items():
            finding = future.result() if future in done else inspection.unread(path)
            directory = RunDirectory(path, finding.record.id)
            self._runs[finding.record.id] = Run(finding.record, directory, self.service)
        self._reading = {future: path for future, path in self._reading.items() if future not in done}
        self._last_number = max((run.record.number for run in self._runs.values()), default=0)
        self._number_all()
        self._count()

    async def read_the_rest(self) -> None:
        """Read the runs that were not read before the server began to serve."""
        for future in self._reading:
            finding = await wrap_future(future)
            run = self._runs.get(finding.record.id)
            if run is not None:
                run.replace_record(finding.record)
                self._last_number = max(self._last_number, finding.record.number)
            self._count()
        self._number_all()

    def _remove_all(self, paths: list[Path]) -> None:
        """Remove what an earlier server left in the trash, or did not finish creating."""
        with self._emptying:
            for path in paths:
                try:
                    removal.remove(path)
                except OSError as error:
                    log.warning("trash stays: %s", error)

    def _make_folders(self) -> None:
        """Make the folders of runs and trash, unless a full disk has them already."""
        for folder in (self._folder, self._trash):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                log.warning("%s", storage_error(folder, error))

    async def close(self) -> None:
        """End all workers, each with a snapshot."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.service.slots.close()
        await gather(*(run.end() for run in self._runs.values()))

    def announce_queue(self) -> None:
        """Send all queued runs their new places."""
        for run in self._runs.values():
            if run.hub.viewers and self.service.slots.position(run) is not None:
                run.announce()

    def _count(self) -> None:
        for state in STATES:
            number = sum(run.state == state for run in self._runs.values())
            self.service.measures.runs.labels(state=state).set(number)


def _size_of(experiment: Experiment, source: Source | None) -> int:
    """The approximate size of a new run's directory in bytes."""
    size = len(experiment.text())
    if source is not None:
        path = source.run.directory.path / "checkpoints" / f"{source.checkpoint}.safetensors"
        size += path.stat().st_size if path.is_file() else 0
    return size


def _made(
    path: Path, making: Path, experiment: Experiment, record: RunRecord, source: Source | None
) -> RunDirectory:
    """A run directory with its record and, for a fork, the snapshot it goes on from.

    It is made elsewhere and moved when it is whole. Raises StorageError, and leaves nothing.
    """
    try:
        with writing(path):
            RunDirectory.create(making, experiment, run=record.id)
            if source is not None:
                _take_over(making, experiment, source)
            record.write(making)
            making.rename(path)
    except CheckpointError as error:
        shutil.rmtree(making, ignore_errors=True)
        raise Refusal.at(409, "/from/checkpoint", str(error)) from None
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return RunDirectory.open(path)


def _take_over(path: Path, experiment: Experiment, source: Source) -> None:
    """Copy a checkpoint as the one to go on from. Raises CheckpointError where it is damaged."""
    directory = source.run.directory
    folder, target = directory.path / "checkpoints", path / "checkpoints"
    target.mkdir()
    info = checkpoint.copy(folder, source.checkpoint, target, "latest")
    same = experiment == directory.experiment() and info.revision == source.run.revision
    revision = 0 if same else checkpoint.ANOTHER_EXPERIMENT
    checkpoint.write_note(
        target / "latest.json", replace(info, name="latest", revision=revision, life=0, time=time.time())
    )


def _listed(folder: Path) -> list[Path]:
    """The entries of a folder without hidden files, which file managers and network disks leave."""
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if not (entry.name.startswith(".") and entry.is_file(follow_symlinks=False))
            ]
    except OSError as error:
        log.warning("%s", storage_error(folder, error))
        return []


def _recovered(path: Path) -> Finding:
    """The finding for a run directory; a run that was under way becomes `interrupted`."""
    try:
        finding = inspection.examine(path)
        if not finding.faults:
            removal.remove(path / "studies")
            if finding.changed:
                finding.record.write(path)
    except Exception as error:  # a mistake of ours, in one run, is no reason to keep all others from serving
        log.exception("a run cannot be examined", extra={"run": ascii(path.name)})
        return inspection.unread(path).because(f"{type(error).__name__}: {error}")
    return finding
