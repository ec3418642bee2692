"""The path that a proxy in front takes away: to a browser, `/runs/1` may be `/user/ada/proxy/8265/runs/1`."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

#: An attribute of a page that leads to an address of this server.
_ADDRESS = re.compile(r'\b((?:href|src|action)=")/(?!/)')


class Prefix:
    """Takes the prefix off the path of every request, unless the proxy has."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope["prefix"] = self._prefix
            path = scope["path"].removeprefix(self._prefix)
            if path.startswith("/") or not path:
                scope["path"] = path or "/"
        await self._app(scope, receive, send)


def prefix_of(scope: Scope) -> str:
    """What stands before the paths of this server in a browser's address; mostly nothing."""
    prefix: str = scope.get("prefix", "")
    return prefix


def redirection(scope: Scope, target: str) -> str:
    """The Location that leads a request to a path of this server.

    Behind a proxy it is relative to the path of the request: some proxies put their path before one that
    begins with a slash, some do not, and one that they have put there twice would lead nowhere.
    """
    if not prefix_of(scope):
        return target
    depth: int = scope["path"].count("/") - 1
    return "./" + "../" * depth + target.lstrip("/")


def with_prefix(html: str, prefix: str) -> str:
    """A page whose links lead to where a browser finds them."""
    return _ADDRESS.sub(rf"\g<1>{prefix}/", html) if prefix else html
