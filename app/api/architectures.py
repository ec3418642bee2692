"""Routes of the architectures: variants as they are planned, and experiments that train them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from glassnet.app.api import TheService, problems
from glassnet.app.api.architecture_facts import Computed, Entry, Measured, computed, facts
from glassnet.app.api.architecture_fields import variant_fields
from glassnet.app.api.gallery import examples
from glassnet.app.api.plots import option_value
from glassnet.app.core.constant import ASK_AGAIN, Constant
from glassnet.app.core.languages import current, translated
from glassnet.app.core.problems import Refusal
from glassnet.app.runs.service import Service
from glassnet.engine.catalog import catalog
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.node import Node, Operation
from glassnet.engine.network.architecture import PlannedArchitecture, picture_data, planned_architecture
from glassnet.engine.reference import FAMILIES, items_of

router = APIRouter(prefix="/api/architectures", tags=["reference"])

#: Documents that are kept, each of a variant in a language: of ResNet-152 it takes 110 KB.
MOST_KEPT = 128

#: The sides of the pictures of shapes.
LEAST_SHAPES, MOST_SHAPES = 28, 256

#: The fields of these documents that are texts.
SPOKEN = frozenset({"label", "words", "top5_of", "map_of", "file_of"})

_kept: dict[tuple[str, ...], Constant] = {}


class Variant(BaseModel):
    """An architecture as it is planned: options, nodes, blocks, what their kinds are, and totals."""

    kind: str
    label: str
    options: dict[str, Any]
    input: list[int]
    nodes: list[dict[str, Any]]
    blocks: dict[str, str]
    kinds: dict[str, dict[str, Any]]
    totals: dict[str, int]
    published: dict[str, Any]


class Overview(Computed):
    """What plans say of the variants that the gallery names, and what the kinds of the drawn nodes are."""

    kinds: dict[str, dict[str, Any]]


@router.get("", responses=problems(), response_model=Overview)
async def overview(request: Request) -> Response:
    """Totals of every variant that the gallery names, and the peculiar block of each architecture."""
    made = await _kept_or(("",), _overview)
    return await made.response(request.headers, ASK_AGAIN)


@router.get("/{kind}", responses=problems(404, 422, 429, 503), response_model=Variant)
async def variant(kind: str, request: Request, service: TheService) -> Response:
    """An architecture as it is planned. Each option is a query parameter, as are `size` and `channels`."""
    options = chosen(kind, request.query_params.multi_items())
    key = (kind, json.dumps(options, sort_keys=True))
    made = await _kept_or(key, lambda: _variant(service, kind, options))
    return await made.response(request.headers, ASK_AGAIN)


@router.get("/{kind}/small", responses=problems(404), response_model=dict[str, Any])
async def small(kind: str) -> dict[str, Any]:
    """An experiment that trains a small version, which learns within a minute on a CPU."""
    return small_experiment(kind).document()


@router.get("/{kind}/experiment", responses=problems(404, 422, 429, 503), response_model=dict[str, Any])
async def experiment(kind: str, request: Request, service: TheService) -> dict[str, Any]:
    """An experiment that trains a variant as it is, on shapes as large as its pictures are.

    Its batches are as large as this server takes. What it takes at no size, or cannot be planned, is refused
    as a run of it is begun.
    """
    made = full_experiment(kind, chosen(kind, request.query_params.multi_items()))
    with suppress(InvalidExperiment):
        made = await service.builder.fitting(made)
    return made.document()


def entry_of(kind: str) -> Entry:
    """What is published of an architecture. Raises Refusal where there is none of that name."""
    entries = facts().entries
    if kind not in entries:
        raise Refusal(404, f"'{kind[:80]}' is no architecture; expected one of {', '.join(entries)}")
    return entries[kind]


def chosen(kind: str, query: list[tuple[str, str]]) -> dict[str, Any]:
    """The options in a query. Raises Refusal where one is unknown; values are checked as they are planned."""
    entry_of(kind)
    item = _item(kind)
    known = {*item.model_fields, "size", "channels"} - {*Node.model_fields, "kind"}
    for name, _ in query:
        if name not in known:
            expected = ", ".join(field.name for field in variant_fields(item))
            raise Refusal.at(422, f"/{name[:80]}", f"no option of {kind}; expected {expected}")
    return {name: option_value(name, text) for name, text in query}


#: What a small detector learns from. Of a picture few boxes are objects: it needs more pictures, and steps.
SCENES = {"samples": 2000}


def small_experiment(kind: str) -> Experiment:
    """The experiment of an architecture's small version."""
    entry = entry_of(kind)
    if entry.small.preset:
        return next(each.experiment for each in examples() if each.slug == entry.small.preset)
    optimizer = {"kind": entry.small.optimizer, "learning_rate": entry.small.learning_rate}
    return Experiment.parse(
        {
            "title": f"{_item(kind).label()}, a small one",
            **_learned(kind, {"kind": "digits"}, SCENES if _item(kind).answers == "boxes" else {}),
            "network": [{**entry.small.options, "kind": kind, "name": _node_name(kind)}],
            "training": {
                "updates": [{"optimizer": optimizer, "schedule": {"kind": "cosine"}}],
                "batch_size": 16 if _item(kind).answers == "boxes" else 64,
                "epochs": 15,
            },
            "watch": _watched(kind),
        }
    )


#: What the instrument shows first beside its losses, by what an architecture answers with.
_WATCHED = {
    "class": [{"kind": "samples", "hz": 2}, {"kind": "confusion_matrix", "hz": 4}],
    "masks": [{"kind": "pixel_classes", "hz": 5}],
    "boxes": [{"kind": "found_boxes", "hz": 5}],
}


