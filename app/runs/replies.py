"""Open commands: numbered for the session, each with a future for its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Any

from glassnet.app.core.problems import Refusal, storage_status
from glassnet.engine.errors import Problem
from glassnet.engine.run.commands import Command, Id

log = logging.getLogger(__name__)

Answer = asyncio.Future[dict[str, Any]]


def ack(step: int, **more: Any) -> dict[str, Any]:
    """The answer to a command that was carried out, at a step."""
    return {"type": "ack", "step": step, **more}


def answered(answer: dict[str, Any]) -> Answer:
    """A future that has an answer already."""
    future: Answer = asyncio.get_running_loop().create_future()
    future.set_result(answer)
    return future


class Replies:
    """Numbers commands for the session, and resolves their futures with its answers."""

    def __init__(self, refused: Callable[[str, Refusal], None]) -> None:
        """`refused` is called with the type of a command that is refused after it was answered `queued`."""
        self._refused = refused
        self._last = 0
        self._waiting: dict[Id, Answer] = {}
        #: What each command is that the session has not answered.
        self._types: dict[Id, str] = {}

    @property
    def open(self) -> bool:
        """Whether the session has not answered every command."""
        return bool(self._types)

    def begin(self, command: Command) -> tuple[Command, Answer]:
        """The command with a number as its id, and a future for its ack; a refusal is its exception."""
        self._last += 1
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting[self._last], self._types[self._last] = answer, command.type
        return command.numbered(self._last), answer

    def is_open(self, number: Id) -> bool:
        """Whether the session has not answered this command yet."""
        return number in self._types

    def defer(self, numbers: Iterable[Id], answer: dict[str, Any]) -> None:
        """Answer these commands with `queued`: they are carried out later."""
        for number in numbers:
            waiting = self._waiting.pop(number, None)
            if waiting is not None and not waiting.done():
                waiting.set_result({**answer, "queued": True})

    def close(self, message: dict[str, Any]) -> None:
        """Resolve a command with an ack or an error of the session."""
        number = message.get("id") or 0
        kind, answer = self._types.pop(number, None), self._waiting.pop(number, None)
        if message["type"] == "ack":
            if answer is not None and not answer.done():
                answer.set_result({name: value for name, value in message.items() if name != "id"})
        elif kind is not None:
            self._refuse(kind, answer, _refusal(message))

    def abandon(self, refusal: Refusal, but: Collection[Id] = ()) -> None:
        """Refuse all open commands, as their session has ended; those in `but` stay open for the next."""
        for number in [number for number in self._types if number not in but]:
            self._refuse(self._types.pop(number), self._waiting.pop(number, None), refusal)

    def _refuse(self, kind: str, answer: Answer | None, refusal: Refusal) -> None:
        if answer is None:
            self._refused(kind, refusal)
        elif not answer.done():
            answer.set_exception(refusal)


def unawaited(answer: Answer) -> None:
    """Log a refusal of a command that no client waits for."""
    answer.add_done_callback(_note)


def _note(answer: Answer) -> None:
    if not answer.cancelled() and (error := answer.exception()) is not None:
        log.info("a command of our own was refused: %s", error)


def _refusal(message: dict[str, Any]) -> Refusal:
    """The refusal for a session's error: of the disk, 422 with a pointer into the command, or 409."""
    errors = [Problem.of(error) for error in message.get("errors", [])]
    located = any(error.pointer not in ("", "/type") for error in errors)
    detail = errors[0].message if errors else message["detail"]
    if "errno" in message:
        return Refusal(storage_status(message["errno"]), detail)
    return Refusal(422 if located else 409, detail, errors=errors)
