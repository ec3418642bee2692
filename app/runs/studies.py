"""A run's studies: what each is to look at, and the bench they stand on."""

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
    """The studies of one run. They look at the run as it is when they are asked for, or at a checkpoint."""

    def __init__(self, run: Host) -> None:
        self._run = run
        self.manager = StudyManager(run.service, run.hub, run.id)

    async def start(self, document: Any, checkpoint: str | None = None) -> str:
        """Begin a study; its key. Raises Refusal with pointers below /study, or at /checkpoint."""
        run = self._run
        experiment, info = await run.files.experiment(), None
        if checkpoint is not None:
            experiment, info = await run.files.read(partial(_looked_up, name=checkpoint))
        try:
            study = await run.service.builder.study(document, experiment)
        except InvalidCommand as error:
            raise Refusal.of(error) from None
        if run.gone:
            raise Refusal(404, f"there is no run '{run.id}' any more")
        key = study.key if info is None else _key_at(study.key, info.name)
        if isinstance(study, FreeStudy):
            return self.manager.start(study, key, _nothing)
        find = self._now if info is None else partial(self._at, experiment, info)
        if not (isinstance(study, NetworkStudy) and study.leaves_checkpoints):
            return self.manager.start(study, key, find)
        results = f"results-{secrets.token_hex(8)}"
        return self.manager.start(
            study, key, partial(self._with_results, find, results), partial(self._keep_races, results)
        )

    async def _with_results(self, find: Callable[[], Awaitable[Subject]], results: str) -> Subject:
        """A subject with a folder for checkpoints of the study's own."""
        subject, release = await find()
        folder = self._run.directory.results(results).resolve()
        await asyncio.to_thread(_make_beside, folder)
        return {**(subject or {}), "results": str(folder)}, release

    async def _keep_races(self, results: str) -> None:
        """Have the writer of the run directory take in what a study has left there.

        That is the session, where there is one or one is on its way; otherwise the service.
        """
        run = self._run
        if run.gone or not run.directory.results(results).is_dir():
            return
        await run.session.settled()
        if run.session.serving or not await run.files.write(partial(RunDirectory.keep_races, name=results)):
            await run.session.ask(KeepRaces.make(name=results))

    async def _now(self) -> Subject:
        """The run as it is now: a copy of its session's state, or the checkpoint it would go on from."""
        run = self._run
        if run.attended:
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

    async def _at(self, experiment: Experiment, info: CheckpointInfo | None, exact: bool = True) -> Subject:
        """The run as a checkpoint has it, or as it was before its first step."""
        run = self._run
        subject = {
            "run": run.id,
            "life": run.record.life,
            "revision": run.revision if info is None else max(0, info.revision),
            "experiment": experiment.document(),
            "folder": str((run.directory.path / "checkpoints").resolve()),
            "checkpoint": None if info is None else info.name,
            "exact": exact and (info is None or info.revision >= 0),
        }
        return subject, _let_go


def _looked_up(directory: RunDirectory, name: str) -> tuple[Experiment, CheckpointInfo]:
    """A checkpoint's note, and the experiment as it was then. Raises Refusal."""
    found = {info.name: info for info in directory.checkpoints()}
    if name not in found:
        raise Refusal.at(404, "/checkpoint", f"no checkpoint '{name}'; expected one of {list(found)}")
    return directory.experiment_at(found[name].revision), found[name]


def _key_at(key: str, checkpoint: str) -> str:
    """The same question about another state of the network is another question."""
    return hashlib.blake2b(f"{key}@{checkpoint}".encode(), digest_size=8).hexdigest()


async def _nothing() -> Subject:
    """A study that looks at no network."""
    return None, _let_go


def _let_go() -> None:
    """There is nothing to be removed."""


def _make_beside(folder: Path) -> None:
    """The folder that is to hold this one, unless its run was deleted meanwhile."""
    with suppress(FileNotFoundError):
        folder.parent.mkdir(exist_ok=True)
