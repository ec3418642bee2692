"""Requests that the end of the server interrupts are answered, and leave no trace in the log."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.app.core.problems import Refusal


class Ending:
    """Answers 503 where uvicorn cancels a request, as it does with those that outlast its grace."""

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
