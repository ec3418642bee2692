"""Items of an experiment that only this process knows: of a notebook's cell, of no installed package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.plugins import load
from glassnet.engine.errors import InvalidExperiment, Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.validation import Keys, pointer

#: Of Glassnet's own items, those that stand for what is in a notebook.
NOTEBOOK = "glassnet.engine.notebook."


def check_known(experiment: Experiment) -> None:
    """Raise InvalidExperiment, naming each, where items are not known to other processes of this machine."""
    problems = [
        Problem(
            pointer([*keys, "kind"]),
            f"'{item.kind}' ({type(item).__name__}) is known in one process alone; "
            "expected an item of Glassnet or of an installed plug-in",
        )
        for keys, item in _items(experiment, [])
        if is_own(type(item))
    ]
    if problems:
        raise InvalidExperiment(problems)


def _items(value: Any, keys: Keys) -> Iterator[tuple[Keys, Item]]:
    """Every item, and the way to it."""
    if isinstance(value, Item):
        yield keys, value
    if isinstance(value, BaseModel):
        for name, part in vars(value).items():
            yield from _items(part, [*keys, name])
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _items(part, [*keys, index])


def is_own(item: type[Item]) -> bool:
    """Whether an item is of a notebook, or stands for what is in one."""
    name = item.__module__
    ours = name.startswith("glassnet.") and not name.startswith(NOTEBOOK)
    return not ours and load().provider(item) is None
