"""Errors as RFC 9457 problem documents, in HTTP responses and in answers to commands."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from glassnet.engine.errors import InvalidDocument, Problem, StorageError
from glassnet.engine.files.storage import BUSY, NO_ROOM, storage_error

MEDIA_TYPE = "application/problem+json"


def storage_status(errno: int) -> int:
    """The HTTP status of a disk error: 507 where space must be freed, 503 where it passes, else 500."""
    return 507 if errno in NO_ROOM else 503 if errno in BUSY else 500


class Remedied(BaseModel):
    """A change that mends a problem."""

    label: str = Field(description="What the change is called.")
    patch: list[dict[str, Any]] = Field(
        description="A JSON patch (RFC 6902) of the experiment, with every default written out."
    )


class Located(BaseModel):
    """One problem of a submitted document."""

    pointer: str = Field(description="A JSON pointer (RFC 6901) that resolves in the submitted document.")
    message: str
    remedy: Remedied | None = Field(None, description="What mends it; absent where no one change does.")


class ProblemDocument(BaseModel):
    """An error as an RFC 9457 problem document."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Located] = []


class Refusal(Exception):
    """A request or a command that is answered with a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Problem] = (),
        title: str | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.extra = status, detail, tuple(errors), extra
        self.title = title or HTTPStatus(status).phrase
        self.headers = headers or {}

    @classmethod
    def of(cls, error: InvalidDocument, *, below: str = "") -> Refusal:
        """A 422 for an invalid document that was at the pointer `below` of the request."""
        located = [problem.moved(below + problem.pointer) for problem in error.problems]
        return cls(422, str(located[0]), errors=located, title="Invalid input")

    @classmethod
    def at(cls, status: int, pointer: str, message: str, **extra: Any) -> Refusal:
        """The refusal for one problem at a pointer."""
        problem = Problem(pointer, message)
        return cls(status, str(problem), errors=[problem], **extra)

    @classmethod
    def of_storage(cls, error: OSError | StorageError) -> Refusal:
        """The refusal for a disk error: 507 where space must be freed, 503 where it passes, else 500."""
        if isinstance(error, OSError):
            error = storage_error(Path(error.filename) if error.filename else None, error)
        return cls(storage_status(error.errno), str(error))

    def document(self) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": [problem.document() for problem in self.errors],
            **self.extra,
        }

    def response(self) -> JSONResponse:
        """The problem document as an HTTP response."""
        return JSONResponse(self.document(), self.status, self.headers, media_type=MEDIA_TYPE)


async def answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response before any route is called; for a WebSocket, instead of the handshake."""
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
    await response(scope, receive, send)
