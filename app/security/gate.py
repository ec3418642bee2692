"""The gate: every request is let through with what its bearer may do, or asked for a token."""

from __future__ import annotations

import asyncio
import math
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from glassnet.app.core.assets import without_version
from glassnet.app.core.problems import Refusal, answer
from glassnet.app.security import sign_in
from glassnet.app.security.failures import Failures, origin
from glassnet.app.security.tokens import Access, Tokens, in_address

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

#: Asked by machines that have no token and learn nothing, and by whoever is about to sign in.
OPEN_PATHS = {"/livez", "/readyz", *sign_in.ASSETS}

#: Seconds that the answer to one wrong token too many is held back at most. Only its own connection waits.
LONGEST_DELAY = 2.0

NO_TOKEN = "this server asks for its token; open the address that `glassnet serve` printed"


class Gate:
    """Lets through who has a token, and answers the others."""

    def __init__(self, app: ASGIApp, tokens: Tokens, failures: Failures | None = None) -> None:
        self._app, self._tokens = app, tokens
        self._failures = failures or Failures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            response = await self._answer(scope, receive)
        except Refusal as refusal:
            response = self._refused(scope, refusal)
        if response is None:
            await self._app(scope, receive, send)
        else:
            await answer(response, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """The gate's own answer; None where the request may go on. Raises Refusal."""
        scope["access"] = access = self._tokens.access(scope)
        if self._tokens.open:
            return RedirectResponse("/", 303) if scope["path"] == sign_in.PATH else None
        if _is_page(scope):
            if scope["method"] == "POST":
                return await self._signed_in(scope, receive)
            token = in_address(scope)
            if token is not None and self._tokens.of(token) > Access.NONE:
                return self._welcomed(scope, token)  # out of the address, where it would be seen and kept
            if scope["path"] == sign_in.PATH:
                return sign_in.page(200)
        if without_version(scope["path"]) not in OPEN_PATHS:
            await self._check(scope, access)
        return None

    async def _check(self, scope: Scope, access: Access) -> None:
        changes = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        if access == Access.NONE:
            await self._slow_down(scope)
            raise Refusal(401, NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})
        if changes and access < Access.CONTROL:
            await self._slow_down(scope)
            raise Refusal(403, "this token lets watch; expected one that lets control")

    async def _slow_down(self, scope: Scope) -> None:
        """Count what was presented and is wrong. Raises Refusal, after a while, where that is too much."""
        presented = self._tokens.presented(scope)
        if _is_page(scope) and (token := in_address(scope)) is not None:
            presented.append(token)
        for token in presented:
            if self._tokens.of(token) == Access.NONE:
                await self._count(scope)

    async def _count(self, scope: Scope) -> None:
        wait = self._failures.note(origin(scope))
        if wait == 0:
            return
        await asyncio.sleep(min(wait, LONGEST_DELAY))
        seconds = str(math.ceil(wait))
        raise Refusal(429, "too many wrong tokens from this address", headers={"Retry-After": seconds})

    # Signing in --------------------------------------------------------------------------------------

    async def _signed_in(self, scope: Scope, receive: Receive) -> Response:
        """Take the token of a form. Raises Refusal."""
        token = await sign_in.token(Request(scope, receive))
        if self._tokens.of(token) > Access.NONE:
            return self._welcomed(scope, token)
        await self._count(scope)
        return sign_in.page(401, sign_in.WRONG)

    def _welcomed(self, scope: Scope, token: str) -> Response:
        """Back to where the visitor wanted to go, which is here, with a cookie."""
        response = RedirectResponse(_here(scope), 303)
        secure = scope["scheme"] == "https"
        response.set_cookie(
            self._tokens.cookie, quote(token, safe=""), httponly=True, samesite="lax", secure=secure
        )
        return response

    def _refused(self, scope: Scope, refusal: Refusal) -> Response:
        """A page for people, a problem document for programs."""
        if refusal.status not in (401, 429) or not _wants_page(scope):
            return refusal.response()
        presented = self._tokens.presented(scope)
        wrong = sign_in.WRONG if in_address(scope) is not None else sign_in.STALE if presented else ""
        words = sign_in.TOO_MANY if refusal.status == 429 else wrong
        action = sign_in.PATH if scope["path"].startswith("/api/") else None
        response = sign_in.page(refusal.status, words, action=action, headers=refusal.headers)
        if presented:  # without it, what the page asks for is no guess
            response.delete_cookie(self._tokens.cookie)
        return response


def _is_page(scope: Scope) -> bool:
    """Whether a request is for a page, or has the form of one."""
    if scope["type"] != "http" or scope["path"].startswith("/api/"):
        return False
    if scope["method"] == "POST":
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/x-www-form-urlencoded"
    return scope["method"] in ("GET", "HEAD")


def _wants_page(scope: Scope) -> bool:
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


def _here(scope: Scope) -> str:
    """The address that was asked for, without its token; never another host's."""
    if scope["path"] == sign_in.PATH:
        return "/"
    path = "/" + quote(scope["path"].lstrip("/"), safe="/@:!$&'()*+,;=~")
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    kept = urlencode([(name, value) for name, value in query if name != "token"])
    return f"{path}?{kept}" if kept else path
