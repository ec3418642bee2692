"""Routes of the catalogue and of descriptions of networks, all without effects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from glassnet.app.api import JSONBody, TheService, component, problems, takes
from glassnet.app.api.gallery import examples
from glassnet.app.api.glossary import Term, glossary
from glassnet.app.core.assets import assets
from glassnet.app.core.constant import ASK_AGAIN, Constant
from glassnet.app.core.languages import ENGLISH, current, kept_by_language, say, translated
from glassnet.app.core.problems import Located, Refusal
from glassnet.engine.catalog import catalog as items_of
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.reference import reference
from glassnet.engine.studies import Study

router = APIRouter(prefix="/api", tags=["reference"])

#: The fields of these documents that are texts.
SPOKEN = frozenset(
    {"label", "summary", "description", "reference", "title", "group", "question", "notice", "shown", "unit"}
)


class Previews(BaseModel):
    """What a training will use, as charts; `metric` reduces the planned rate where it is not null."""

    rate: dict[str, Any]
    loss: dict[str, Any] | None
    metric: str | None


#: What of an item is for its page alone.
TEXTS = {"reference", "guide"}
PRESET_TEXTS = {"question", "notice"}


class Preset(BaseModel):
    """An experiment to start from, with its group in the gallery, a question and what to notice."""

    name: str
    title: str
    group: str
    question: str = Field("", description="Left out with `texts=false`, as is `notice`.")
    notice: str = ""
    experiment: dict[str, Any]
    race: dict[str, Any] | None = Field(None, description="The race of examples that it takes part in.")


class Description(BaseModel):
    """A network's nodes and totals, and the facts that depend on the options of its data."""

    input: dict[str, Any]
    nodes: list[dict[str, Any]]
    outputs: list[str]
    warnings: list[Located] = []
    totals: dict[str, int]
    data: dict[str, Any]


@router.get("/catalog", responses=problems(), response_model=dict[str, Any])
async def catalog(request: Request, texts: bool = True) -> Response:
    """Every item of the catalogue: kind, label, summary, what is known of it, and its reference text.

    `texts=false` leaves out the reference texts, which are half of it.
    """
    return await _constant(request, partial(_catalog, texts))


@router.get("/schema", responses=problems(), response_model=dict[str, Any])
async def schema(request: Request) -> Response:
    """The JSON Schema of an Experiment; what an item is in words, the catalogue says."""
    return await _constant(request, _schema)


@router.get("/schema/studies/{kind}", responses=problems(404), response_model=dict[str, Any])
async def study_schema(kind: str, request: Request) -> Response:
    """The JSON Schema of one study's options."""
    if kind not in items_of(Study):
        raise Refusal(404, f"'{kind[:80]}' is no study; expected one of {', '.join(items_of(Study))}")
    return await _constant(request, partial(_study_schema, kind))


@router.get("/glossary", responses=problems(), response_model=dict[str, Term])
async def words(request: Request) -> Response:
    """What the page's words mean that no item of the catalogue says, by name."""
    return await _constant(request, _glossary)


@router.get("/presets", responses=problems(), response_model=list[Preset])
async def presets(request: Request, texts: bool = True) -> Response:
    """Experiments to start from; the first is shown on a first visit.

    `texts=false` leaves out what is asked and to be noticed, which is half of it when compressed.
    """
    return await _constant(request, partial(_presets, texts))


@router.post(
    "/describe",
    responses=problems(413, 415, 422, 429, 503),
    response_model=Description,
    response_model_exclude_unset=True,
    openapi_extra=takes(component("Experiment")),
)
async def describe(value: JSONBody, service: TheService) -> dict[str, Any]:
    """Shapes, parameters, multiply-adds and receptive fields of an Experiment's network."""
    try:
        return await service.builder.described(value)
    except InvalidExperiment as error:
        raise Refusal.of(error) from None


