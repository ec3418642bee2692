"""The options of an item as rows to read: name, type, bounds, default and help, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import reduce
from typing import Any, NamedTuple

from pydantic import BaseModel

Schema = dict[str, Any]

#: What JSON calls a value, in words.
TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "string": "text",
    "object": "group of options",
    "null": "null",
}
ANY = "any value"

OR, ONE_OF, LIST = "{one} or {other}", "one of {kinds}", "list of: {types}"
FROM, ABOVE, TO, BELOW = "from {number}", "above {number}", "to {number}", "to below {number}"
ITEMS, CHARACTERS = "{bounds} items", "{bounds} characters"

#: What phrases are made of, for those who translate them.
WORDS = (*TYPES.values(), ANY, OR, ONE_OF, LIST, FROM, ABOVE, TO, BELOW, ITEMS, CHARACTERS)


class Phrase(NamedTuple):
    """Words with places in braces, and for each place a phrase, or a value as an experiment has it."""

    words: str
    places: tuple[tuple[str, Phrase | str], ...] = ()

    def __str__(self) -> str:
        return self.words.format(**{name: str(value) for name, value in self.places})


class Option(NamedTuple):
    """An option of an item, in words."""

    name: str
    type: Phrase
    bounds: Phrase | None
    default: str
    unit: str
    live: bool
    help: str


def option_table(item: type[BaseModel]) -> list[Option]:
    """A row for each option of an item, its kind apart, in the order of the class."""
    schema = item.model_json_schema()
    definitions = schema.get("$defs", {})
    (schema,) = _branches(schema, definitions)  # of a block, which may hold blocks, a reference
    return [_row(name, each, definitions) for name, each in schema["properties"].items() if name != "kind"]


def _row(name: str, schema: Schema, definitions: Schema) -> Option:
    bounds = [found for each in _branches(schema, definitions) if (found := _bounds(each))]
    return Option(
        name=name,
        type=_any_of(_types(schema, definitions)),
        bounds=_joined("{one}; {other}", bounds) if bounds else None,
        default=_default(schema),
        unit=schema.get("unit", ""),
        live=schema.get("live", False),
        help=schema.get("description", ""),
    )


def _joined(words: str, phrases: Iterable[Phrase]) -> Phrase:
    """Phrases one after the other, each once."""
    return reduce(lambda one, other: Phrase(words, (("one", one), ("other", other))), dict.fromkeys(phrases))


def _any_of(phrases: Iterable[Phrase]) -> Phrase:
    return _joined(OR, phrases)


def _branches(schema: Schema, definitions: Schema) -> list[Schema]:
    """What a value may be: the schema itself, or the branches of its union, references followed."""
    if "$ref" in schema:
        return [definitions[schema["$ref"].rpartition("/")[2]]]
    if "anyOf" in schema:
        return [each for branch in schema["anyOf"] for each in _branches(branch, definitions)]
    return [schema]


def _types(schema: Schema, definitions: Schema) -> list[Phrase]:
    return [_type(branch, definitions) for branch in _branches(schema, definitions)]


def _type(schema: Schema, definitions: Schema) -> Phrase:
    if "const" in schema:
        return Phrase("{value}", (("value", str(schema["const"])),))
    if "enum" in schema:
        return Phrase("{values}", (("values", ", ".join(map(str, schema["enum"]))),))
    if "discriminator" in schema:
        return Phrase(ONE_OF, (("kinds", ", ".join(schema["discriminator"]["mapping"])),))
    if schema.get("type") == "array":
        return Phrase(LIST, (("types", _any_of(_types(schema.get("items", {}), definitions))),))
    return Phrase(TYPES.get(schema.get("type", ""), ANY))


def _bounds(schema: Schema) -> Phrase | None:
    """The bounds of a number, or the greatest length of a text or list; None where there are none."""
    if schema.get("type") == "array":
        return _lengths(schema, "Items", ITEMS)
    if schema.get("type") == "string":
        return _lengths(schema, "Length", CHARACTERS)
    return _ends(
        _bound(FROM, schema.get("minimum")),
        _bound(ABOVE, schema.get("exclusiveMinimum")),
        _bound(TO, schema.get("maximum")),
        _bound(BELOW, schema.get("exclusiveMaximum")),
    )


def _ends(*ends: Phrase | None) -> Phrase | None:
    found = [end for end in ends if end]
    return _joined("{one} {other}", found) if found else None


def _lengths(schema: Schema, what: str, words: str) -> Phrase | None:
    ends = _ends(_bound(FROM, schema.get(f"min{what}")), _bound(TO, schema.get(f"max{what}")))
    return Phrase(words, (("bounds", ends),)) if ends else None


def _bound(words: str, value: float | None) -> Phrase | None:
    if value is None:
        return None
    number = f"{value:,}" if abs(value) >= 1000 else f"{value:g}"
    return Phrase(words, (("number", Phrase(number)),))


def _default(schema: Schema) -> str:
    """The default as it is written in JSON; of an item, its kind. Empty where a value must be given."""
    if "default" not in schema:
        return ""
    match schema["default"]:
        case {"kind": str(kind)}:
            return kind
        case value:
            return json.dumps(value, ensure_ascii=False)
