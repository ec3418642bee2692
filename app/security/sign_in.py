"""The sign-in page, which asks for the token and works without JavaScript.

Its form is sent to the address of the page, so that it cannot redirect elsewhere, and an experiment after the
`#` of a link is preserved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse

from glassnet.app.core.assets import without_version
from glassnet.app.core.places import ROOT
from glassnet.app.core.problems import Refusal
from glassnet.app.core.templates import render

PATH = "/sign-in"

#: A file of a page, and a script that one beside it imports.
_FILE, _IMPORTED = re.compile(r'(?:href|src)="(/static/[^"#]+)'), re.compile(rb' from "\./([\w-]+\.js)"')

WRONG = "This token opens nothing here."
STALE = "Your token is not valid any more: the server may have been started anew."
TOO_MANY = "Many wrong tokens came from your address. The right one still opens."

#: The most bytes of a form.
MOST = 4096

#: Without any referrer a browser would send the origin `null`, which the guard refuses.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def page(
    status: int,
    words: str = "",
    *,
    prefix: str,
    action: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page with an error message; `action` is the form's target, by default the page's address."""
    content = render("sign-in.html", prefix, words=words, action=action)
    return HTMLResponse(content, status, {**(headers or {}), **HEADERS})


@cache
def files() -> frozenset[str]:
    """The paths of the files of the page, those that its scripts import among them."""
    html = render("sign-in.html", words="", action=None)
    waiting = [without_version(path) for path in _FILE.findall(html)]
    found: set[str] = set()
    while waiting:
        path = waiting.pop()
        found.add(path)
        beside = _IMPORTED.findall((ROOT / path[1:]).read_bytes()) if path.endswith(".js") else []
        names = {f"{path.rpartition('/')[0]}/{name.decode()}" for name in beside}
        waiting += names - found
    return frozenset(found)


async def token(request: Request) -> str:
    """The token of a submitted form. Raises Refusal where the form is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST:
            raise Refusal(413, f"the form is longer than {MOST:,} bytes; expected a token")
    return parse_qs(body.decode("latin-1")).get("token", [""])[0].strip()
