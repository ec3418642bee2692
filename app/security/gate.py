"""Gate: the middleware that authenticates every request by its token."""

from __future__ import annotations

import asyncio
import math
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from glassnet.app.core.assets import without_version
from glassnet.app.core.prefix import prefix_of, redirection
from glassnet.app.core.problems import Refusal, answer
from glassnet.app.security import sign_in
from glassnet.app.security.failures import Failures, origin
from glassnet.app.security.tokens import Access, Tokens, in_address

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

#: Paths without authentication: for monitoring, and for signing in.
OPEN_PATHS = {"/livez", "/readyz"}

#: The most seconds that the response to a wrong token is delayed. Only that connection waits.
LONGEST_DELAY = 2.0

NO_TOKEN = "this server asks for its token; open the address that `glassnet serve` printed"


class Gate:
    """A middleware that passes requests with a valid token, and answers the others."""

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
        """The gate's own response; None where the request is passed on. Raises Refusal."""
        scope["access"] = access = self._tokens.access(scope)
        if self._tokens.open:
            home = redirection(scope, "/")
            return RedirectResponse(home, 303) if scope["path"] == sign_in.PATH else None
        if _is_page(scope):
            if scope["method"] == "POST":
                return await self._signed_in(scope, receive)
            token = in_address(scope)
            if token is not None and self._tokens.of(token) > Access.NONE:
                return self._welcomed(scope, token)  # removes it from the address, where it would be visible
            if scope["path"] == sign_in.PATH:
                return sign_in.page(200, prefix=prefix_of(scope))
        if not _is_open(without_version(scope["path"])):
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
        """Count a wrong token. Raises Refusal, after a delay, where there were too many."""
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
        """The response to the sign-in form. Raises Refusal."""
        token = await sign_in.token(Request(scope, receive))
        if self._tokens.of(token) > Access.NONE:
            return self._welcomed(scope, token)
        await self._count(scope)
        return sign_in.page(401, sign_in.WRONG, prefix=prefix_of(scope))

    def _welcomed(self, scope: Scope, token: str) -> Response:
        """The redirect to the requested page on this server, with the cookie."""
        response = RedirectResponse(redirection(scope, _here(scope)), 303)
        secure = scope["scheme"] == "https"
        response.set_cookie(
            self._tokens.cookie,
            quote(token, safe=""),
            path=f"{prefix_of(scope)}/",  # other servers behind the same proxy have no business with it
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        return response

    def _refused(self, scope: Scope, refusal: Refusal) -> Response:
        """The response of a refusal: a page for browsers, a problem document for programs."""
        if refusal.status not in (401, 429) or not _wants_page(scope):
            return refusal.response()
        presented = self._tokens.presented(scope)
        wrong = sign_in.WRONG if in_address(scope) is not None else sign_in.STALE if presented else ""
        words = sign_in.TOO_MANY if refusal.status == 429 else wrong
        action = sign_in.PATH if scope["path"].startswith("/api/") else None
        response = sign_in.page(
            refusal.status, words, prefix=prefix_of(scope), action=action, headers=refusal.headers
        )
        if presented:  # without it, what the page asks for is no guess
            response.delete_cookie(self._tokens.cookie, path=f"{prefix_of(scope)}/")
        return response


def _is_open(path: str) -> bool:
    """Whether a path needs no token: health, and what the sign-in page is made of."""
    return path in OPEN_PATHS or (path.startswith("/static/") and path in sign_in.files())


def _is_page(scope: Scope) -> bool:
    """Whether a request is for a page, or submits a page's form."""
    if scope["type"] != "http" or scope["path"].startswith("/api/"):
        return False
    if scope["method"] == "POST":
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/x-www-form-urlencoded"
    return scope["method"] in ("GET", "HEAD")


def _wants_page(scope: Scope) -> bool:
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


def _here(scope: Scope) -> str:
    """The requested path without the token; never with another host."""
    if scope["path"] == sign_in.PATH:
        return "/"
    path = "/" + quote(scope["path"].lstrip("/"), safe="/@:!$&'()*+,;=~")
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    kept = urlencode([(name, value) for name, value in query if name != "token"])
    return f"{path}?{kept}" if kept else path
