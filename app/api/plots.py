"""Routes of what an item does: its guide, and its figure with any options, computed by the item itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from glassnet.app.api import problems
from glassnet.app.api.item_example import example_of
from glassnet.app.core.constant import ASK_AGAIN, Constant
from glassnet.app.core.problems import Refusal
from glassnet.app.studies.figures import Figures
from glassnet.engine.catalog import Item, kind_of
from glassnet.engine.errors import InvalidDocument, Problem
from glassnet.engine.experiment.validation import problems_of
from glassnet.engine.figures import PLOTS, drawn, plotted
from glassnet.engine.reference import items_of

router = APIRouter(prefix="/api/reference", tags=["reference"])

#: One figure at a time is computed: it takes a core for some tenths of a second at most, and is kept.
MOST_AT_ONCE = CapacityLimiter(1)

#: Items side by side; the longest value of an option.
MOST_COMPARED, LONGEST = 8, 200


@router.get("/{family}/compare", responses=problems(404, 422), response_model=dict[str, Any])
async def comparison(
    family: str, request: Request, kinds: Annotated[tuple[str, ...], Query(max_length=40)] = ()
) -> Response:
    """The figures of several items as one. `kinds` is a list with commas, or given several times."""
    chosen = chosen_items(family, kinds)
    made = await _made(request, family, chosen, None)
    return await made.response(request.headers, ASK_AGAIN)


@router.get("/{family}/{kind}", responses=problems(404), response_model=dict[str, Any])
async def entry(family: str, kind: str) -> dict[str, Any]:
    """What the catalogue says of an item."""
    return item_at(family, kind).entry()


@router.get("/{family}/{kind}/example", responses=problems(404), response_model=dict[str, Any])
async def example(family: str, kind: str) -> dict[str, Any]:
    """The experiment that shows an item."""
    document = await to_thread.run_sync(example_of, family, item_at(family, kind))
    if document is None:
        raise Refusal(404, f"'{kind}' has no experiment of its own; its page says where it is shown")
    return document


@router.get("/{family}/{kind}/plot", responses=problems(404, 422), response_model=dict[str, Any])
async def plot(family: str, kind: str, request: Request) -> Response:
    """The figure of an item. Each option is a query parameter, its value as in JSON."""
    item = item_at(family, kind)
    made = await _made(request, family, [kind], _options(family, item, request))
    return await made.response(request.headers, ASK_AGAIN)


def item_at(family: str, kind: str) -> type[Item]:
    """An item of the reference. Raises Refusal where there is none."""
    items = _family(family)
    if kind not in items:
        raise Refusal(404, f"'{kind[:80]}' is none of the {family}; expected one of {', '.join(items)}")
    return items[kind]


def chosen_items(family: str, kinds: Sequence[str]) -> list[str]:
    """The kinds to compare, each once. Raises Refusal where one is unknown, or they are too many."""
    items = _family(family)
    named = list(dict.fromkeys(kind for each in kinds for kind in each.split(",") if kind))
    for kind in named:
        if kind not in items:
            raise Refusal.at(
                422, "/kinds", f"'{kind[:80]}' is none of the {family}; expected {', '.join(items)}"
            )
    if len(named) > MOST_COMPARED:
        raise Refusal.at(422, "/kinds", f"{len(named)} items; expected at most {MOST_COMPARED}")
    return named


def _family(name: str) -> dict[str, type[Item]]:
    try:
        return items_of(name)
    except KeyError as error:
        raise Refusal(404, f"'{name[:80]}' is no family of the reference; expected {error.args[0]}") from None


def _options(family: str, item: type[Item], request: Request) -> dict[str, Any]:
    """The options of a request. Raises Refusal, with pointers, where they are not those of the figure."""
    known = {slider.name for slider in plotted(family, item)}
    options: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name not in known:
            expected = ", ".join(known) or "none"
            raise Refusal.at(422, f"/{name[:80]}", f"no option of this figure; expected {expected}")
        options[name] = option_value(name, text)
    document = {"kind": kind_of(item), **options}
    try:
        item.model_validate(document)
    except ValidationError as error:
        raise Refusal.of(InvalidDocument(problems_of(error, document, item))) from None
    return options


def option_value(name: str, text: str) -> Any:
    """The value of an option: JSON, or a word. Raises Refusal where it is too long."""
    if len(text) > LONGEST:
        raise Refusal.at(422, f"/{name}", f"{len(text)} characters; expected at most {LONGEST}")
    try:
        return json.loads(text)
    except ValueError:
        return text


async def _made(
    request: Request, family: str, kinds: Sequence[str], options: dict[str, Any] | None
) -> Constant:
    """A figure: by a worker, where networks are trained for it, else by a thread. Raises Refusal."""
    if PLOTS[family].trains:
        figures: Figures = request.app.state.figures
        return _json(await figures.document(family, kinds, options))
    asked = None if options is None else json.dumps(options, sort_keys=True)
    return await to_thread.run_sync(_figure, family, tuple(kinds), asked, limiter=MOST_AT_ONCE)


@lru_cache(maxsize=640)
def _figure(family: str, kinds: tuple[str, ...], options: str | None) -> Constant:
    try:
        return _json(drawn(family, kinds, None if options is None else json.loads(options)).document())
    except ValueError as error:
        raise Refusal.of(InvalidDocument([Problem("", str(error))])) from None


def _json(document: Any) -> Constant:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Constant(text.encode(), "application/json")
