"""A run's studies: the subject of each, and the manager that runs them."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.runs import resume
from glassnet.app.runs.host import Host
from glassnet.app.studies.job import Subject
from glassnet.app.studies.runner import StudyManager
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import Copy, KeepRaces
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.studies import FreeStudy, NetworkStudy
from glassnet.engine.training.checkpoint import CheckpointInfo


class Studies:
    """The studies of one run, of its state at the time of the request or of a checkpoint."""

    def __init__(self, run: Host) -> None:
        self._run = run
        self.manager = StudyManager(run.service, run.hub, run.id)

    async def start(self, document: Any, checkpoint: str | None = None) -> str:
        """Start a study; returns its key. Raises Refusal with pointers below /study, or at /checkpoint."""
        run = self._run
        experiment, info = await run.files.experiment(), None
        if checkpoint is not None:
            experiment, info = await run.files.read(partial(_looked_up, name=checkpoint))
        try:
            study = await run.service.builder.study(document, experiment)
        except InvalidCommand as error:
            raise Refusal.of(error) from None
        if run.deleted:
            raise Refusal(404, f"there is no run '{run.id}' any more")
        key = study.key if info is None else _key_at(study.key, info.name)
        if isinstance(study, FreeStudy):
            return self.manager.start(study, key, _nothing)
        find = self.now if info is None else partial(self._at, experiment, info)
        if not (isinstance(study, NetworkStudy) and study.leaves_checkpoints):
            return self.manager.start(study, key, find)
        results = f"results-{secrets.token_hex(8)}"
        return self.manager.start(
            study, key, partial(self._with_results, find, results), partial(self._keep_races, results)
        )

    async def _with_results(self, find: Callable[[], Awaitable[Subject]], results: str) -> Subject:
        """A subject with a folder in which the study may leave checkpoints."""
        subject, release = await find()
        folder = self._run.directory.results(results).resolve()
        await asyncio.to_thread(_make_beside, folder)
        return {**(subject or {}), "results": str(folder)}, release

    async def _keep_races(self, results: str) -> None:
        """Move a study's checkpoints to the run's, by the current writer of the run directory.

        That is the session, where there is one or one is being started; otherwise the service.
        """
        run = self._run
        if run.deleted or not run.directory.results(results).is_dir():
            return
        await run.session.settled()
        if run.session.serving or not await run.files.write(partial(RunDirectory.keep_races, name=results)):
            await run.session.ask(KeepRaces.make(name=results))

    async def now(self) -> Subject:
        """The current state as a subject: a copy of the session's, or the checkpoint to resume from."""
        run = self._run
        if run.has_session:
            name = f"study-{secrets.token_hex(8)}"
            path = run.directory.snapshot(name).resolve()
            try:
                await run.session.ask(Copy.make(name=name))
            except Refusal as refusal:
                path.unlink(missing_ok=True)
                if refusal.status != 503:
                    raise
            else:
                return {"snapshot": str(path)}, partial(path.unlink, missing_ok=True)
        experiment, info = await run.files.experiment(), await run.files.read(resume.find)
        return await self._at(experiment, info, exact=info is None or info.revision == run.revision)

    async def at_checkpoint(self, name: str) -> Subject:
        """A checkpoint as a subject. Raises Refusal."""
        experiment, info = await self._run.files.read(partial(_looked_up, name=name))
        return await self._at(experiment, info)

    async def _at(self, experiment: Experiment, info: CheckpointInfo | None, exact: bool = True) -> Subject:
        """A checkpoint as a subject, or the state before the first step."""
        run = self._run
        subject = {
            "run": run.id,
            "life": run.record.life,
            "revision": run.revision if info is None else max(0, info.revision),
            "experiment": experiment.document(),
            "folder": str((run.directory.path / "checkpoints").resolve()),
            "checkpoint": None if info is None else info.name,
            "exact": exact and (info is None or info.of_the_run),
        }
        return subject, _let_go


def _looked_up(directory: RunDirectory, name: str) -> tuple[Experiment, CheckpointInfo]:
    """The experiment at a checkpoint, and its note. Raises Refusal."""
    found = {info.name: info for info in directory.checkpoints()}
    if name not in found:
        raise Refusal.at(404, "/checkpoint", f"no checkpoint '{name}'; expected one of {list(found)}")
    return directory.experiment_at(found[name].revision), found[name]


def _key_at(key: str, checkpoint: str) -> str:
    """The key of a study of a checkpoint: other than that of the current state."""
    return hashlib.blake2b(f"{key}@{checkpoint}".encode(), digest_size=8).hexdigest()


async def _nothing() -> Subject:
    """No subject: for studies without a network."""
    return None, _let_go


def _let_go() -> None:
    """Release a subject that has no file of its own."""


def _make_beside(folder: Path) -> None:
    """Make the parent of a folder, unless its run was deleted meanwhile."""
    with suppress(FileNotFoundError):
        folder.parent.mkdir(exist_ok=True)
