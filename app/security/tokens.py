"""The tokens of this server and their permissions."""

from __future__ import annotations

import hashlib
import hmac
from enum import IntEnum
from functools import cached_property
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Scope

from glassnet.app.core.settings import Settings
from glassnet.app.security import cookies


class Access(IntEnum):
    """The permission of a request; each level includes the previous ones."""

    NONE = 0
    WATCH = 1
    CONTROL = 2


class Tokens:
    """The launch token, and the token that only allows watching."""

    def __init__(self, settings: Settings) -> None:
        tokens = ((settings.watch_token, Access.WATCH), (settings.token, Access.CONTROL))
        self._known = [(_digest(token), access) for token, access in tokens if token]
        self._folder = settings.data_dir
        #: Whether no token is needed.
        self.open = not settings.token

    @cached_property
    def cookie(self) -> str:
        """The name of this server's cookie, unique per server because cookies do not distinguish ports."""
        return f"glassnet_{cookies.instance(self._folder)}"

    def access(self, scope: Scope) -> Access:
        """The permission of a request."""
        if self.open:
            return Access.CONTROL
        return max((self.of(token) for token in self.presented(scope)), default=Access.NONE)

    def of(self, token: str) -> Access:
        """The permission of a token, compared with all tokens in constant time."""
        digest, granted = _digest(token), Access.NONE
        for known, access in self._known:
            if hmac.compare_digest(known, digest):
                granted = max(granted, access)
        return granted

    def presented(self, scope: Scope) -> list[str]:
        """The tokens of a request: of the Authorization header, the cookie, or a WebSocket's address."""
        headers = Headers(scope=scope)
        found = []
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found.append(token.strip())
        if kept := headers.getlist("cookie"):
            found += [value for header in kept for value in cookies.values(header, self.cookie)]
        if scope["type"] == "websocket" and (token_in_address := in_address(scope)) is not None:
            found.append(token_in_address)
        return found


def in_address(scope: Scope) -> str | None:
    """The token in the address, as `serve` prints it."""
    values = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token")
    return values[0] if values else None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
