"""Checks of a plug-in's classes before they join a catalogue, which a faulty one would break for all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from inspect import isabstract
from pathlib import Path
from typing import Any, get_args

from glassnet.engine.catalog.discovery import (
    has_kind,
    import_homes,
    is_family,
    items_below,
    kind_of,
    subclasses,
)
from glassnet.engine.catalog.item import Item
from glassnet.engine.catalog.option_check import check_options

#: The pattern of kinds, which are also names of files and nodes.
KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")

EXPECTED = "expected a class with a literal kind below a family of Glassnet, as Activation, Dataset or Probe"


class Unfit(Exception):
    """The reason for which a plug-in is left out."""


def check_class(found: Any, place: str) -> None:
    """Raise Unfit where the object of an entry point is not an item."""
    if not (isinstance(found, type) and issubclass(found, Item) and has_kind(found)):
        raise Unfit(f"'{place}' is no Item; {EXPECTED}")


def checked_items(
    package_of: Callable[[type[Item]], str | None],
    folder_of: Callable[[str], Path | None],
) -> tuple[type[Item], ...]:
    """The items of a plug-in: the classes defined in its packages. Raises Unfit where one is invalid.

    `folder_of` returns the folder of a package.
    """
    items = []
    for item in dict.fromkeys(subclasses(Item)):
        package = package_of(item)
        if package is not None and _is_meant(item):
            _check_place(item)
            _check_panel(item, folder_of(package))
            _check_content(item)
            items.append(item)
    if not items:
        raise Unfit(f"it defines no item; {EXPECTED}")
    return tuple(items)


def _is_meant(item: type[Item]) -> bool:
    """Whether a class is an item, and not a base class. Raises Unfit where it is an invalid item."""
    kind = item.model_fields["kind"]
    if not has_kind(item):
        if isinstance(kind.default, str):
            raise Unfit(f"the kind of '{item.__qualname__}' is no Literal; {EXPECTED}")
        return False
    if len(get_args(kind.annotation)) != 1 or not KIND.fullmatch(kind_of(item)):
        raise Unfit(
            f"the kind of '{item.__qualname__}' is {kind.annotation}; expected one name of at most 40 small "
            "letters, digits and _, a letter first"
        )
    if isabstract(item):
        raise Unfit(f"'{item.__qualname__}' lacks {', '.join(sorted(item.__abstractmethods__))}")
    return True


def _check_place(item: type[Item]) -> None:
    """Raise Unfit where the item has no family, or its kind is taken there."""
    families = list(_families(item))
    if not families:
        raise Unfit(f"'{item.__qualname__}' is of no family; {EXPECTED}")
    for family in families:
        import_homes(family)
        for other in items_below(family):
            if other is not item and kind_of(other) == kind_of(item):
                raise Unfit(
                    f"'{item.__qualname__}' redefines the kind '{kind_of(item)}' of {other.__module__}."
                    f"{other.__qualname__}; expected a kind of its own"
                )


def _families(item: type[Item]) -> Iterator[type[Item]]:
    for base in item.__mro__:
        if Item in base.__bases__ and base.__module__.startswith("glassnet.") and is_family(base):
            yield base


def _check_panel(item: type[Item], folder: Path | None) -> None:
    """Raise Unfit where the script of the item's panel is missing."""
    if getattr(item, "panel", None) is None:
        return
    script = Path("static", "panels", f"{kind_of(item)}.js")
    if folder is None or not (folder / script).is_file():
        raise Unfit(f"the panel of '{item.__qualname__}' is missing; expected {script} in its package")


def _check_content(item: type[Item]) -> None:
    """Raise Unfit where the item's options cannot be parsed, or its catalogue entry cannot be serialised."""
    try:
        check_options(item)
        json.dumps(item.entry(), allow_nan=False)
    except Exception as error:  # other people's code: whatever it is, the plug-in is left out
        raise Unfit(f"'{item.__qualname__}' cannot be described: {type(error).__name__}: {error}") from error
