"""Route of the site's pages: what can be found besides runs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from glassnet.app.api import problems
from glassnet.app.api.search import site_pages

router = APIRouter(prefix="/api", tags=["reference"])


class Place(BaseModel):
    """A page of the site, with the part of the site that it belongs to."""

    part: str
    path: str
    title: str
    description: str


@router.get("/places", responses=problems())
async def places() -> list[Place]:
    """The pages of the site: those of the header, labs, methods, examples and items."""
    return [
        Place(part=hit.part, path=hit.path, title=hit.title, description=hit.words) for hit in site_pages()
    ]
