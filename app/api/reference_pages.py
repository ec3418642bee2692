"""Routes of the reference: the index, a family, an item, and the words of the page."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from glassnet.app.api.glossary import glossary
from glassnet.app.api.html import page
from glassnet.app.api.item_page import Family, families, family, item_page
from glassnet.app.api.plots import MOST_COMPARED, chosen_items
from glassnet.app.core.problems import Refusal

router = APIRouter(include_in_schema=False)


@router.get("/reference", response_class=HTMLResponse)
async def index(request: Request) -> HTMLResponse:
    """Every item of every family."""
    listed = await asyncio.to_thread(families)
    return page(request, "reference/index.html", families=listed, terms=glossary())


@router.get("/reference/words", response_class=HTMLResponse)
async def words(request: Request) -> HTMLResponse:
    """What the page's words mean that no item says."""
    return page(request, "reference/words.html", terms=glossary())


@router.get("/reference/compare/{name}", response_class=HTMLResponse)
async def comparison(
    request: Request, name: str, kinds: Annotated[tuple[str, ...], Query(max_length=40)] = ()
) -> HTMLResponse:
    """Items of a family side by side."""
    shown = await _family(name)
    chosen = chosen_items(name, kinds)
    return page(request, "reference/comparison.html", family=shown, chosen=chosen, most=MOST_COMPARED)


@router.get("/reference/{name}", response_class=HTMLResponse)
async def of_family(request: Request, name: str) -> HTMLResponse:
    """The items of a family."""
    return page(request, "reference/index.html", families=[await _family(name)], terms={})


@router.get("/reference/{name}/{kind}", response_class=HTMLResponse)
async def of_item(request: Request, name: str, kind: str) -> HTMLResponse:
    """What an item is, computes, and can be told."""
    relatives = await _family(name)
    try:
        shown = await asyncio.to_thread(item_page, name, kind)
    except KeyError:
        known = ", ".join(each.kind for each in relatives.items)
        raise Refusal(404, f"'{kind[:80]}' is none of the {name}; expected one of {known}") from None
    return page(request, "reference/item.html", item=shown)


async def _family(name: str) -> Family:
    try:
        return await asyncio.to_thread(family, name)
    except KeyError:
        known = ", ".join(each.name for each in families())
        raise Refusal(404, f"'{name[:80]}' is no family of the reference; expected one of {known}") from None
