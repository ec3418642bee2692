"""The guard at the door: Host, Origin and sizes, for HTTP and WebSockets alike.

Pure ASGI, because Starlette's BaseHTTPMiddleware lets WebSockets pass. A page of another site can make a
browser send requests here, and a name server can make its own name point here; the first is told by its
Origin, the second by the Host it asked for. Who may do what is the business of app/auth.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.app.core.problems import Refusal, answer
from glassnet.app.core.settings import Settings

#: Where large bodies may go.
UPLOADS = {"/api/blobs", "/api/images"}

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

#: What a browser obeys of a script or a style sheet that a page asks for; the rest is about documents and
#: workers, and would be an eighth of what a first visit moves.
OF_PARTS = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")

#: How an answer that is only ever a part of a page describes itself, and how a browser says what it is for.
PARTS, PART_OF_PAGE = ("text/javascript", "text/css"), (None, "script", "style")

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


class Guard:
    """Lets through what may pass, and answers the rest itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._hosts = {host.strip().lower() for host in settings.hosts.split(",") if host.strip()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = _with_security_headers(scope, send)
        try:
            self._check(scope)
        except Refusal as refusal:
            await answer(refusal.response(), scope, receive, send)
        else:
            await self._app(scope, _limited(scope, receive, self._limit(scope)), send)

    # Checks ------------------------------------------------------------------------------------------

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_host(headers, scope)
        self._check_origin(headers, scope)
        self._check_length(headers, scope)

    def _check_host(self, headers: Headers, scope: Scope) -> None:
        """A name that somebody else's name server points here is not ours."""
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            raise Refusal(400, f"{len(hosts)} Host headers; expected one")
        host = hosts[0].lower()
        if host in self._hosts or not self._settings.loopback:
            return  # with a token, a foreign name has no cookie to abuse
        port = (scope.get("server") or ("", None))[1]
        if host not in _loopback_names(port):
            raise Refusal(421, f"'{host[:80]}' is no name of this server; expected 127.0.0.1:{port}")

    def _check_origin(self, headers: Headers, scope: Scope) -> None:
        """A page of another site, `null`, and every near miss are refused; programs send no Origin.

        A link from elsewhere may be followed, and has none either: it changes nothing.
        """
        origins = headers.getlist("origin")
        if not origins:
            changes = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS")
            if changes and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
                raise Refusal(403, "a page of another origin asks for a change; expected one of this server")
            return
        host = headers["host"].lower()
        ours = {f"http://{host}", f"https://{host}"}
        if len(origins) != 1 or origins[0].lower() not in ours:
            raise Refusal(403, f"'{origins[0][:80]}' is a foreign origin; expected http://{host}")

    def _check_length(self, headers: Headers, scope: Scope) -> None:
        limit, length = self._limit(scope), headers.get("content-length")
        if length is None:
            return
        if not length.isdecimal():
            raise Refusal(400, f"Content-Length is {length[:20]!r}; expected a number")
        if int(length[:20]) > limit:
            raise too_large(limit)

    def _limit(self, scope: Scope) -> int:
        return self._settings.max_blob if scope["path"] in UPLOADS else self._settings.max_body


def too_large(limit: int) -> Refusal:
    """A body beyond its limit."""
    return Refusal(413, f"the body is longer than {limit:,} bytes; expected at most that")


def _loopback_names(port: int | None) -> set[str]:
    names = ("127.0.0.1", "localhost", "[::1]")
    return {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Count what arrives: a body without a length, or with a wrong one, has the same limit."""
    if scope["type"] != "http":
        return receive
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise too_large(limit)
        return message

    return counted


def _with_security_headers(scope: Scope, send: Send) -> Send:
    destination = Headers(scope=scope).get("sec-fetch-dest")

    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            part = destination in PART_OF_PAGE and headers.get("content-type", "").startswith(PARTS)
            for name in OF_PARTS if part else SECURITY_HEADERS:
                headers.setdefault(name, SECURITY_HEADERS[name])
        await send(message)

    return sending
