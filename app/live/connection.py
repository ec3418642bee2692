"""Connection: a viewer's WebSocket to a run or a lab, with commands in and frames out."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from glassnet.app.core.background import Tasks
from glassnet.app.core.problems import Refusal
from glassnet.app.hub.hub import Viewer
from glassnet.app.hub.mailbox import Disconnected
from glassnet.app.hub.websocket import ViewerSocket
from glassnet.app.runs.replies import Answer
from glassnet.app.runs.service import Service
from glassnet.app.workers import Frame
from glassnet.engine.errors import InvalidDocument, StorageError
from glassnet.engine.experiment.experiment import read_json
from glassnet.engine.run.commands import Command, parse_command

log = logging.getLogger(__name__)

#: Seconds that sending one message may take; the kernel gives up at about the same time.
SEND_SECONDS = 20.0

#: The most commands of one viewer without an answer yet.
MOST_UNANSWERED = 64

#: The longest inbound message in bytes; uvicorn closes the connection beyond it.
LONGEST_MESSAGE = 1 << 16


class Host(Protocol):
    """The run or lab that a connection leads to."""

    @property
    def service(self) -> Service:
        """The service that all connections share."""

    @property
    def id(self) -> str:
        """The name in logs."""

    async def hello(self, viewer: Viewer) -> dict[str, Any]:
        """The first message to a viewer, without its type."""

    async def submit(self, command: Command, viewer: Viewer) -> Answer:
        """Submit a command; the awaited answer becomes its ack. Raises Refusal, as may the answer."""

    def join(self, viewer: Viewer) -> None:
        """Add a viewer."""

    def leave(self, viewer: Viewer) -> None:
        """Remove a viewer."""


class Connection:
    """The WebSocket of a viewer, from hello to close."""

    def __init__(self, socket: WebSocket, host: Host, *, control: bool) -> None:
        self._socket, self._host = socket, host
        self._viewer = Viewer(control)
        self._viewer.mailbox.clock = host.service.clock
        self._answers = Tasks()
        self._unanswered = 0

    async def serve(self) -> None:
        """Send and receive until either ends."""
        host, viewer, measures = self._host, self._viewer, self._host.service.measures
        viewer.send({"type": "hello", **await host.hello(viewer)})
        host.join(viewer)
        measures.viewers.inc()
        host.service.pacer.viewers += 1
        sender = asyncio.create_task(self._send_all(), name=f"sender {host.id}")
        receiver = asyncio.create_task(self._receive_all(), name=f"receiver {host.id}")
        try:
            await asyncio.wait((sender, receiver), return_when=asyncio.FIRST_COMPLETED)
        finally:
            host.leave(viewer)
            measures.viewers.dec()
            host.service.pacer.viewers -= 1
            measures.dropped.inc(viewer.mailbox.traffic.dropped)
            measures.gaps.inc(viewer.mailbox.traffic.gaps)
            await self._answers.close()
            for task in (sender, receiver):
                task.cancel()
            ends = await asyncio.gather(sender, receiver, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    # Out ---------------------------------------------------------------------------------------------

    async def _send_all(self) -> None:
        mailbox, wire, pacer = self._viewer.mailbox, ViewerSocket(self._socket), self._host.service.pacer
        due = 0.0
        try:
            while True:
                await wire.ready(SEND_SECONDS)
                messages = await mailbox.take(due)
                began = time.perf_counter()
                await wire.send(messages, SEND_SECONDS)
                self._count(messages)
                if any(isinstance(message, Frame) for message in messages):
                    pacer.delivered(time.perf_counter() - began)
                    due = mailbox.clock() + pacer.wait()
        except TimeoutError:
            log.info("a viewer stopped reading", extra={"run": self._host.id})
        except Disconnected as end:
            await self._close(end.code, end.reason)
        except WebSocketDisconnect:
            pass

    def _count(self, messages: list[str | Frame]) -> None:
        measures, now = self._host.service.measures, self._host.service.clock()
        for message in messages:
            if isinstance(message, Frame):
                measures.frames.inc()
                measures.frame_latency.observe(now - message.made)

    async def _close(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.close(code, reason)
        except (TimeoutError, WebSocketDisconnect):
            pass

    # In ----------------------------------------------------------------------------------------------

    async def _receive_all(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                self._viewer.mailbox.disconnect(1003, "commands are text")
                continue
            await self._take(text)

    async def _take(self, text: str) -> None:
        """Submit one command; a separate task awaits its answer."""
        number: Any = None
        try:
            value = read_json(text, LONGEST_MESSAGE)
            number = _number(value)
            command = parse_command(value)
            if not self._viewer.control and command.type != "watch":
                raise Refusal.at(403, "/type", f"this connection may watch; '{command.type}' needs control")
            if self._unanswered >= MOST_UNANSWERED:
                raise Refusal(
                    429, f"{MOST_UNANSWERED} commands have no answer yet; expected to wait for some"
                )
            answer = await self._host.submit(command, self._viewer)
        except InvalidDocument as error:
            self._refuse(number, Refusal.of(error))
        except Refusal as refusal:
            self._refuse(number, refusal)
        except (StorageError, OSError) as error:
            self._refuse(number, Refusal.of_storage(error))
        else:
            if answer.done():
                await self._answer(number, answer)
            else:
                self._unanswered += 1
                self._answers.start(self._answer_later(number, answer), f"answer {self._host.id}")

    async def _answer_later(self, number: Any, answer: Answer) -> None:
        try:
            await self._answer(number, answer)
        finally:
            self._unanswered -= 1

    async def _answer(self, number: Any, answer: Answer) -> None:
        try:
            self._viewer.send({**await answer, "id": number})
        except Refusal as refusal:
            self._refuse(number, refusal)

    def _refuse(self, number: Any, refusal: Refusal) -> None:
        self._viewer.send({**refusal.document(), "type": "error", "id": number})


def _number(value: Any) -> str | int | None:
    """The id of a command that may be malformed otherwise."""
    number = value.get("id") if isinstance(value, dict) else None
    return number if isinstance(number, str | int) and len(json.dumps(number)) <= 100 else None
