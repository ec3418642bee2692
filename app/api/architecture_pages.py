"""Routes of the pages of architectures: one of them, and two side by side."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from glassnet.app.api.architecture_facts import architecture, facts, in_order, variant_of
from glassnet.app.api.architecture_fields import variant_fields
from glassnet.app.api.architectures import entry_of
from glassnet.app.api.gallery import examples
from glassnet.app.api.html import page

router = APIRouter(include_in_schema=False)


@router.get("/gallery/compare", response_class=HTMLResponse)
async def compare(request: Request) -> HTMLResponse:
    """Two architectures side by side; which they are, the page reads from its address."""
    listed = [
        (variant_of(kind, entry.shown), item.label(), await asyncio.to_thread(variant_fields, item))
        for kind, item, entry in in_order()
    ]
    return page(request, "architecture/compare.html", architectures=listed, first=facts().compared)


@router.get("/gallery/{kind}", response_class=HTMLResponse)
async def architecture_page(request: Request, kind: str) -> HTMLResponse:
    """An architecture: its facts, graph and layers; the variant stands in the address."""
    entry = entry_of(kind)
    item = architecture(kind)
    fields = await asyncio.to_thread(variant_fields, item)
    others = [(name, other.label(), variant_of(name, its.shown)) for name, other, its in in_order()]
    return page(
        request,
        "architecture/page.html",
        kind=kind,
        item=item,
        entry=entry,
        fields=fields,
        shown={name: str(value) for name, value in entry.shown.items()},
        variant=variant_of(kind, entry.shown),
        others=others,
        compared=entry.compared and next(each for each in examples() if each.slug == entry.compared.example),
    )
