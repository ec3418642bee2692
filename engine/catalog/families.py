"""The catalogue of a family: its items by kind, discovered by importing the packages that define them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from inspect import isabstract
from typing import Literal, TypeVar, get_args, get_origin
from weakref import WeakSet

from glassnet.engine.catalog.item import Item

T = TypeVar("T", bound=Item)

#: The families whose catalogue has been read.
_read: set[type[Item]] = set()

#: Classes that were defined too late, under a kind that was taken: Python keeps them all the same.
_refused: WeakSet[type[Item]] = WeakSet()


@cache
def catalog(family: type[T]) -> dict[str, type[T]]:
    """All items of a family by kind, in the order of their files and of the classes within.

    Imports every module of the family's packages. Raises TypeError where two items have the same kind.
    """
    items: dict[str, type[T]] = {}
    for home in family.homes or (family.__module__,):
        package = importlib.import_module(home)
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
            importlib.import_module(f"{home}.{module.name}")
    for item in sorted(_newest(family), key=lambda item: _room(family, item)):
        kind = kind_of(item)
        if kind in items:
            raise TypeError(f"two items of kind '{kind}': {items[kind].__qualname__} and {item.__qualname__}")
        items[kind] = item
    _read.add(family)
    return items


def kind_of(item: type[Item]) -> str:
    """The literal in the item's `kind` field."""
    return str(get_args(item.model_fields["kind"].annotation)[0])


def admit(item: type[Item]) -> bool:
    """Take an item into catalogues that have been read before it was defined; whether there are any.

    Raises TypeError where another item has its kind; then it is in none.
    """
    families = [family for family in _read if issubclass(item, family) and is_item(item)]
    if families:
        catalog.cache_clear()
    try:
        for family in families:
            catalog(family)
    except TypeError:
        _refused.add(item)
        raise
    return bool(families)


def expel(item: type[Item]) -> None:
    """Leave an item out of all catalogues from now on."""
    _refused.add(item)
    catalog.cache_clear()


def is_item(item: type[Item]) -> bool:
    """Whether a class is an item that can be chosen: it has one kind, and can be made."""
    return _is_literal(item) and not isabstract(item) and item not in _refused


def _newest(family: type[T]) -> list[type[T]]:
    """The items of a family; of those that were defined twice, as when a cell is run again, the later."""
    # An item of two bases is found twice.
    found = dict.fromkeys(_concrete(family))
    return list({(item.__module__, item.__qualname__): item for item in found}.values())


def _concrete(family: type[T]) -> Iterator[type[T]]:
    for subclass in family.__subclasses__():
        yield from _concrete(subclass)
        if is_item(subclass):
            yield subclass


def _is_literal(item: type[Item]) -> bool:
    return get_origin(item.model_fields["kind"].annotation) is Literal


def _room(family: type[Item], item: type[Item]) -> tuple[int, str]:
    """The sort key of an item: package and file, so that the folders give the order of the catalogue."""
    package = item.__module__.rpartition(".")[0]
    homes = family.homes or (family.__module__,)
    return (homes.index(package) if package in homes else len(homes)), item.__module__