def _watched(kind: str) -> list[dict[str, Any]]:
    return [{"kind": "progress"}, {"kind": "evaluation"}, *_WATCHED[_item(kind).answers]]


def full_experiment(kind: str, options: Mapping[str, Any]) -> Experiment:
    """The experiment of a variant on pictures of its size. Raises Refusal, with pointers to the options."""
    inside = {name: value for name, value in options.items() if name not in ("size", "channels", "classes")}
    size = options.get("size", (_item(kind).published_input or (3, 224, 224))[1])
    document = {
        "title": _item(kind).label(),
        **_learned(
            kind, _data_as_large_as(size), {"size": min(size, MOST_SHAPES)} if isinstance(size, int) else {}
        ),
        "network": [{**inside, "kind": kind, "name": _node_name(kind)}],
        "training": {
            "updates": [{"optimizer": {"kind": "adam", "learning_rate": 0.0005}}],
            "batch_size": 16,
            "epochs": 15,
        },
        "watch": _watched(kind),
    }
    try:
        return Experiment.parse(document)
    except InvalidExperiment as error:
        located = [problem.moved(_about_options(problem.pointer)) for problem in error.problems]
        raise Refusal.of(InvalidExperiment(located)) from None


#: The data and the task that answers of a kind are for; those for classes are for any pictures.
_LEARNED = {"masks": ("shape_masks", "segmentation"), "boxes": ("shape_scenes", "detection")}


def _learned(kind: str, data: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """The data and the task of an architecture's answers: these data, or shapes with these options."""
    item = _item(kind)
    if item.answers not in _LEARNED:
        return {"data": data}
    dataset, task = _LEARNED[item.answers]
    located = [_located(loss, _node_name(kind)) for loss in item.losses]
    losses = {"losses": located} if located else {}
    return {"data": {"kind": dataset, **shapes}, "task": {"kind": task, **losses}}


def _located(loss: Mapping[str, Any], network: str) -> dict[str, Any]:
    """A loss of a network, with the full name of the node inside that it reads, where it names one."""
    inside = {"node": f"{network}.{loss['node']}"} if "node" in loss else {}
    return {**loss, **inside}


def _about_options(pointer: str) -> str:
    """A pointer into the experiment as one to an option."""
    return pointer.removeprefix("/network/0").removeprefix("/data")


def _data_as_large_as(size: Any) -> dict[str, Any]:
    """Shapes of a size, or the nearest there is; what is no size is refused as the experiment is read."""
    if not isinstance(size, int):
        return {"kind": "shapes", "size": size}
    return {"kind": "shapes", "size": min(size, MOST_SHAPES)} if size >= LEAST_SHAPES else {"kind": "digits"}


def _node_name(kind: str) -> str:
    return kind.partition("_v")[0]


def _item(kind: str) -> type[Architecture]:
    item = catalog(Node)[kind]
    assert issubclass(item, Architecture)
    return item


async def _kept_or(key: tuple[str, ...], make: Callable[[], Any]) -> Constant:
    """The document under a key in the language of the request, made where it is not kept."""
    key = (current().tag, *key)
    if key not in _kept:
        said = translated(await make(), SPOKEN)
        made = Constant(json.dumps(said, separators=(",", ":")).encode(), "application/json")
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = made
    return _kept[key]


async def _variant(service: Service, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    planned = await _planned(service, kind, options)
    architecture = planned.architecture
    shown = {field.name: getattr(architecture, field.name, None) for field in variant_fields(_item(kind))}
    shown |= {"size": planned.input[1], "channels": planned.input[0]}
    used = {placed.kind for placed in planned.nodes} | set(planned.blocks.values())
    document = planned.describe()
    return {
        "kind": kind,
        "label": architecture.label(),
        "options": shown,
        **document,
        "kinds": dict(_kinds(used)),
        "published": _published(kind, shown),
    }


def _published(kind: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What is published of the variant whose fields have these values; None where a fact is not."""
    item = _item(kind)
    for each in entry_of(kind).measured():
        made = item.model_validate({"classes": item.published_classes, "kind": kind, **each.options})
        shape = picture_data(item)
        if {name: getattr(made, name, shape.get(name)) for name in chosen} == chosen:
            return {"year": item.year, **each.model_dump(exclude={"options"})}
    return {"year": item.year, **Measured.model_validate({}).model_dump(exclude={"options"})}


async def _overview() -> dict[str, Any]:
    found = computed()
    used = {node["kind"] for part in found.drawn.values() for node in part["nodes"]}
    return {**found.model_dump(), "kinds": dict(_kinds(used))}


async def _planned(service: Service, kind: str, options: Mapping[str, Any]) -> PlannedArchitecture:
    inside = {name: value for name, value in options.items() if name not in ("size", "channels")}
    size, channels = options.get("size"), options.get("channels")
    try:
        return await service.builder.planned(lambda: planned_architecture(kind, inside, size, channels))
    except InvalidExperiment as error:
        raise Refusal.of(error) from None


def _kinds(used: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the reference says of kinds of nodes and blocks, in short."""
    for family in ("layers", "activations", "blocks"):
        assert family in FAMILIES
        for kind, item in items_of(family).items():
            if kind in used:
                assert issubclass(item, Node)
                words = item.summary().partition(": ")[2] or item.summary()
                yield (
                    kind,
                    {
                        "label": item.label(),
                        "words": words[:1].upper() + words[1:],
                        "formula": getattr(item, "formula", ""),
                        "family": family,
                        "role": item.role,
                        "folds": issubclass(item, Operation) and (item.folds or family == "activations"),
                    },
                )
