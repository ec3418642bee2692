"""The page that asks for the token. It works without JavaScript.

Its form goes to the address it was shown at, so that nobody can be led elsewhere by it, and an experiment
behind the `#` of a link is still there afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse

from glassnet.app.core.problems import Refusal
from glassnet.app.core.templates import render

PATH = "/sign-in"

#: What the page is made of.
ASSETS = {
    "/static/favicon.svg",
    "/static/icons.svg",
    "/static/core/theme.js",
    *(f"/static/styles/{name}.css" for name in ("tokens", "base", "layout", "controls", "menus", "sign-in")),
}

WRONG = "This token opens nothing here."
STALE = "Your token is not valid any more: the server may have been started anew."
TOO_MANY = "Many wrong tokens came from your address. The right one still opens."

#: Bytes of a form that are read.
MOST = 4096

#: With no referrer at all a browser would call the form's origin `null`, which the guard refuses.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def page(
    status: int, words: str = "", *, action: str | None = None, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page, with what went wrong; `action` is where its form goes, if not to its own address."""
    content = render("sign-in.html", words=words, action=action)
    return HTMLResponse(content, status, {**(headers or {}), **HEADERS})


async def token(request: Request) -> str:
    """The token in a form. Raises Refusal where the form is longer than one."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST:
            raise Refusal(413, f"the form is longer than {MOST:,} bytes; expected a token")
    return parse_qs(body.decode("latin-1")).get("token", [""])[0].strip()
