"""A place for each item of the catalogue: an experiment that uses it, for the checks that all items pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import ValidationError, create_model

from glassnet.engine.catalog import Choice, Item, catalog, kind_of
from glassnet.engine.catalog import Document as Model
from glassnet.engine.errors import InvalidDocument, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.validation import problems_of
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.datasets.shapes import Shapes
from glassnet.engine.items.datasets.waveforms import Waveforms
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.node import INPUT, Node
from glassnet.engine.items.tasks import Task
from glassnet.engine.network import planner
from glassnet.engine.reference import FAMILIES
from glassnet.engine.studies import Study, parse_study

Document = dict[str, Any]
AnyItem = TypeVar("AnyItem", bound=Item)

#: Families that no experiment has a place for of its own (probes show inputs); their items stand alone.
APART = {"inputs", "surfaces", "studies"}

OUTPUT: Document = {"kind": "linear", "name": "output", "units": None}


def whole(**parts: Any) -> Document:
    """A small experiment, with these parts in place of its own."""
    document: Document = {
        "data": {"kind": "spiral", "samples": 100},
        "network": [{"kind": "linear", "name": "before", "units": 6}, {"kind": "tanh"}, OUTPUT],
        "training": {"batch_size": 10, "epochs": 8},
    }
    return document | parts


def made(item: type[AnyItem]) -> AnyItem:
    """The item with every default."""
    return item.model_validate({"kind": kind_of(item)})


def _changed(item: type[Augmentation], chosen: Document) -> Document:
    """An experiment on pictures, or on sounds, that an augmentation changes."""
    if 2 in item.axes:
        data = {"kind": "shapes", "samples": 60, "size": 28, "augmentations": [chosen]}
        return whole(data=data, **suiting(Shapes))
    data = {"kind": "waveforms", "samples": 60, "length": 64, "augmentations": [chosen]}
    return whole(data=data, **suiting(Waveforms))


def suiting(dataset: type[Dataset]) -> Document:
    """A task and a network for a data set."""
    item = made(dataset)
    task = next(made(t) for t in catalog(Task).values() if made(t).check(item) is None)
    return {"task": {"kind": kind_of(type(task))}, "network": task.starter(item)}


def hosts(item: type[Node], options: Document) -> Iterator[Document]:
    """Networks that a node might fit into: among vectors, images, sequences, volumes; and large images."""
    if "width" in item.model_fields:  # a published network, at a width that trains here
        options = {**options, "width": 0.02}
    if "proposed" in item.model_fields:  # a thousand of a thousand are as many rounds of suppression
        options = {"depth": 18, "proposed": 8, "finest": 3, **options}
    if "stem" in item.model_fields:  # with its published first layers, small pictures would vanish
        options = {"stem": "small", **options}
    inputs = ["before", "beside"] if item.arity[0] > 1 else ["before"]
    node = {"name": "item", "inputs": inputs, **options}
    beside = ["beside"] if len(inputs) > 1 else []
    dense = [{"kind": "linear", "name": n, "units": 6, "inputs": [INPUT]} for n in ["before", *beside]]
    last = {**OUTPUT, "inputs": ["item"]}
    yield whole(network=[node, *dense, last], task=judging("output"))
    maps = [
        {"kind": "conv2d", "name": n, "filters": 3, "padding": "same", "inputs": [INPUT]}
        for n in ["before", *beside]
    ]
    flat = [{"kind": "flatten", "inputs": ["item"]}, OUTPUT]
    yield whole(network=[node, *maps, *flat], task=judging("output"), data={"kind": "digits"})
    others: list[Document] = [
        {"kind": "reshape", "shape": [2, 32]},
        {"kind": "reshape", "shape": [1, 4, 4, 4]},
        {"kind": "upsample", "factor": 4},
        {"kind": "upsample", "factor": 9},
    ]
    for other in others:
        before = {**other, "name": "before", "inputs": [INPUT]}
        yield whole(network=[node, before, *flat], task=judging("output"), data={"kind": "digits"})
    scenes: Document = {"kind": "shape_scenes", "samples": 200, "size": 32}
    boxes = {"kind": "detection", "losses": [{"kind": "yolo_v1", "node": "item"}]}
    cells = {"kind": "conv2d", "name": "before", "kernel": 8, "stride": 8, "inputs": [INPUT]}
    read = {**node, "inputs": ["before", INPUT]}
    for loss in (kind for kind, each in catalog(Loss).items() if each.boxes):
        read_by = {"kind": "detection", "losses": [{"kind": loss, "node": "item"}]}
        for filters in (16, 20, 22):  # of cells, of anchors, and of those with ground
            yield whole(network=[read, {**cells, "filters": filters}], task=read_by, data=scenes)
    yield whole(network=[{**node, "inputs": [INPUT]}], task=boxes, data=scenes)
    yield from two_stages(options, scenes)
    yield whole(network=[{**OUTPUT, "inputs": ["item"]}, node, *dense], task=judging("output"))


def two_stages(options: Document, data: Document) -> Iterator[Document]:
    """Detectors with two stages, in each of which another node is the item."""
    others: list[Document] = [
        {"kind": "region_proposals", "name": "proposed", "inputs": ["anchors", INPUT], "kept": 4},
        {"kind": "roi_align", "name": "cut", "inputs": ["before", "proposed", INPUT], "flat": True},
        {"kind": "region_boxes", "name": "output", "inputs": ["proposed", "classes", "offsets"]},
    ]
    fixed: list[Document] = [
        {"kind": "conv2d", "name": "before", "filters": 8, "kernel": 8, "stride": 8, "inputs": [INPUT]},
        {"kind": "conv2d", "name": "boxes", "filters": 8, "kernel": 1, "inputs": ["before"]},
        {"kind": "conv2d", "name": "objects", "filters": 2, "kernel": 1, "inputs": ["before"]},
        {
            "kind": "anchor_boxes",
            "name": "anchors",
            "inputs": ["boxes", "objects", INPUT],
            "separate": True,
            "scores": "sigmoid",
            "anchors": [[[12, 12], [16, 16]]],
        },
        {"kind": "conv1d", "name": "classes", "filters": 7, "kernel": 1, "inputs": ["cut"]},
        {"kind": "conv1d", "name": "offsets", "filters": 28, "kernel": 1, "inputs": ["cut"]},
    ]
    for other in others:
        named = {node["name"]: "item" if node is other else node["name"] for node in (*fixed, *others)}
        nodes = [
            {
                **node,
                "name": named[node["name"]],
                "inputs": [named.get(read, read) for read in node["inputs"]],
            }
            for node in (other, *fixed, *(each for each in others if each is not other))
        ]
        task = {"kind": "detection", "losses": [{"kind": "fast_rcnn", "node": named["output"]}]}
        yield whole(network=[{**nodes[0], **options}, *nodes[1:]], task=task, data=data)


def judging(node: str) -> Document:
    """A task whose loss reads a node."""
    return {"kind": "classification", "losses": [{"kind": "cross_entropy", "node": node}]}


def placed(family: str, item: type[Item], **options: Any) -> tuple[Document, str]:
    """A document that uses the item with these options, and the pointer to it."""
    chosen = {"kind": kind_of(item), **options}
    if family in APART:
        name = "study" if issubclass(item, Study) else "item"
        return {name: chosen}, f"/{name}"
    if issubclass(item, Node):
        for document in hosts(item, chosen):
            if plannable(document):
                break
        return document, "/network/0"
    match family:
        case "datasets":
            assert issubclass(item, Dataset)
            return whole(data=chosen, **suiting(item)), "/data"
        case "normalizations":
            return whole(data={"kind": "wine", "normalize": chosen}), "/data/normalize"
        case "augmentations":
            assert issubclass(item, Augmentation)
            return _changed(item, chosen), "/data/augmentations/0"
        case "tasks":
            assert issubclass(item, Task)
            meaning = item.model_validate(chosen)
            fits = next(d for d in catalog(Dataset).values() if meaning.check(made(d)) is None)
            network = meaning.starter(made(fits))
            return whole(data={"kind": kind_of(fits)}, network=network) | {"task": chosen}, "/task"
        case "losses":
            assert issubclass(item, Loss)
            if item.boxes:
                data = {"kind": "shape_scenes", "samples": 200, "size": 32}
                task = {"kind": "detection", "losses": [chosen]}
                network = catalog(Task)["detection"].model_validate(task).starter(made(Shapes))
                return whole(data=data, task=task, network=network), "/task/losses/0"
            if item.masks and item.labels is None:
                data = {"kind": "shape_masks", "samples": 40, "size": 16}
                task = {"kind": "segmentation", "losses": [chosen]}
                network = catalog(Task)["segmentation"].model_validate(task).starter(made(Shapes))
                return whole(data=data, task=task, network=network), "/task/losses/0"
            if item.labels is not None:
                return whole(task={"kind": "classification", "losses": [chosen]}), "/task/losses/0"
            task = {"kind": "regression", "losses": [chosen]}
            return whole(data={"kind": "regression_gauss"}, task=task), "/task/losses/0"
        case "initializers":
            network = [{"kind": "linear", "initializer": chosen}, {"kind": "tanh"}, OUTPUT]
            return whole(network=network), "/network/0/initializer"
        case "optimizers" | "schedules":
            part = family.removesuffix("s")
            training = {"updates": [{part: chosen}], "batch_size": 10, "epochs": 8}
            return whole(training=training), f"/training/updates/0/{part}"
        case "regularizers":
            return whole(training={"regularizers": [chosen], "epochs": 8}), "/training/regularizers/0"
        case "stops":
            data = {"kind": "spiral", "samples": 100, "validation_share": 0.2}
            return whole(data=data, training={"stops": [chosen], "epochs": 8}), "/training/stops/0"
        case "probes":
            return whole(watch=[chosen]), "/watch/0"
    raise ValueError(f"no experiment here uses an item of the family '{family}'")


def read(family: str, document: Document) -> Model:
    """A document of `placed`, as whoever gets it reads it. Raises InvalidDocument."""
    if family not in APART:
        return Experiment.parse(document)
    model = alone(family)
    if "study" in document:
        return model.model_construct(study=parse_study(document["study"]))
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InvalidDocument(problems_of(error, document, model)) from None


@cache
def alone(family: str) -> type[Model]:
    """A document that holds an item of a family and nothing else."""
    base, root = FAMILIES[family]
    fields: dict[str, Any] = {"study" if base is Study else "item": Annotated[root, Choice(root)]}
    return create_model("Alone", __base__=Model, **fields)


def value_at(document: Document, pointer: str) -> Any:
    """The value that a pointer leads to."""
    value: Any = document
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def plannable(document: Document) -> bool:
    """Whether a document's network can be built."""
    return _plannable(json.dumps(document))


@lru_cache(maxsize=1)  # the document that was just placed is asked about once more
def _plannable(document: str) -> bool:
    try:
        planner.plan(Experiment.parse(json.loads(document)))
    except InvalidExperiment:
        return False
    return True
