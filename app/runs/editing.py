"""Edits of a run: validated here, then carried out by the current writer of the run directory.

That is the session, where there is one or one is being started. Without a session the service writes the edit
to the journal, from which the next session reads it.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.runs import patch_pointers
from glassnet.app.runs.host import Host
from glassnet.app.runs.replies import ack
from glassnet.engine.errors import InvalidCommand, InvalidExperiment
from glassnet.engine.experiment.edits import how_applied, is_live, stale, trains_alike
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import Edit
from glassnet.engine.run.directory import RunDirectory

#: What all viewers are told of an edit; what starts anew is known where a session has carried it out.
TOLD = ("revision", "experiment", "step", "applied", "new", "resized")


class Editing:
    """The edits of one run, one at a time."""

    def __init__(self, run: Host) -> None:
        self._run = run
        self._turn = asyncio.Lock()

    async def edit(self, command: Edit) -> dict[str, Any]:
        """The ack of an edit. Raises Refusal, with pointers into the command."""
        async with self._turn:
            run = self._run
            before = await run.files.experiment()
            self._check_revision(command, before)
            after = await self._patched(before, command)
            await run.service.blobs.claim(after.document())
            answer = await self._carried_out(command, before, after)
            run.edited(before, after, answer["revision"])
            run.hub.broadcast({"type": "edited", **{name: answer[name] for name in TOLD if name in answer}})
            return answer

    def _check_revision(self, command: Edit, before: Experiment) -> None:
        revision = self._run.revision
        if command.revision != revision:
            detail = stale(command.revision, revision)
            raise Refusal.at(409, "/revision", detail, revision=revision, experiment=before.document())

    async def _patched(self, before: Experiment, command: Edit) -> Experiment:
        try:
            return await self._run.service.builder.edited(before, command.patch)
        except InvalidExperiment as error:
            located = [
                problem.moved(patch_pointers.place_in_patch(problem.pointer, command.patch))
                for problem in error.problems
            ]
            places = [problem.pointer for problem in error.problems]
            raise Refusal(422, str(error.problems[0]), errors=located, experiment_pointers=places) from None
        except InvalidCommand as error:
            raise Refusal.of(error) from None

    async def _carried_out(self, command: Edit, before: Experiment, after: Experiment) -> dict[str, Any]:
        session = self._run.session
        await session.settled()
        if not session.serving:
            answer = await self._written(command, before, after)
            if answer is not None:
                return answer
        return await session.ask(command)

    async def _written(self, command: Edit, before: Experiment, after: Experiment) -> dict[str, Any] | None:
        """The ack of an edit that the service journals itself; None if a session was started meanwhile."""
        run, revision = self._run, command.revision + 1
        write = partial(_journal, step=run.record.step, revision=revision, patch=command.patch, after=after)
        if not await run.files.write(write):
            return None
        if run.state in ("failed", "finished", "paused"):
            stopped = run.state == "finished" and "stop" in (run.record.reason or {})
            ended = run.state != "failed" and run.record.epoch >= after.training.epochs
            if not (stopped and trains_alike(before, after)):  # what a stop has ended stays as it is
                run.enter("finished" if ended else "paused")
        run.service.slots.request(run)  # to show what the edit made of it
        applied = how_applied(live=is_live(before, after))
        document = after.document()
        return ack(run.record.step, revision=revision, applied=applied, experiment=document)


def _journal(
    directory: RunDirectory, *, step: int, revision: int, patch: list[Any], after: Experiment
) -> None:
    """Append an edit to the journal, opened anew after the last session."""
    writer = RunDirectory.open(directory.path)
    try:
        writer.append_edit(step, revision, patch, after)
    finally:
        writer.close()
