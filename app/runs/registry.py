"""All runs of this server: made, found, listed, forked, deleted, and found again after a restart."""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from asyncio import gather, to_thread
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from app.problems import Refusal
from app.runs import resume
from app.runs.card import Card, Unwatched
from app.runs.run import Run
from app.runs.service import Service
from app.runs.states import STATES
from app.store.usage import size_of
from engine import checkpoint
from engine.errors import CheckpointError, GlassnetError, StorageError
from engine.resume import last_row
from engine.rundir import RunDirectory
from engine.spec import Experiment
from engine.storage import check_writable, storage_error, writing

log = logging.getLogger(__name__)

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"

#: How the names of directories begin that are being made, among the trash.
MAKING = "new-"

#: The revision noted on a snapshot that another experiment is to take over what fits of.
ANOTHER_EXPERIMENT = -1


@dataclass(frozen=True)
class Source:
    """The run and the checkpoint that a new run goes on from."""

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

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(sorted(self._runs.values(), key=lambda run: run.card.created, reverse=True))

    def __getitem__(self, name: str) -> Run:
        run = self._runs.get(name)
        if run is None:
            raise Refusal(404, f"there is no run '{name[:40]}'")
        return run

    @property
    def viewers(self) -> int:
        """Connections that watch any of them."""
        return sum(len(run.hub.viewers) for run in self._runs.values())

    async def create(
        self,
        experiment: Experiment,
        *,
        play: bool,
        speed: float | None = None,
        unwatched: Unwatched = "continue",
        source: Source | None = None,
    ) -> Run:
        """A new run. It waits for a worker; `play` and `speed` say what it does once it has one."""
        settings = self.service.settings
        if len(self._runs) >= settings.max_runs:
            raise Refusal(429, f"{settings.max_runs} runs are kept; expected that some are deleted first")
        self.service.slots.admit(None, settings.max_queued)
        name = "".join(secrets.choice(ALPHABET) for _ in range(10))
        path = self._folder / name
        parent = None if source is None else source.run.id
        card = Card(name, experiment.title, time.time(), unwatched=unwatched, parent=parent)
        if source is not None and source.checkpoint == "now":
            source = await self._now(source)
        quota = self.service.quota
        await self.service.blobs.claim(experiment.document())
        with quota.reserve("runs", _size_of(experiment, source)):
            making = self._trash / f"{MAKING}{name}"
            directory = await to_thread(_made, path, making, experiment, card, source)
            quota.measured_run(name, await to_thread(size_of, path))
        run = self._runs[name] = Run(card, directory, self.service)
        run.start(play, speed)
        self._count()
        return run

    async def _now(self, source: Source) -> Source:
        """The state of the source at this moment, as a checkpoint of it."""
        await source.run.session.settled()
        if source.run.attended:
            await source.run.snapshot("latest")
        found = await source.run.read(resume.find)
        if found is None:
            raise Refusal.at(409, "/from/run", f"run '{source.run.id}' has no whole snapshot yet")
        return Source(source.run, found.name)

    async def delete(self, name: str) -> None:
        """End a run and remove its directory. Who asks for it meanwhile finds nothing."""
        run = self[name]
        check_writable(self._folder)  # before its worker is ended for nothing
        del self._runs[name]
        try:
            await run.delete()
            await to_thread(self._put_away, name)
        except BaseException as error:
            self._runs[name] = run
            run.remain(str(error))
            raise
        finally:
            self._count()
        self.service.quota.forget_run(name)
        await to_thread(self._empty_trash, name)

    def _put_away(self, name: str) -> None:
        """Out of sight at once; a crash afterwards leaves trash, not half a run. Raises StorageError."""
        path = self._folder / name
        with writing(path):
            self._trash.mkdir(exist_ok=True)
            path.rename(self._trash / name)

    def _empty_trash(self, name: str) -> None:
        """The files of a deleted run. Raises StorageError, naming one that cannot be removed."""
        path = self._trash / name
        try:
            with self._emptying:
                if path.exists():
                    shutil.rmtree(path)
        except OSError as error:
            left = storage_error(Path(error.filename or path), error)
            raise StorageError(
                f"the run is deleted, but not all of its files: {left}; this is tried again",
                left.errno,
            ) from None

    def empty_trash(self) -> None:
        """Try again to remove what could not be removed when it was deleted."""
        with self._emptying:
            for path in self._trash.glob("*"):
                if not path.name.startswith(MAKING):
                    shutil.rmtree(path, ignore_errors=True)

    def recover(self) -> None:
        """Find the runs of an earlier server; those that were under way are interrupted."""
        shutil.rmtree(self._trash, ignore_errors=True)
        self._make_folders()
        for path in self._folder.iterdir():
            try:
                run = self._found(path)
            except (GlassnetError, OSError, ValueError) as error:
                log.warning("not a run: %s: %s", path, error)
                continue
            self._runs[run.id] = run
        self._count()

    def _make_folders(self) -> None:
        """Where runs are and where they go; on a disk that takes nothing they may be there already."""
        for folder in (self._folder, self._trash):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                log.warning("%s", storage_error(folder, error))

    def _found(self, path: Path) -> Run:
        directory = RunDirectory.open(path)
        shutil.rmtree(path / "studies", ignore_errors=True)
        card = Card.read(path)
        if card is None:
            title = directory.experiment().title
            card = Card(
                path.name, title, path.stat().st_mtime, state="interrupted", reason=dict(resume.ENDED)
            )
        run = Run(card, directory, self.service)
        if card.state in resume.UNDER_WAY:
            last = last_row(directory)
            card.step, card.epoch = last if last is not None else (0, 0.0)
            card.revision = directory.revision
            card.life = directory.life
            run.enter("interrupted", dict(resume.ENDED))
        return run

    async def close(self) -> None:
        """End all workers, each with a snapshot."""
        self.service.slots.close()
        await gather(*(run.end() for run in self._runs.values()))

    def announce_queue(self) -> None:
        """Places in the queue have changed."""
        for run in self._runs.values():
            if run.hub.viewers and self.service.slots.position(run) is not None:
                run.announce()

    def _count(self) -> None:
        for state in STATES:
            number = sum(run.state == state for run in self._runs.values())
            self.service.measures.runs.labels(state=state).set(number)


def _size_of(experiment: Experiment, source: Source | None) -> int:
    """Bytes that a new run's directory will have, about."""
    size = len(experiment.text())
    if source is not None:
        path = source.run.directory.path / "checkpoints" / f"{source.checkpoint}.safetensors"
        size += path.stat().st_size if path.is_file() else 0
    return size


def _made(
    path: Path, making: Path, experiment: Experiment, card: Card, source: Source | None
) -> RunDirectory:
    """A run directory with its card and, for a fork, the snapshot it goes on from.

    It is made elsewhere and moved when it is whole. Raises StorageError, and leaves nothing.
    """
    try:
        with writing(path):
            RunDirectory.create(making, experiment, run=card.id)
            if source is not None:
                _take_over(making, experiment, source)
            card.write(making)
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
    revision = 0 if same else ANOTHER_EXPERIMENT
    checkpoint.write_note(
        target / "latest.json", replace(info, name="latest", revision=revision, life=0, time=time.time())
    )
