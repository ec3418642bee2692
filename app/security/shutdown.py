"""Responses to requests that are interrupted by the server's shutdown."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.app.core.problems import Refusal


class Ending:
    """A middleware that answers 503 where uvicorn cancels a request at shutdown, without a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except asyncio.CancelledError:
            if begun or scope["type"] != "http":
                raise
            later = {"Retry-After": "5"}
            await Refusal(503, "the server ends", headers=later).response()(scope, receive, send)
