"""Responses that are HTML pages."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.types import Scope

from glassnet.app.core.assets import preloading
from glassnet.app.core.constant import ASK_AGAIN, accepts
from glassnet.app.core.prefix import prefix_of
from glassnet.app.core.templates import render


def page(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page with the site's header, made of a template; compressed where that is accepted."""
    prefix = prefix_of(request.scope)
    text = render(template, prefix, request=request, **context)
    html, told = text.encode(), {**(headers or {}), **ASK_AGAIN, **preloading(text, prefix)}
    if status != 200:
        return HTMLResponse(html, status, told)
    told["Vary"] = "Accept-Encoding"
    if accepts(request.headers, "gzip"):
        # No page holds a secret, so what an address makes of its length tells nothing.
        html, told["Content-Encoding"] = gzip.compress(html, mtime=0), "gzip"
    return HTMLResponse(html, status, told)


def wants_page(scope: Scope) -> bool:
    """Whether a request is for a page, as a browser's for an address: errors are then answered by a page."""
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith("/api/"):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")
