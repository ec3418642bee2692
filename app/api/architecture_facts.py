"""What is published of architectures, which no plan can compute. It is in `app/architectures.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import Field

from glassnet.engine.catalog import Document, catalog
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.node import Node

FACTS = Path(__file__).resolve().parent.parent / "architectures.toml"

#: What our plans say of the variants that the facts name (`make gallery`): to plan them takes seconds.
COMPUTED = FACTS.with_suffix(".json")

Options = dict[str, Any]


class Small(Document):
    """A version that learns within a minute on a CPU: options on digits, or a preset of the gallery."""

    preset: str = ""
    options: Options = Field(default_factory=dict)
    optimizer: Literal["sgd", "adam"] = "sgd"
    learning_rate: float = Field(0.05, gt=0)


class Compared(Document):
    """An example of the gallery whose study compares trainings, and what the link to it says."""

    example: str
    label: str


class Measured(Document):
    """What is published of a variant: its error, or a detector's precision, and the size of its weights."""

    options: Options = Field(default_factory=dict)
    top5: float | None = Field(None, gt=0, lt=100)
    top5_of: str = ""
    map: float | None = Field(None, gt=0, lt=100)
    map_of: str = ""
    file_mb: float | None = Field(None, gt=0)
    file_of: str = ""


class Entry(Document):
    """What is published of one architecture."""

    authors: str
    source: str
    peculiar: str
    #: The block, or the nodes, that the timeline draws.
    drawn: list[str] = Field(min_length=1)
    #: The variant that the timeline means.
    shown: Options = Field(default_factory=dict)
    top5: float | None = Field(None, gt=0, lt=100)
    top5_of: str = ""
    map: float | None = Field(None, gt=0, lt=100)
    map_of: str = ""
    file_mb: float | None = Field(None, gt=0)
    file_of: str = ""
    variants: list[Measured] = Field(default_factory=list)
    small: Small
    compared: Compared | None = None

    def measured(self) -> list[Measured]:
        """What is published of variants; of two about the same one, the first counts."""
        facts = {"top5", "top5_of", "map", "map_of", "file_mb", "file_of"}
        return [*self.variants, Measured(options=self.shown, **self.model_dump(include=facts))]


class Row(Document):
    """A row of a table: a cell for each column, and the variant it is about."""

    of: str = ""
    network: str = ""
    year: int | None = None
    layers: int | None = None
    top5: float | None = None
    map: float | None = None
    published: float | None = None
    file_mb: float | None = None
    part: str = ""
    one: str = ""
    other: str = ""


#: The columns that a table may have; their headings are in the template.
Column = Literal["network", "year", "layers", "top5", "map", "published", "file_mb", "part", "one", "other"]


class Table(Document):
    """A table of published facts; beside rows with `of` stands what is computed of that variant."""

    name: str
    title: str
    note: str
    columns: list[Column]
    rows: list[Row]

    @property
    def computed(self) -> bool:
        """Whether our plan says something beside the rows."""
        return any(row.of for row in self.rows)


class Facts(Document):
    """All of the file."""

    #: The two variants that are compared at first.
    compared: list[str] = Field(min_length=2, max_length=2)
    entries: dict[str, Entry]
    tables: list[Table]


class Computed(Document):
    """What plans say of the variants that the gallery names."""

    #: Parameters, multiply-adds, activations and depth by variant.
    totals: dict[str, dict[str, int]]
    #: The nodes that the timeline draws, by kind.
    drawn: dict[str, dict[str, list[dict[str, Any]]]]


@cache
def computed() -> Computed:
    """What was computed of the variants that the facts name."""
    return Computed.model_validate_json(COMPUTED.read_bytes())


def named_variants() -> list[str]:
    """Every variant that entries and tables name, as addresses have it, each once."""
    shown = [variant_of(kind, entry.shown) for kind, entry in facts().entries.items()]
    return list(
        dict.fromkeys([*shown, *(row.of for table in facts().tables for row in table.rows if row.of)])
    )


@cache
def facts() -> Facts:
    """The facts. Raises ValueError where the file has a fault."""
    return Facts.model_validate(tomllib.loads(FACTS.read_text(encoding="utf-8")))


def architecture(kind: str) -> type[Architecture]:
    """The item of an architecture with an entry. Raises KeyError where there is none."""
    facts().entries[kind]
    item = catalog(Node)[kind]
    assert issubclass(item, Architecture)
    return item


def in_order() -> list[tuple[str, type[Architecture], Entry]]:
    """Every architecture with its entry, in the order of their years."""
    found = [(kind, architecture(kind), entry) for kind, entry in facts().entries.items()]
    return sorted(found, key=lambda each: each[1].year or 0)


def variant_of(kind: str, options: Options) -> str:
    """A variant as addresses have it: `resnet?depth=50`."""
    words = {name: value if isinstance(value, str) else _json(value) for name, value in options.items()}
    return f"{kind}?{urlencode(words)}" if words else kind


def texts() -> Iterator[str]:
    """Every text of the facts."""
    for entry in facts().entries.values():
        yield from (entry.authors, entry.source, entry.peculiar, entry.top5_of, entry.map_of, entry.file_of)
        for each in entry.variants:
            yield from (each.top5_of, each.map_of, each.file_of)
        if entry.compared:
            yield entry.compared.label
    for table in facts().tables:
        yield from (table.title, table.note)
        for row in table.rows:
            yield from (row.network, row.part, row.one, row.other)


def _json(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
