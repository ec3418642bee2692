"""The HTML routes, and the files the page is made of."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ROOT = Path(__file__).resolve().parent.parent

#: Files keep their names as they change, so browsers ask each time; an ETag makes the answer short.
ASK_AGAIN = {"Cache-Control": "no-cache"}

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(ROOT / "templates")


class Static(StaticFiles):
    """The page's modules and styles."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(ASK_AGAIN)
        return response


@router.get("/", response_class=HTMLResponse)
@router.get("/runs/{run}", response_class=HTMLResponse)
async def page(request: Request) -> HTMLResponse:
    """The page; which run it shows, it reads from its address."""
    context: dict[str, Any] = {}
    return templates.TemplateResponse(request, "index.html", context, headers=ASK_AGAIN)


@router.get("/static/vendor/plotly.min.js")
async def plotly() -> FileResponse:
    """Plotly, from its Python wheel."""
    with as_file(files("plotly").joinpath("package_data", "plotly.min.js")) as path:
        return FileResponse(path, media_type="text/javascript", headers=ASK_AGAIN)
