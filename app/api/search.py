"""The search over the site's pages and its runs, which works without scripts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from glassnet.app.api import TheRuns
from glassnet.app.api.architecture_facts import in_order
from glassnet.app.api.gallery import examples
from glassnet.app.api.html import page
from glassnet.app.api.item_page import families
from glassnet.app.api.methods import METHODS
from glassnet.app.api.pages import LABS
from glassnet.app.core.site import SITE

router = APIRouter(include_in_schema=False)

#: The most hits on a page; the most characters of a query that count.
MOST, LONGEST = 50, 200

#: How alike a word of a title must be to one of a query that is found nowhere, from 0 to 1.
ALIKE = 0.72


#: What the page with two architectures shows.
COMPARED = "Their graphs, facts and layer tables: what one has more of, and where."


class Hit(NamedTuple):
    """A page that can be found."""

    part: str
    path: str
    title: str
    words: str = ""


def site_pages() -> Iterator[Hit]:
    """Every page but those of runs."""
    for entry in SITE:
        yield Hit("Site", entry.path, entry.title)
    for lab in LABS.values():
        yield Hit("Lab", lab.path, lab.title, lab.words)
    for method in METHODS.values():
        yield Hit("Method", method.path, method.title, method.words)
    for example in examples():
        yield Hit("Example", f"/?example={example.name}", example.title, example.question)
    for kind, architecture, published in in_order():
        yield Hit("Architecture", f"/gallery/{kind}", architecture.label(), published.peculiar)
    yield Hit("Architecture", "/gallery/compare", "Two architectures side by side", COMPARED)
    for family in families():
        yield Hit("Reference", f"/reference/{family.name}", family.title, family.words)
        if family.compared:
            words = ", ".join(item.label for item in family.items)
            yield Hit("Compared", f"/reference/compare/{family.name}", f"{family.title} compared", words)
        for item in family.items:
            yield Hit(family.title, f"/reference/{family.name}/{item.kind}", item.label, item.words)


def found(query: str, pages: Iterable[Hit], most: int = MOST) -> list[Hit]:
    """The pages in which every word of a query occurs, or else those with a word alike; the best first."""
    wanted, candidates = _words(query[:LONGEST]), list(pages)
    if not wanted:
        return []
    ranked: list[tuple[float, Hit]] = [(_score(wanted, hit), hit) for hit in candidates]
    if not any(score for score, _ in ranked):
        ranked = [(_likeness(wanted, hit), hit) for hit in candidates]
    best = sorted((each for each in ranked if each[0]), key=lambda each: -each[0])
    return [hit for _, hit in best[:most]]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _score(wanted: list[str], hit: Hit) -> int:
    """Points for where the words occur; 0 where one does not."""
    title, text = _words(hit.title), f"{hit.path} {hit.part} {hit.words}".lower()
    points = [_points(word, title, text) for word in wanted]
    return sum(points) + 10 * (title == wanted) if all(points) else 0


def _points(word: str, title: list[str], text: str) -> int:
    if any(each.startswith(word) for each in title):
        return 5
    return 3 if word in "".join(title) else int(word in text)


def _likeness(wanted: list[str], hit: Hit) -> float:
    """How alike the words of a title are to the most alike of a query; 0 where too little."""
    pairs = ((word, each) for word in wanted for each in _words(hit.title))
    best = max((SequenceMatcher(None, *pair).ratio() for pair in pairs), default=0.0)
    return best if best >= ALIKE else 0.0


@router.get("/search", response_class=HTMLResponse)
async def search(request: Request, runs: TheRuns, q: str = "") -> HTMLResponse:
    """The pages and runs that are found by the words of a query."""
    own = [Hit("Run", f"/runs/{run.id}", run.record.title) for run in runs]
    hits = await asyncio.to_thread(lambda: found(q, [*site_pages(), *own]))
    return page(request, "search.html", query=q[:LONGEST], hits=hits, most=MOST)
