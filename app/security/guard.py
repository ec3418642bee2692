"""Guard: the middleware that checks Host, Origin and body sizes, of HTTP and WebSockets alike.

It is pure ASGI, because Starlette's BaseHTTPMiddleware passes WebSockets unchecked. A page of another site
can make a browser send requests here, and a foreign name can resolve to this server; the first is recognised
by its Origin, the second by its Host. Authentication is the gate's task.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.app.core.problems import Refusal, answer
from glassnet.app.core.settings import Settings

#: The settings that bound the bodies of paths that accept large ones.
UPLOADS = {
    "/api/blobs": "max_blob",
    "/api/images": "max_blob",
    "/api/sounds": "max_blob",
    "/api/volumes": "max_blob",
    "/api/weights": "max_weights",
}

#: What a page may load; who may show it in a frame follows (see `security_headers`).
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
    )
)

#: The headers that browsers apply to a script or a style sheet; the others concern documents and workers,
#: and would be an eighth of the bytes of a first visit.
OF_PARTS = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")

#: The media types of subresources, and the header by which browsers declare a request's destination.
PARTS, PART_OF_PAGE = ("text/javascript", "text/css"), (None, "script", "style")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


def security_headers(ancestors: str) -> dict[str, str]:
    """The headers of every answer, where these origins may show pages in a frame; mostly none may."""
    who = ancestors or "'none'"
    framed = {} if ancestors else {"X-Frame-Options": "DENY"}  # which knows no other origins
    policy = f"{CONTENT_SECURITY_POLICY}; frame-ancestors {who}"
    return {"Content-Security-Policy": policy, **framed, **_HEADERS}


#: Those of an answer that comes before any setting is asked.
SECURITY_HEADERS = security_headers("")


class Guard:
    """A middleware that passes valid requests, and answers the others with a refusal."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._hosts = {host.strip().lower() for host in settings.hosts.split(",") if host.strip()}
        self._any_host = not settings.loopback or ("*" in self._hosts and bool(settings.token))
        self._headers = security_headers(settings.frame_ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = _with_security_headers(scope, send, self._headers)
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
        """Refuse a Host that is not a name of this server (DNS rebinding)."""
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            raise Refusal(400, f"{len(hosts)} Host headers; expected one")
        host = hosts[0].lower()
        if host in self._hosts or self._any_host:
            return  # with a token, a foreign name has no cookie to abuse
        port = (scope.get("server") or ("", None))[1]
        if host not in _loopback_names(port):
            raise Refusal(421, f"'{host[:80]}' is no name of this server; expected 127.0.0.1:{port}")

    def _check_origin(self, headers: Headers, scope: Scope) -> None:
        """Refuse requests of pages of other origins; programs send no Origin.

        Links from other sites may be followed: they have no Origin either, and change nothing.
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
        limit: int = getattr(self._settings, UPLOADS.get(scope["path"], "max_body"))
        return limit


def too_large(limit: int) -> Refusal:
    """The refusal of a body beyond its limit."""
    return Refusal(413, f"the body is longer than {limit:,} bytes; expected at most that")


def _loopback_names(port: int | None) -> set[str]:
    names = ("127.0.0.1", "localhost", "[::1]")
    return {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """`receive` with the limit applied to received bytes, for bodies without or with a wrong length."""
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


def _with_security_headers(scope: Scope, send: Send, own: dict[str, str]) -> Send:
    destination = Headers(scope=scope).get("sec-fetch-dest")

    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            part = destination in PART_OF_PAGE and headers.get("content-type", "").startswith(PARTS)
            for name in OF_PARTS if part else own:
                headers.setdefault(name, own[name])
        await send(message)

    return sending
