"""Lab: the host of a connection with studies that need no run, private to it and ended with it."""

from __future__ import annotations

from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs.replies import Answer, ack, answered
from glassnet.app.runs.service import Service
from glassnet.app.studies.job import Subject
from glassnet.app.studies.runner import StudyManager
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.run.commands import Cancel, Command, Study


class Lab:
    """The host of a lab's connection."""

    id = "lab"

    def __init__(self, service: Service) -> None:
        self.service = service
        self._hub = Hub()
        self._manager = StudyManager(service, self._hub, self.id)

    async def hello(self, viewer: Viewer) -> dict[str, Any]:
        """The first message, which is empty: there is no run."""
        return {"run": None, "control": viewer.control}

    def join(self, viewer: Viewer) -> None:
        """Add the connection's viewer."""
        self._hub.join(viewer)
        self.service.labs.add(self)

    def leave(self, viewer: Viewer) -> None:
        """Remove the connection's viewer."""
        self._hub.leave(viewer)
        self.service.labs.discard(self)

    async def close(self) -> None:
        """End all studies and the worker."""
        await self._manager.close()

    async def submit(self, command: Command, viewer: Viewer) -> Answer:
        """Start or cancel a study. Raises Refusal."""
        return answered(ack(0, **await self._carried_out(command)))

    async def _carried_out(self, command: Command) -> dict[str, Any]:
        match command:
            case Study(checkpoint=str()):
                raise Refusal.at(422, "/checkpoint", "there is no run here; expected a study without one")
            case Study():
                try:
                    study = await self.service.builder.study(command.study, None)
                except InvalidCommand as error:
                    raise Refusal.of(error) from None
                return {"key": self._manager.start(study, study.key, _nothing)}
            case Cancel():
                self._manager.cancel(command.key)
                return {}
        raise Refusal.at(409, "/type", f"'{command.type}' is for runs; expected study or cancel")


async def _nothing() -> Subject:
    return None, lambda: None
