"""Item: an entry of the catalogue, with its options.

An item is one pydantic class: its fields are its options, its docstring is its reference entry, `kind` is
its name. Validation, JSON Schema, forms, reference pages, exported code and the conformance tests are all
derived from that class; nothing is listed by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from inspect import cleandoc
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from glassnet.engine.catalog.guide import Guide
from glassnet.engine.catalog.panel import Panel


def option(
    default: Any,
    description: str,
    *,
    unit: str | None = None,
    log: bool = False,
    live: bool = False,
    **bounds: Any,
) -> Any:
    """A field of an item: default, one-sentence description, bounds (`gt ge lt le`, `max_length`, …).

    `unit` is shown after the number, `log` requests a logarithmic slider, `live` marks a value that may
    change while training goes on, without a restart.
    """
    hints: dict[str, Any] = {}
    if unit is not None:
        hints["unit"] = unit
    if log:
        hints["scale"] = "log"
    if live:
        hints["live"] = True
    if hints:  # None would take away what the field's type says
        bounds["json_schema_extra"] = hints
    return Field(default, description=description, **bounds)


class Document(BaseModel):
    """A model read from JSON: strict types, finite numbers, no unknown fields, immutable."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        validate_default=True,
        defer_build=True,
    )


class Item(Document):
    """An entry of the catalogue.

    A family is a direct subclass defined in a package's `__init__`; its items are its subclasses with a
    literal `kind`, in that package (or in the packages named by `homes`). The docstring starts with the
    item's name as it is displayed: `\"\"\"Leaky ReLU: a rectifier that …\"\"\"`.
    """

    kind: str
    homes: ClassVar[tuple[str, ...]] = ()
    #: What speaks for and against it, common mistakes, an experiment; each item has its own.
    guide: ClassVar[Guide | None] = None

    #: What is told of every class below, once it is whole (see late.py).
    _on_definition: ClassVar[list[Callable[[type[Item]], None]]] = []

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        for told in Item._on_definition:
            told(cls)

    def digest(self, *but: str) -> str:
        """A hash of the item's options, those named apart: equal for items that are equal in them."""
        options = self.model_dump(mode="json", exclude=set(but))
        canonical = json.dumps(options, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()

    @classmethod
    def label(cls) -> str:
        """The item's display name: the docstring up to its first colon."""
        return cls.summary().split(":", 1)[0].strip()

    @classmethod
    def summary(cls) -> str:
        """The item's summary: the docstring's first line."""
        return cleandoc(cls.__doc__ or "").split("\n", 1)[0]

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """What the published catalogue says: kind, label, summary, reference, formulas and guide."""
        entry: dict[str, Any] = {
            "kind": cls.model_fields["kind"].default,
            "label": cls.label(),
            "summary": cls.summary(),
            "reference": cls.reference(),
        }
        for fact in ("formula", "derivative", "folds", "inertia", "metric", "family"):
            if hasattr(cls, fact):
                entry[fact] = getattr(cls, fact)
        panel: Panel | None = getattr(cls, "panel", None)
        if panel is not None:
            entry["panel"] = panel._asdict()
        if cls.guide is not None:
            entry["guide"] = cls.guide.document()
        return entry

    @classmethod
    def reference(cls) -> str:
        """The item's reference text: the docstring below its first line, with formula, shapes and source."""
        return cleandoc(cls.__doc__ or "").partition("\n")[2].strip()
