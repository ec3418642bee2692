"""The catalogue of a family: its items by kind, discovered in the packages that define them and plug-ins."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from glassnet.engine.catalog import plugins
from glassnet.engine.catalog.discovery import (
    homes_of,
    import_homes,
    is_item,
    items_below,
    kind_of,
    refused,
)
from glassnet.engine.catalog.item import Item

T = TypeVar("T", bound=Item)

#: The families whose catalogue has been read.
_read: set[type[Item]] = set()


@cache
def catalog(family: type[T]) -> dict[str, type[T]]:
    """All items of a family by kind, in the order of their files and of the classes within; plug-ins' last.

    Imports the installed plug-ins, then every module of the family's packages. Raises TypeError where two
    items have the same kind.
    """
    plugins.load()
    import_homes(family)
    items: dict[str, type[T]] = {}
    for item in sorted(items_below(family), key=lambda item: _room(family, item)):
        kind = kind_of(item)
        if kind in items:
            raise TypeError(f"two items of kind '{kind}': {items[kind].__qualname__} and {item.__qualname__}")
        items[kind] = item
    _read.add(family)
    return items


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
        refused.add(item)
        raise
    return bool(families)


def expel(item: type[Item]) -> None:
    """Leave an item out of all catalogues from now on."""
    refused.add(item)
    catalog.cache_clear()


def _room(family: type[Item], item: type[Item]) -> tuple[int, str]:
    """The sort key of an item: package and file, so that the folders give the order of the catalogue."""
    package = item.__module__.rpartition(".")[0]
    homes = homes_of(family)
    return (homes.index(package) if package in homes else len(homes)), item.__module__
