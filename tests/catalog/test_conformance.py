"""Every item of every catalogue keeps the promises of an item; found by discovery, listed nowhere.

Documented, in the schema, through JSON and back, refused with a pointer where a value is wrong. What is built
and trained is in test_built.py, scripts are in test_exported.py.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from functools import cache, partial
from typing import Annotated, Any

from pydantic import TypeAdapter

from glassnet.engine.catalog import Choice, Item, catalog, kind_of
from glassnet.engine.conformance.places import (
    read,
)
from glassnet.engine.reference import FAMILIES, reference
from tests.catalog.items import (
    ITEMS,
    Document,
    alternatives,
    at_a_place,
    every_field,
    every_item,
    schema_of,
)
from tests.engine.experiments import refused

#: Families whose items compute something a reader may want to look up.
EXPLAINED = {"layers", "activations", "blocks", "optimizers", "initializers", "regularizers", "losses"}


@cache
def kinds_offered(root: type[Item]) -> set[str]:
    """The kinds that the schema of a choice among a root's items lets one choose."""
    choice: TypeAdapter[Any] = TypeAdapter(Annotated[Any, Choice(root)])
    return set(choice.json_schema()["discriminator"]["mapping"])


@cache
def published() -> Document:
    return reference()


# Documented, and in the schema -----------------------------------------------------------------------------


@every_item
def test_it_has_a_label_a_summary_and_words_for_every_option(family: str, item: type[Item]) -> None:
    assert item.__doc__ is not None
    assert re.match(r"\S.{1,40}: \S", item.summary()), "the docstring begins `Label: what it is`"
    assert item.summary().endswith((".", ")"))
    assert 1 < len(item.label()) <= 40
    if family in EXPLAINED:
        assert len(item.summary()) + len(item.reference()) > 80, "formula, shapes or source are missing"
    for name, field in item.model_fields.items():
        if name != "kind":
            assert field.description, f"{name} has no words"
            assert field.description.endswith("."), f"{name}: {field.description}"


@every_item
def test_its_schema_describes_every_option(family: str, item: type[Item]) -> None:
    schema = schema_of(item)
    assert schema["description"].startswith(item.summary().split("\n")[0][:20])
    assert schema["additionalProperties"] is False
    for name, field in schema["properties"].items():
        assert name == "kind" or field["description"]
    _, root = FAMILIES[family]
    assert kind_of(item) in kinds_offered(root)


@every_item
def test_it_is_in_the_published_reference(family: str, item: type[Item]) -> None:
    (entry,) = [entry for entry in published()[family] if entry["kind"] == kind_of(item)]
    assert (entry["label"], entry["summary"]) == (item.label(), item.summary())
    json.dumps(entry)


@every_item
def test_it_goes_through_json_and_back(family: str, item: type[Item]) -> None:
    document, pointer = at_a_place(family, item)
    first = read(family, document)
    again = read(family, json.loads(first.model_dump_json()))
    assert again == first
    part: Any = again
    for step in pointer.split("/")[1:]:
        part = part[int(step)] if isinstance(part, list) else getattr(part, step)
    assert type(part) is item
    plain = again.model_dump(mode="json")
    assert read(family, plain).model_dump(mode="json") == plain


# Wrong values are refused where they stand -----------------------------------------------------------------

SAMPLES: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 3,
    "number": 2.5,
    "string": "¿?",
    "array": [[[]]],
    "object": {"¿?": 1},
}


def allowed_types(options: list[Document]) -> set[str]:
    types = {
        option.get("type", "string" if "enum" in option or "const" in option else "") for option in options
    }
    return types | ({"integer"} if "number" in types else set())


def wrong_values(item: type[Item], field: str) -> Iterator[Any]:
    """Values of every wrong type, and the nearest that are out of range."""
    schema = schema_of(item)
    options = alternatives(schema["properties"][field], schema.get("$defs", {}))
    allowed = allowed_types(options)
    yield from (value for kind, value in SAMPLES.items() if kind not in allowed)
    if "string" in allowed or "object" in allowed:
        # Text that is no name, no reference and none of the choices; an object of no kind.
        limits = [option["maxLength"] for option in options if "maxLength" in option]
        free = any(
            o.get("type") == "string" and not ({"enum", "const", "pattern"} & o.keys()) for o in options
        )
        yield "x" * (max(limits) + 1) if free else SAMPLES["string"]
        yield SAMPLES["object"]
    if "number" in allowed:
        yield from (float("nan"), float("inf"), -float("inf"))
    numeric = [option for option in options if option.get("type") in ("number", "integer")]
    step = 1 if allowed & {"integer"} and "number" not in allowed else 1e-3
    for option in numeric:
        if "minimum" in option:
            yield option["minimum"] - step
        if "exclusiveMinimum" in option:
            yield option["exclusiveMinimum"]
        if "maximum" in option:
            yield option["maximum"] + max(step, abs(option["maximum"]) * 1e-9 if step < 1 else 1)
        if "exclusiveMaximum" in option:
            yield option["exclusiveMaximum"]
    for option in options:
        if option.get("type") == "array" and option.get("minItems"):
            yield []
        if option.get("type") == "array" and option.get("maxItems", 10**9) <= 10_000:
            yield [0] * (option["maxItems"] + 1)


@every_field
def test_wrong_values_are_refused_at_the_option(family: str, item: type[Item], field: str) -> None:
    document, pointer = at_a_place(family, item)
    wrong = list(wrong_values(item, field))
    assert wrong, "no value is wrong for it"
    target: Any = document
    for step in pointer.split("/")[1:]:
        target = target[int(step)] if isinstance(target, list) else target[step]
    for value in wrong:
        target[field] = value
        problems = refused(partial(read, family), document)
        assert all(found.startswith(f"{pointer}/{field}") for found in problems), (value, problems)


@every_item
def test_an_unknown_option_is_refused_at_its_place(family: str, item: type[Item]) -> None:
    document, pointer = at_a_place(family, item)
    target: Any = document
    for step in pointer.split("/")[1:]:
        target = target[int(step)] if isinstance(target, list) else target[step]
    target["colour"] = "red"
    assert list(refused(partial(read, family), document)) == [f"{pointer}/colour"]


def test_every_catalogue_has_items_and_every_item_a_family() -> None:
    found = {item for _, item in ITEMS}
    roots = {root for _, root in FAMILIES.values()}
    assert found == {item for root in roots for item in catalog(root).values()}
    assert len(found) == len(ITEMS), "an item stands in one family"
    for family, group in itertools.groupby(ITEMS, key=lambda pair: pair[0]):
        kinds = [kind_of(item) for _, item in group]
        assert len(set(kinds)) == len(kinds), family
