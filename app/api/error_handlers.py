"""Handlers that answer every error of a request: a page where one was asked for, else a problem document."""

from __future__ import annotations

import asyncio
import logging
import re

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response

from glassnet.app.api.html import page, wants_page
from glassnet.app.api.routes import allowed, other_spelling
from glassnet.app.api.search import Hit, found, site_pages
from glassnet.app.core.languages import say
from glassnet.app.core.prefix import redirection
from glassnet.app.core.problems import Refusal
from glassnet.engine.errors import InvalidDocument, Problem, StorageError

log = logging.getLogger(__name__)

#: What a page says of an address or method that is not there, by status.
DETAILS = {404: "there is nothing at {path}", 405: "{method} is not for this"}

#: The most pages that a wrong address is led to.
MOST_GUESSES = 5


def install(app: FastAPI) -> None:
    """Install the handlers in an application."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(InvalidDocument, _invalid)
    app.add_exception_handler(RequestValidationError, _misaddressed)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(StorageError, _not_stored)
    app.add_exception_handler(OSError, _not_stored)
    app.add_exception_handler(Exception, _broken)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return await _answer(request, error)


async def _answer(request: Request, refusal: Refusal) -> Response:
    """The response to a refused request: a page in words, or a problem document (RFC 9457)."""
    if not wants_page(request.scope):
        return refusal.response()
    return page(
        request,
        "error.html",
        refusal.status,
        {**refusal.headers, "Vary": "Accept"},
        title="Nothing here" if refusal.status == 404 else refusal.title,
        detail=refusal.detail[:1].upper() + refusal.detail[1:],
        missing=refusal.status == 404,
        hits=await asyncio.to_thread(_guesses, request.scope["path"]) if refusal.status == 404 else [],
    )


def _guesses(path: str) -> list[Hit]:
    """Pages that a wrong address may mean, by the words of its last part."""
    return found(" ".join(re.findall(r"\w+", path.rpartition("/")[2])), site_pages(), MOST_GUESSES)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidDocument)
    return await _answer(request, Refusal.of(error))


async def _misaddressed(request: Request, error: Exception) -> Response:
    """The response to an invalid path or query, for which there is no document to point into."""
    assert isinstance(error, RequestValidationError)
    problems = [
        Problem("", f"{one['loc'][0]} '{one['loc'][1]}': {one['msg'][0].lower()}{one['msg'][1:]}")
        for one in error.errors()[:20]
    ]
    refusal = Refusal(422, problems[0].message, errors=problems, title="Invalid input")
    return await _answer(request, refusal)


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if error.status_code == 404 and (elsewhere := other_spelling(request.app, path)) is not None:
        query = request.scope["query_string"].decode("latin-1")
        target = redirection(request.scope, elsewhere)
        return RedirectResponse(target + (f"?{query}" if query else ""), 307)
    said = {"path": request.url.path[:80], "method": request.method}
    detail = (
        say(DETAILS[error.status_code]).format_map(said) if error.status_code in DETAILS else error.detail
    )
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed(request.app, path))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    return await _answer(request, Refusal(error.status_code, detail, headers=headers))


async def _left(request: Request, error: Exception) -> Response:
    """The response to a client that has disconnected before it has sent its body."""
    return Refusal(400, "the connection ended before the body did").response()


async def _not_stored(request: Request, error: Exception) -> Response:
    """The response where the disk is full, read-only or broken."""
    assert isinstance(error, StorageError | OSError)
    log.warning("%s %s: %s", request.method, request.url.path, error)
    return await _answer(request, Refusal.of_storage(error))


async def _broken(request: Request, error: Exception) -> Response:
    """The response to an internal error, which is logged with its traceback."""
    return await _answer(request, Refusal(500, "an error in Glassnet, which its log describes"))
