"""The catalogue of a family: all its items by kind, found by importing the folders that they stand in."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from inspect import isabstract
from typing import Literal, TypeVar, get_args, get_origin

from glassnet.engine.catalog.item import Item

T = TypeVar("T", bound=Item)


@cache
def catalog(family: type[T]) -> dict[str, type[T]]:
    """All items of a family by kind, in the order of their files and of the classes within.

    Imports every module of the family's packages; two items of one kind are an error.
    """
    items: dict[str, type[T]] = {}
    for home in family.homes or (family.__module__,):
        package = importlib.import_module(home)
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
            importlib.import_module(f"{home}.{module.name}")
    found = dict.fromkeys(_concrete(family))  # an item of two bases is found twice
    for item in sorted(found, key=lambda item: _room(family, item)):
        kind = kind_of(item)
        if kind in items:
            raise TypeError(f"two items of kind '{kind}': {items[kind].__qualname__} and {item.__qualname__}")
        items[kind] = item
    return items


def kind_of(item: type[Item]) -> str:
    """The literal in the item's `kind` field."""
    return str(get_args(item.model_fields["kind"].annotation)[0])


def _concrete(family: type[T]) -> Iterator[type[T]]:
    for subclass in family.__subclasses__():
        yield from _concrete(subclass)
        if _is_literal(subclass) and not isabstract(subclass):
            yield subclass


def _is_literal(item: type[Item]) -> bool:
    return get_origin(item.model_fields["kind"].annotation) is Literal


def _room(family: type[Item], item: type[Item]) -> tuple[int, str]:
    """Package and file, so that the folders order what people read."""
    package = item.__module__.rpartition(".")[0]
    homes = family.homes or (family.__module__,)
    return (homes.index(package) if package in homes else len(homes)), item.__module__
