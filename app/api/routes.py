"""The table of routes: allowed methods, HEAD requests, and redirects of trailing slashes."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed(app: FastAPI, path: str) -> list[str]:
    """The allowed methods of a path; empty where there is no route."""
    found = [method for method in METHODS if _answering(app, path, method)]
    if not found and any(isinstance(route, Mount) for route in _matching(app, path, "GET")):
        found = ["GET"]  # mounts serve files
    found = ["HEAD", *found] if "GET" in found else found
    return [*found, "OPTIONS"] if found else found


def other_spelling(app: FastAPI, path: str) -> str | None:
    """The path with or without its trailing slash, if a GET route exists there.

    Starlette would redirect to an absolute address made from the Host header, which the client controls. A
    path alone stays on this server: it begins with one slash, not two.
    """
    other = path.rstrip("/") if path.endswith("/") else f"{path}/"
    other = "/" + other.lstrip("/")
    return other if other != path and _answering(app, other, "GET") else None


def _answering(app: FastAPI, path: str, method: str) -> bool:
    return any(not isinstance(route, Mount) for route in _matching(app, path, method))


def _matching(app: FastAPI, path: str, method: str) -> list[BaseRoute]:
    scope: Scope = {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
    return [route for route in app.router.routes if route.matches(dict(scope))[0] is Match.FULL]


class Head:
    """A middleware that answers HEAD as GET, without the body.

    To the route the client seems to disconnect after the headers, so that a stream is not read to its end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        asked = Asked(send)
        await self._app({**scope, "method": "GET"}, asked.receive, asked.send)


class Asked:
    """A HEAD request as the route sees it: a GET whose client disconnects after the headers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._read, self._answered = False, asyncio.Event()

    async def receive(self) -> Message:
        """The empty body, then the client's disconnect."""
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Forward the headers, and drop the body."""
        if message["type"] == "http.response.start":
            await self._send(message)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self._answered.set()
