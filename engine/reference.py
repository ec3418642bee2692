"""The catalogue as plain data: what there is to choose, in the order people should meet it."""

from __future__ import annotations

from typing import Any

from engine.activations import Activation
from engine.architectures import Architecture
from engine.augmentations import Augmentation
from engine.blocks import Block
from engine.catalog import Item, catalog, kind_of
from engine.datasets import Dataset
from engine.initializers import Initializer
from engine.inputs import Input
from engine.layers import Layer
from engine.losses import Loss
from engine.node import Node
from engine.normalizations import Normalization
from engine.optimizers import Optimizer
from engine.probes import Probe
from engine.regularizers import Regularizer
from engine.schedules import Schedule
from engine.studies import Study
from engine.surfaces import CostSurface
from engine.tasks import Task

#: Every family with its catalogue. Layers, activations, blocks and architectures are one, of nodes.
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
    "inputs": (Input, Input),
    "surfaces": (CostSurface, CostSurface),
    "probes": (Probe, Probe),
    "studies": (Study, Study),
}


def discover() -> None:
    """Import every item there is.

    For processes with threads, before they begin: one that imports an item whose class builds a model,
    and one that builds a model which imports an item, would wait for each other's lock for ever.
    """
    for _, root in FAMILIES.values():
        catalog(root)


def reference() -> dict[str, list[dict[str, Any]]]:
    """Families of items: kind, label, summary, reference text, and the formulas an item declares."""
    return {
        family: [_entry(item) for item in catalog(root).values() if issubclass(item, base)]
        for family, (base, root) in FAMILIES.items()
    }


def facts(dataset: Dataset) -> dict[str, Any]:
    """What the options of a data set decide: the classes, and how many samples each set has."""
    sets = {
        "train": dataset.trained,
        "validation": dataset.count - dataset.held_out - dataset.trained,
        "test": dataset.held_out,
    }
    return {
        "classes": None if dataset.classes is None else list(dataset.classes),
        "brightest": dataset.brightest,
        "sets": {name: count for name, count in sets.items() if count},
    }


def _entry(item: type[Item]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "kind": kind_of(item),
        "label": item.label(),
        "summary": item.summary(),
        "reference": item.reference(),
    }
    for fact in ("formula", "derivative", "folds", "inertia"):
        if hasattr(item, fact):
            entry[fact] = getattr(item, fact)
    if issubclass(item, Dataset):
        example = item.model_validate({"kind": entry["kind"]})
        entry["classes"] = None if example.classes is None else list(example.classes)
        entry |= {"brightest": example.brightest, "drawn": example.drawn}
        entry |= {"shape": list(example.shape), "count": example.count, "plane": example.plane}
        entry["inputs"] = list(example.raw_inputs)
    return entry
