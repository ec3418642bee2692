"""The catalogue as plain data: every family and its items, in the order in which pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from glassnet.engine.catalog import Item, catalog, plugins
from glassnet.engine.data.inputs import Input
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.items.layers import Layer
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.node import Node
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.regularizers import Regularizer
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.items.stops import Stop
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.items.tasks import Task
from glassnet.engine.probes import Probe
from glassnet.engine.studies import Study

#: Every family with the catalogue it is part of: layers, activations, blocks and architectures are nodes.
FAMILIES: dict[str, tuple[type[Item], type[Item]]] = {
    "datasets": (Dataset, Dataset),
    "normalizations": (Normalization, Normalization),
    "augmentations": (Augmentation, Augmentation),
    "tasks": (Task, Task),
    "losses": (Loss, Loss),
    "layers": (Layer, Node),
    "activations": (Activation, Node),
    "blocks": (Block, Node),
    "architectures": (Architecture, Node),
    "initializers": (Initializer, Initializer),
    "optimizers": (Optimizer, Optimizer),
    "schedules": (Schedule, Schedule),
    "regularizers": (Regularizer, Regularizer),
    "stops": (Stop, Stop),
    "inputs": (Input, Input),
    "surfaces": (CostSurface, CostSurface),
    "probes": (Probe, Probe),
    "studies": (Study, Study),
}


def discover() -> None:
    """Import every item of every family.

    Call it before threads start: a thread that imports an item whose class builds a pydantic model, and
    one that builds a model which imports an item, would wait for each other's lock for ever.
    """
    for _, root in FAMILIES.values():
        catalog(root)


def reference() -> dict[str, list[dict[str, Any]]]:
    """Families of items: kind, label, summary, reference text, and the formulas an item declares."""
    return {
        family: [_entry(item) for item in catalog(root).values() if issubclass(item, base)]
        for family, (base, root) in FAMILIES.items()
    }


def items_of(family: str) -> dict[str, type[Item]]:
    """The items of a family by their kinds. Raises KeyError with the families there are."""
    if family not in FAMILIES:
        raise KeyError(f"one of {', '.join(FAMILIES)}")
    base, root = FAMILIES[family]
    return {kind: item for kind, item in catalog(root).items() if issubclass(item, base)}


def entries(items: Iterable[type[Item]]) -> dict[str, list[dict[str, Any]]]:
    """What the catalogue says of some items alone, by family."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        found.setdefault(family_of(item), []).append(_entry(item))
    return found


def family_of(item: type[Item]) -> str:
    """The family that lists an item."""
    return next(family for family, (base, _) in FAMILIES.items() if issubclass(item, base))


def facts(dataset: Dataset) -> dict[str, Any]:
    """What the options of a data set decide: the classes, and how many samples each set has."""
    sets = {
        "train": dataset.trained,
        "validation": dataset.validation_count,
        "test": dataset.held_out,
    }
    return {
        "classes": None if dataset.classes is None else list(dataset.classes),
        "brightest": dataset.brightest,
        "sets": {name: count for name, count in sets.items() if count},
    }


def _entry(item: type[Item]) -> dict[str, Any]:
    """What an item says of itself, and the plug-in and package that it is from, if it is from one."""
    plugin = plugins.load().provider(item)
    origin = {} if plugin is None else {"plugin": plugin.name, "package": plugin.package_of(item)}
    return item.entry() | _network_of(item) | origin


def _network_of(item: type[Item]) -> dict[str, Any]:
    """A small network for a data set that dense layers behind any other data do not fit."""
    if not issubclass(item, Dataset):
        return {}
    network = starter_network(item.model_construct())
    return {} if network is None else {"network": network}


def starter_network(data: Dataset) -> list[dict[str, Any]] | None:
    """A small network for data that dense layers behind any other data do not fit; None for others."""
    if data.family in ("class", "values"):
        return None
    tasks = (task.model_validate({"kind": kind}) for kind, task in catalog(Task).items())
    return next((task.starter(data) for task in tasks if task.check(data) is None), None)
