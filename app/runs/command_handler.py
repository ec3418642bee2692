"""Dispatch of a run's commands: to the service's parts, or to the run's session.

Commands for a session are pending (backlog.py) while the run has no worker.
"""

from __future__ import annotations

from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.hub.hub import Viewer
from glassnet.app.runs.editing import Editing
from glassnet.app.runs.host import Host
from glassnet.app.runs.replies import Answer, ack, answered
from glassnet.app.runs.states import LEGAL, WRITING, is_legal
from glassnet.app.runs.studies import Studies
from glassnet.app.runs.viewers import Viewers
from glassnet.engine.run.commands import (
    Cancel,
    Command,
    Edit,
    Pause,
    Repair,
    Snapshot,
    Speed,
    Stop,
    Study,
    Watch,
    Weight,
)


class CommandHandler:
    """The commands of one run."""

    def __init__(self, run: Host, viewers: Viewers, studies: Studies) -> None:
        self._run, self._viewers, self._studies = run, viewers, studies
        self._editing = Editing(run)

    async def submit(self, command: Command, viewer: Viewer | None = None) -> Answer:
        """A future for the ack of a command. Raises Refusal, as the future may.

        Commands of one sender keep their order as long as each is submitted when the one before was.
        """
        self._check(command)
        match command:
            case Edit():
                return answered(await self._editing.edit(command))
            case Watch():
                return self._acknowledged(**await self._viewers.watch(command, viewer))
            case Study():
                key = await self._studies.start(command.study, command.checkpoint)
                return self._acknowledged(key=key)
            case Repair():
                return self._acknowledged(done=await self._run.repair())
            case Cancel():
                self._studies.manager.cancel(command.key)
                return self._acknowledged()
            case Stop():
                self._viewers.unwatched.commanded(command)
                await self._run.stop()
                return self._acknowledged()
            case Weight() | Snapshot():
                self._run.take_possession()
            case Speed():
                self._run.set_speed(command.steps_per_second)
        self._viewers.unwatched.commanded(command)
        return self.forward(command, limited=True)

    def _check(self, command: Command) -> None:
        """Raise Refusal where the run's state does not allow it, or the disk has no room for it."""
        kind, state = command.type, self._run.state
        if not is_legal(kind, state):
            legal = ", ".join(sorted(LEGAL[state]))
            raise Refusal.at(
                409, "/type", f"'{kind}' is not legal while the run is {state}; expected {legal}"
            )
        if kind in WRITING:
            self._run.service.quota.check_run(self._run.id)

    def forward(self, command: Command, *, limited: bool = False) -> Answer:
        """A future for the ack of a command to the session, which may still have to be started.

        Raises Refusal where it is `limited` and too many runs are queued already.
        """
        run, service = self._run, self._run.service
        if run.session.reachable:
            return run.session.ask(command)
        if isinstance(command, Speed):
            return self._acknowledged()
        if isinstance(command, Pause):
            self._pause_without_session()
            return self._acknowledged()
        if limited and not run.session.serving:
            service.slots.admit(run, service.settings.max_queued)
        answer = run.session.ask(command)
        self.update_waiting_state()
        return answer

    def _pause_without_session(self) -> None:
        """Pause a run without a session at once; it leaves the queue unless other commands are pending."""
        run = self._run
        run.session.rest()
        waits = run.service.slots.position(run) is not None
        if waits or run.state == "queued":
            run.enter("paused")
        if waits and not run.session.pending:
            run.service.slots.withdraw(run)

    def update_waiting_state(self) -> None:
        """Set the state of a run that waits for a worker: queued if it is to train, else unchanged.

        While another makes room for it, it does not wait for its turn: it is starting.
        """
        run, pending = self._run, self._run.session.pending
        if run.service.slots.position(run) is None or (run.session.parking and pending.undecided):
            return
        if pending.aim is not None:
            if run.service.slots.is_coming(run):
                run.enter("starting")
            else:
                run.enter("queued", self.why_queued())
        elif run.state in ("queued", "training"):
            run.enter("paused")

    def why_queued(self) -> dict[str, Any]:
        """The reason of the state `queued`."""
        settings = self._run.service.settings
        count = settings.worker_count
        busy = "the only worker is busy" if count == 1 else f"all {count} workers are busy"
        detail = f"{busy}; runs that train take turns of {settings.time_slice:g} seconds"
        return {"title": "Waiting for its turn", "detail": detail}

    def _acknowledged(self, **more: Any) -> Answer:
        return answered(ack(self._run.record.step, **more))
