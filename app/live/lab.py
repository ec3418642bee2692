"""A lab: one connection with studies that need no run, private to it and ended with it."""

from __future__ import annotations

import asyncio
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs.replies import Answer
from glassnet.app.runs.service import Service
from glassnet.app.studies.inquiry import Subject
from glassnet.app.studies.runner import Bench
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.run.commands import Cancel, Command, Study


class Lab:
    """What a lab's connection leads to."""

    id = "lab"

    def __init__(self, service: Service) -> None:
        self.service = service
        self._hub = Hub()
        self._bench = Bench(service, self._hub, self.id)

    async def hello(self, viewer: Viewer) -> dict[str, Any]:
        """There is no run to tell of."""
        return {"run": None, "control": viewer.control}

    def join(self, viewer: Viewer) -> None:
        """The one who works here has come."""
        self._hub.join(viewer)
        self.service.labs.add(self)

    def leave(self, viewer: Viewer) -> None:
        """Nobody else will come."""
        self._hub.leave(viewer)
        self.service.labs.discard(self)

    async def close(self) -> None:
        """End all its studies, and its worker."""
        await self._bench.close()

    async def submit(self, command: Command, viewer: Viewer) -> Answer:
        """Begin or end a study. Raises Refusal."""
        answer: Answer = asyncio.get_running_loop().create_future()
        answer.set_result({"type": "ack", "step": 0, **await self._carried_out(command)})
        return answer

    async def _carried_out(self, command: Command) -> dict[str, Any]:
        match command:
            case Study(checkpoint=str()):
                raise Refusal.at(422, "/checkpoint", "there is no run here; expected a study without one")
            case Study():
                try:
                    study = await self.service.builder.study(command.study, None)
                except InvalidCommand as error:
                    raise Refusal.of(error) from None
                return {"key": self._bench.start(study, study.key, _nothing)}
            case Cancel():
                self._bench.cancel(command.key)
                return {}
        raise Refusal.at(409, "/type", f"'{command.type}' is for runs; expected study or cancel")


async def _nothing() -> Subject:
    return None, lambda: None
