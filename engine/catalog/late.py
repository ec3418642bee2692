"""Items that are defined after the catalogue was read: in a cell of a notebook, or in a module imported late.

By then pydantic has built the union of the item's family into every model that holds one, so these are
built again: some tenths of a second for each such class, and everything knows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from glassnet.engine.catalog.families import admit, expel
from glassnet.engine.catalog.item import Document, Item

#: What pydantic keeps of a model that it has built.
BUILT = ("__pydantic_core_schema__", "__pydantic_validator__", "__pydantic_serializer__")


class Edition:
    """How often the catalogue has grown since the process began: a part of the key of what is remembered."""

    number = 0


def take_in(item: type[Item]) -> None:
    """Add an item to the catalogues and models that were built before it.

    Raises TypeError where its kind is taken, and pydantic's errors where it cannot be built; the item is then
    withdrawn.
    """
    if not admit(item):
        return
    try:
        _build_again()
    except BaseException:
        withdraw(item)
        raise


def withdraw(item: type[Item]) -> None:
    """Remove an item from catalogues and models."""
    expel(item)
    _build_again()


def _build_again() -> None:
    """Rebuild every built model. All are reset first, because they contain parts of each other."""
    Edition.number += 1
    built = [model for model in dict.fromkeys(_below(Document)) if model.__pydantic_complete__]
    for model in built:
        for name in BUILT:
            if name in model.__dict__:
                delattr(model, name)
    for model in built:
        model.model_rebuild(force=True)


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for subclass in model.__subclasses__():
        yield subclass
        yield from _below(subclass)


Item._on_definition.append(take_in)
