"""Every item of every catalogue, found by discovery, with a document that uses it and its schema."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest

from glassnet.engine.catalog import Item, catalog, kind_of
from glassnet.engine.conformance.places import (
    APART,
    placed,
)
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.reference import FAMILIES

Document = dict[str, Any]

ITEMS = [
    (family, item)
    for family, (base, root) in FAMILIES.items()
    for item in catalog(root).values()
    if issubclass(item, base)
]
FIELDS = [
    (family, item, name) for family, item in ITEMS for name in item.model_fields if name != "kind"
]  # fmt: skip

#: Own and downloaded data are not there; test_image_import and test_published have some.
ABSENT = [i for i in catalog(Dataset).values() if i.model_validate({"kind": kind_of(i)}).check(Blobs())]
TRAINED = [(family, item) for family, item in ITEMS if family not in APART and item not in ABSENT]

every_item = pytest.mark.parametrize(
    ("family", "item"), ITEMS, ids=[f"{family}-{kind_of(item)}" for family, item in ITEMS]
)
every_trained_item = pytest.mark.parametrize(
    ("family", "item"), TRAINED, ids=[f"{family}-{kind_of(item)}" for family, item in TRAINED]
)
every_field = pytest.mark.parametrize(
    ("family", "item", "field"), FIELDS, ids=[f"{f}-{kind_of(i)}-{name}" for f, i, name in FIELDS]
)


@cache
def schema_of(item: type[Item]) -> Document:
    """The item's JSON Schema; one that refers to itself stands among its own definitions."""
    schema = item.model_json_schema()
    own = schema["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    return {**schema, **own}


@cache
def _first_place(family: str, item: type[Item]) -> tuple[Document, str]:
    return placed(family, item)


def at_a_place(family: str, item: type[Item]) -> tuple[Document, str]:
    """A document that uses the item as it is, the test's own, and the pointer to it."""
    document, pointer = _first_place(family, item)
    return copy.deepcopy(document), pointer


def alternatives(schema: Document, definitions: Document) -> list[Document]:
    """The plain schemas that a field's schema offers."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    parts = schema.get("anyOf", schema.get("oneOf"))
    if parts is None:
        return [schema]
    return [found for part in parts for found in alternatives(part, definitions)]
