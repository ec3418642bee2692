"""Who may do what. For now: whoever reaches a loopback server may do all; elsewhere a token says."""

from __future__ import annotations

import hmac
from enum import IntEnum
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Scope

from app.settings import Settings

COOKIE = "glassnet_token"


class Access(IntEnum):
    """What a request may do; each includes the ones before."""

    NONE = 0
    WATCH = 1
    CONTROL = 2


class Tokens:
    """The launch token, and the one that only lets watch."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = [(settings.watch_token, Access.WATCH), (settings.token, Access.CONTROL)]
        self._open = not settings.token

    def access(self, scope: Scope) -> Access:
        """What the bearer of this request may do."""
        if self._open:
            return Access.CONTROL
        return max((self.of(token) for token in _presented(scope)), default=Access.NONE)

    def of(self, token: str) -> Access:
        """What a token allows."""
        matching = [
            access
            for known, access in self._tokens
            if known and hmac.compare_digest(known.encode(), token.encode())
        ]
        return max(matching, default=Access.NONE)


def offered(scope: Scope) -> str | None:
    """The token in the address, as in the line that `serve` prints."""
    values = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token")
    return values[0] if values else None


def _presented(scope: Scope) -> list[str]:
    headers = Headers(scope=scope)
    found = []
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.append(token.strip())
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        cookie = None
    if cookie is not None:
        found.append(cookie.value)
    if scope["type"] == "websocket" and (token_in_address := offered(scope)) is not None:
        found.append(token_in_address)
    return found
