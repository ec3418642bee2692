"""Routes of HTML pages and static files."""

from __future__ import annotations

import asyncio
from importlib.metadata import distribution
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from glassnet.app.api import TheRuns
from glassnet.app.api.architecture_facts import computed, facts, in_order, variant_of
from glassnet.app.api.gallery import arranged
from glassnet.app.api.html import page
from glassnet.app.api.methods import METHODS
from glassnet.app.core.constant import ASK_AGAIN
from glassnet.app.core.places import ROOT
from glassnet.app.core.problems import Refusal
from glassnet.app.security import Access

router = APIRouter(include_in_schema=False)


class Place(NamedTuple):
    """A page, and what the index of its kind says of it."""

    path: str
    title: str
    words: str


#: Pages that work without a run. Each is `static/labs/NAME.js` (and `.css`) on the shell of `lab.html`.
LABS = {
    "convolution": Place(
        "/labs/convolution",
        "Convolution",
        "What a filter, its stride and its padding make of an image, place by place.",
    ),
    "descent": Place(
        "/labs/descent",
        "Gradient descent",
        "Optimizers race down a surface you can see all of.",
    ),
    "kinds": Place(
        "/labs/kinds",
        "Batch and stochastic",
        "Gradient descent in three kinds, on one surface: noise, updates and time compared.",
    ),
    "landscapes": Place(
        "/labs/landscapes",
        "Shortcuts",
        "The loss around a deep network, with and without residual connections.",
    ),
    "first-layers": Place(
        "/labs/first-layers",
        "First layers",
        "AlexNet's first filters beside ZFNet's: which are dead, and what their strides alias.",
    ),
    "boxes": Place(
        "/labs/boxes",
        "Boxes",
        "How much two boxes overlap, and which of many a detector keeps: IoU and suppression by hand.",
    ),
    "rcnn": Place(
        "/labs/rcnn",
        "Regions",
        "R-CNN and Fast R-CNN, stage by stage on one scene: proposals, features, answers, and their times.",
    ),
}


@router.get("/", response_class=HTMLResponse)
async def home(request: Request) -> HTMLResponse:
    """The playground, on a run that it chooses."""
    return page(request, "index.html")


@router.get("/runs", response_class=HTMLResponse)
async def runs_page(request: Request) -> HTMLResponse:
    """The list of this server's runs."""
    return page(request, "runs.html", control=request.scope["access"] >= Access.CONTROL)


@router.get("/runs/{name}", response_class=HTMLResponse)
async def run(request: Request, name: str, runs: TheRuns) -> HTMLResponse:
    """The playground on one run, which it reads from its address."""
    if name not in runs:
        raise Refusal(404, "this run is not here: it was deleted, or its address is wrong")
    return page(request, "index.html")


@router.get("/labs", response_class=HTMLResponse)
async def labs(request: Request) -> HTMLResponse:
    """The index of the labs."""
    return page(request, "labs.html", labs=LABS.items())


@router.get("/labs/{name}", response_class=HTMLResponse)
async def lab(request: Request, name: str) -> HTMLResponse:
    """A lab: studies without a run."""
    if name not in LABS:
        raise Refusal(404, f"'{name[:80]}' is no lab; expected one of {', '.join(LABS)}")
    return page(request, "lab.html", name=name, lab=LABS[name])


@router.get("/gallery", response_class=HTMLResponse)
async def gallery(request: Request) -> HTMLResponse:
    """The examples as pictures, each with its question; the architectures in the order of their years."""
    groups = await asyncio.to_thread(arranged)
    return page(
        request,
        "gallery.html",
        groups=groups,
        timeline=in_order(),
        tables=facts().tables,
        totals=computed().totals,
        variant_of=variant_of,
    )


@router.get("/methods", response_class=HTMLResponse)
async def methods(request: Request) -> HTMLResponse:
    """The list of methods."""
    return page(request, "methods/index.html", methods=METHODS.values())


@router.get("/methods/{name}", response_class=HTMLResponse)
async def method(request: Request, name: str) -> HTMLResponse:
    """The page of a method: its computation, source and limits."""
    if name not in METHODS:
        raise Refusal(404, f"'{name[:80]}' is no method; expected one of {', '.join(METHODS)}")
    return page(request, f"methods/{name}.html", method=METHODS[name], methods=METHODS.values())


@router.get("/license")
async def license_text() -> PlainTextResponse:
    """The licence, from the checkout or the installed package."""
    beside = ROOT / "LICENSE"
    text = beside.read_text() if beside.exists() else distribution("glassnet").read_text("licenses/LICENSE")
    if text is None:
        raise Refusal(404, "this installation has lost its LICENSE; expected the Apache License 2.0")
    return PlainTextResponse(text, headers=ASK_AGAIN)
