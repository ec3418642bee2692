"""The classes that are items: the subclasses of a family, and the packages that define them."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from inspect import isabstract
from types import ModuleType
from typing import Literal, TypeVar, get_args, get_origin
from weakref import WeakSet

from glassnet.engine.catalog.item import Item

T = TypeVar("T", bound=Item)

#: Classes that are in no catalogue: of plug-ins that are left out, or defined too late under a taken kind.
refused: WeakSet[type[Item]] = WeakSet()


def kind_of(item: type[Item]) -> str:
    """The literal in the item's `kind` field."""
    return str(get_args(item.model_fields["kind"].annotation)[0])


def has_kind(item: type[Item]) -> bool:
    """Whether the class has a literal kind, and so is more than a base of items."""
    return get_origin(item.model_fields["kind"].annotation) is Literal


def is_item(item: type[Item]) -> bool:
    """Whether a class is an item that can be chosen: it has one kind, and can be made."""
    return has_kind(item) and not isabstract(item) and item not in refused


def items_below(family: type[T]) -> list[type[T]]:
    """The items of a family; of those that were defined twice, as when a cell is run again, the later."""
    # An item of two bases is found twice.
    found = dict.fromkeys(item for item in subclasses(family) if is_item(item))
    return list({(item.__module__, item.__qualname__): item for item in found}.values())


def subclasses(family: type[T]) -> Iterator[type[T]]:
    """Every class below another, those below a class before the class itself."""
    for subclass in family.__subclasses__():
        yield from subclasses(subclass)
        yield subclass


def is_family(base: type[Item]) -> bool:
    """Whether a direct subclass of Item has a catalogue: a package defines it, or it names its homes."""
    return bool(vars(base).get("homes")) or hasattr(sys.modules[base.__module__], "__path__")


def homes_of(family: type[Item]) -> tuple[str, ...]:
    """The packages that define a family's items."""
    return family.homes or (family.__module__,)


def import_homes(family: type[Item]) -> None:
    """Import every module of a family's packages."""
    for home in homes_of(family):
        import_modules(importlib.import_module(home))


def import_modules(package: ModuleType) -> None:
    """Import the modules directly in a package, private ones (`_name`, `__main__`) excepted."""
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        if not name.startswith("_"):
            importlib.import_module(f"{package.__name__}.{name}")
