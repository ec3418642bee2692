"""The experiment that shows an item, from the example that its guide names."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from jsonpointer import set_pointer

from glassnet.app.api.gallery import examples
from glassnet.engine.catalog import Item, catalog, kind_of
from glassnet.engine.conformance.places import placed
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Node

Document = dict[str, Any]


def example_of(family: str, item: type[Item]) -> Document | None:
    """The experiment's document; None where the item is shown by a lab, or says of none."""
    guide = item.guide
    if guide is None or guide.example.lab:
        return None
    example, kind = guide.example, kind_of(item)
    if example.preset:
        document = _preset(example.preset)
        for pointer, value in example.changes.items():
            set_pointer(document, pointer, deepcopy(value))
        if not _has(document, kind):
            _put(document, family, item)
    else:
        document, _ = placed(family, item)
    document["title"] = item.label()
    return Experiment.parse(document).document()


def _preset(name: str) -> Document:
    found = next((each for each in examples() if each.slug == name), None)
    if found is None:
        known = ", ".join(each.slug for each in examples())
        raise ValueError(f"'{name}' is no preset; expected one of {known}")
    return deepcopy(found.experiment.document())


def _has(value: Any, kind: str) -> bool:
    """Whether a document has an item of this kind anywhere."""
    if isinstance(value, dict):
        return value.get("kind") == kind or any(_has(each, kind) for each in value.values())
    return isinstance(value, list) and any(_has(each, kind) for each in value)


def _put(document: Document, family: str, item: type[Item]) -> None:
    """Put an item in the place of those of its family."""
    chosen: Document = {"kind": kind_of(item)}
    training = document["training"]
    match family:
        case "activations":
            for index, node in enumerate(document["network"]):
                if issubclass(catalog(Node)[node["kind"]], Activation):
                    document["network"][index] = _in_place_of(node, chosen, document)
        case "losses":
            loss = document["task"]["losses"][0]
            document["task"]["losses"] = [{**chosen, "node": loss["node"]}]
        case "optimizers":
            for update in training["updates"]:
                update["optimizer"] = chosen
        case "schedules":
            for update in training["updates"]:
                update["schedule"] = chosen
        case "initializers":
            for node in document["network"]:
                if "initializer" in node:
                    node["initializer"] = chosen
        case "regularizers":
            training["regularizers"] = [*training["regularizers"], chosen]
        case "normalizations":
            document["data"]["normalize"] = chosen
        case "augmentations":
            document["data"]["augmentations"] = [chosen]
        case "probes":
            document["watch"] = [*document["watch"], chosen]


def _in_place_of(node: Document, chosen: Document, document: Document) -> Document:
    """A node for another; it keeps the name where something refers to that."""
    named = json.dumps(document).count(json.dumps(node["name"])) > 1
    kept = {"name": node["name"]} if named else {}
    return {**chosen, **kept, "inputs": node.get("inputs")}