@router.post(
    "/written_out",
    responses=problems(413, 415, 422, 429, 503),
    response_model=dict[str, Any],
    openapi_extra=takes(component("Experiment")),
)
async def written_out(
    value: JSONBody,
    service: TheService,
    pointer: Annotated[str, Query(max_length=200, description="Where the block is, such as /network/0.")],
) -> dict[str, Any]:
    """A block or an architecture of an Experiment as the nodes that it expands to, to be edited."""
    try:
        return await service.builder.written_out(value, pointer)
    except InvalidExperiment as error:
        raise Refusal.of(error) from None


@router.post(
    "/previews",
    responses=problems(413, 415, 422, 429, 503),
    response_model=Previews,
    openapi_extra=takes(component("Experiment")),
)
async def previews(value: JSONBody, service: TheService) -> dict[str, Any]:
    """Charts of what an Experiment's training will use: the rate over its epochs, the loss over its error."""
    try:
        return await service.builder.previewed(value)
    except InvalidExperiment as error:
        raise Refusal.of(error) from None


@kept_by_language
def _catalog(texts: bool) -> Constant:
    families = reference()
    if not texts:
        families = {
            family: [{name: value for name, value in item.items() if name not in TEXTS} for item in items]
            for family, items in families.items()
        }
    return _json(families)


def experiment_schema() -> dict[str, Any]:
    """The JSON Schema of an Experiment, without what the catalogue says."""
    document = Experiment.model_json_schema()
    for key, definition in document["$defs"].items():
        if definition.get("title") == key:
            del definition["title"]  # pydantic's, too
        fields = definition.get("properties", {})
        if "kind" in fields:
            del definition["description"]  # a third of the whole, compressed, and the catalogue's `reference`
        for name, field in fields.items():
            if field.get("title") == name.replace("_", " ").title():
                del field["title"]  # pydantic's, which says the name again
    # By length, those that are alike stand within the 32 KB that gzip looks back: a fifth less.
    definitions = sorted(document["$defs"].items(), key=lambda named: len(str(named[1])))
    return {**document, "$defs": dict(definitions)}


def sentence_case(name: str) -> str:
    """The name of an option as forms write it: `batch_size` → Batch size."""
    return name.replace("_", " ").capitalize()


def choices_of(field: dict[str, Any]) -> list[str]:
    """The values that an option may have, where they are words; those beside null among them."""
    for schema in (field, *field.get("anyOf", [])):
        if found := [value for value in schema.get("enum", []) if isinstance(value, str)]:
            return found
    return []


def with_labels(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with the labels of its fields in the language of the request; in English none are needed."""
    if current().tag == ENGLISH:
        return schema
    for definition in (schema, *schema.get("$defs", {}).values()):
        for name, field in definition.get("properties", {}).items():
            field["label"] = say(sentence_case(name))
            if values := choices_of(field):
                field["labels"] = {value: say(sentence_case(value)) for value in values}
    return schema


@kept_by_language
def _schema() -> Constant:
    return _json(with_labels(experiment_schema()))


@kept_by_language
def _glossary() -> Constant:
    return _json({name: term.model_dump(exclude_defaults=True) for name, term in glossary().items()})


@kept_by_language
def _study_schema(kind: str) -> Constant:
    return _json(with_labels(items_of(Study)[kind].model_json_schema()))


@kept_by_language
def _presets(texts: bool) -> Constant:
    presets = [example.preset() for example in examples()]
    if not texts:
        presets = [
            {name: value for name, value in preset.items() if name not in PRESET_TEXTS} for preset in presets
        ]
    return _json(presets)


async def prepare() -> None:
    """Make what a page of the playground asks first, in English: a first visit would wait a second for it."""
    for made in (partial(_catalog, False), _schema, partial(_presets, False)):
        await (await asyncio.to_thread(made)).compressed()
    await assets.prepare()


def _json(document: Any) -> Constant:
    said = json.dumps(translated(document, SPOKEN), separators=(",", ":"))
    return Constant(said.encode(), "application/json")


async def _constant(request: Request, made: Callable[[], Constant]) -> Response:
    """The response with a document that is constant while the server runs."""
    document = await asyncio.to_thread(made)
    return await document.response(request.headers, ASK_AGAIN)
