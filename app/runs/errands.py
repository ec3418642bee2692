"""Commands under way: what a worker was asked, and who waits for its answer."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from app.problems import Refusal, storage_status
from engine.errors import Problem

log = logging.getLogger(__name__)

Answer = asyncio.Future[dict[str, Any]]


class Errands:
    """Numbers commands for the worker, and finds who asked when the answer comes."""

    def __init__(self) -> None:
        self._last = 0
        self._waiting: dict[int, Answer] = {}

    def open(self, message: dict[str, Any]) -> tuple[dict[str, Any], Answer]:
        """The message with a number of our own, and a future for its ack; a refusal is its exception."""
        self._last += 1
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting[self._last] = answer
        return {**message, "id": self._last}, answer

    def close(self, message: dict[str, Any]) -> None:
        """An ack or an error has come."""
        answer = self._waiting.pop(message.get("id") or 0, None)
        if answer is None or answer.done():
            return
        if message["type"] == "ack":
            answer.set_result({name: value for name, value in message.items() if name != "id"})
        else:
            answer.set_exception(_refusal(message))

    def abandon(self, refusal: Refusal) -> None:
        """Nobody will answer any more."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(refusal)
        self._waiting.clear()


def unawaited(answer: Answer) -> None:
    """Nobody waits for this answer; a refusal of it is worth a line."""
    answer.add_done_callback(_note)


def _note(answer: Answer) -> None:
    if not answer.cancelled() and (error := answer.exception()) is not None:
        log.info("a command of our own was refused: %s", error)


def _refusal(message: dict[str, Any]) -> Refusal:
    """A session's error: of the disk, or a 422 where it points into the command, else a 409."""
    errors = [Problem(error["pointer"], error["message"]) for error in message.get("errors", [])]
    located = any(error.pointer not in ("", "/type") for error in errors)
    detail = errors[0].message if errors else message["detail"]
    if "errno" in message:
        return Refusal(storage_status(message["errno"]), detail)
    return Refusal(422 if located else 409, detail, errors=errors)
