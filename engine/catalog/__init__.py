"""A thing one can choose (Item), the list of them (catalog) and the field that holds one (Choice).

One pydantic class in one place is the whole of an item: its fields are its options, its docstring its
reference entry, its `kind` its name. Validation, JSON Schema, forms, reference pages, exported code
and the conformance tests all come from that class; nothing is listed by hand.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc, isabstract
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T", bound="Item")


def option(
    default: Any,
    words: str,
    *,
    unit: str | None = None,
    log: bool = False,
    live: bool = False,
    **bounds: Any,
) -> Any:
    """A field of an item: default, one sentence in `words`, bounds (`gt ge lt le`, `max_length`, …).

    `unit` is shown behind the number, `log` asks for a logarithmic slider, `live` says that the value
    may change while training goes on, without a new start.
    """
    hints: dict[str, Any] = {}
    if unit is not None:
        hints["unit"] = unit
    if log:
        hints["scale"] = "log"
    if live:
        hints["live"] = True
    return Field(default, description=words, json_schema_extra=hints or None, **bounds)


class Document(BaseModel):
    """Anything that is read from JSON: strict types, finite numbers, no unknown fields, immutable."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        validate_default=True,
        defer_build=True,
    )


class Item(Document):
    """One entry of a catalog.

    A family is a direct subclass defined in a package's `__init__`; its items are the classes below
    it with a literal `kind`, in that package (or in the packages named by `homes`). The docstring
    starts with the item's name as a person writes it: `\"\"\"Leaky ReLU: a rectifier that …\"\"\"`.
    """

    kind: str
    homes: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def label(cls) -> str:
        """The name as a person writes it: the docstring up to its first colon."""
        return cls.summary().split(":", 1)[0].strip()

    @classmethod
    def summary(cls) -> str:
        """The docstring's first line."""
        return cleandoc(cls.__doc__ or "").split("\n", 1)[0]

    @classmethod
    def reference(cls) -> str:
        """The docstring below its first line: formula, shapes, source."""
        return cleandoc(cls.__doc__ or "").partition("\n")[2].strip()


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


@dataclass(frozen=True)
class Choice:
    """The field type "one item of this family": `Annotated[Activation, Choice(Activation)]`.

    To mypy it is the base class; to pydantic a union told apart by `kind`, assembled when it is first
    needed, so that families may refer to each other and to themselves.
    """

    family: type[Item]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {kind: handler.generate_schema(item) for kind, item in catalog(self.family).items()}
        return core_schema.tagged_union_schema(choices, discriminator="kind")
