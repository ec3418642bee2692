"""The options of an item as rows to read: name, type, bounds, default and help, from its JSON Schema."""

from __future__ import annotations

import json
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
}


class Option(NamedTuple):
    """An option of an item, in words."""

    name: str
    type: str
    bounds: str
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
    return Option(
        name=name,
        type=" or ".join(dict.fromkeys(_types(schema, definitions))),
        bounds="; ".join(dict.fromkeys(filter(None, map(_bounds, _branches(schema, definitions))))),
        default=_default(schema),
        unit=schema.get("unit", ""),
        live=schema.get("live", False),
        help=schema.get("description", ""),
    )


def _branches(schema: Schema, definitions: Schema) -> list[Schema]:
    """What a value may be: the schema itself, or the branches of its union, references followed."""
    if "$ref" in schema:
        return [definitions[schema["$ref"].rpartition("/")[2]]]
    if "anyOf" in schema:
        return [each for branch in schema["anyOf"] for each in _branches(branch, definitions)]
    return [schema]


def _types(schema: Schema, definitions: Schema) -> list[str]:
    return [_type(branch, definitions) for branch in _branches(schema, definitions)]


def _type(schema: Schema, definitions: Schema) -> str:
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "discriminator" in schema:
        return "one of " + ", ".join(schema["discriminator"]["mapping"])
    if schema.get("type") == "array":
        inner = _types(schema.get("items", {}), definitions)
        return f"list of: {' or '.join(dict.fromkeys(inner))}"
    if schema.get("type") == "null":
        return "null"
    return TYPES.get(schema.get("type", ""), "any value")


def _bounds(schema: Schema) -> str:
    """The bounds of a number, or the greatest length of a text or list; empty where there are none."""
    if schema.get("type") == "array":
        return _lengths(schema, "Items")
    if schema.get("type") == "string":
        return _lengths(schema, "Length")
    ends = [
        *_bound("from", schema.get("minimum")),
        *_bound("above", schema.get("exclusiveMinimum")),
        *_bound("to", schema.get("maximum")),
        *_bound("to below", schema.get("exclusiveMaximum")),
    ]
    return " ".join(ends)


def _lengths(schema: Schema, what: str) -> str:
    ends = [*_bound("from", schema.get(f"min{what}")), *_bound("to", schema.get(f"max{what}"))]
    return " ".join([*ends, "items" if what == "Items" else "characters"]) if ends else ""


def _bound(word: str, value: float | None) -> list[str]:
    return [] if value is None else [f"{word} {value:,}" if abs(value) >= 1000 else f"{word} {value:g}"]


def _default(schema: Schema) -> str:
    """The default as it is written in JSON; of an item, its kind. Empty where a value must be given."""
    if "default" not in schema:
        return ""
    match schema["default"]:
        case {"kind": str(kind)}:
            return kind
        case value:
            return json.dumps(value, ensure_ascii=False)
