"""The options of an architecture as fields of a form, from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from glassnet.engine.files.picture_sides import LEAST, MOST
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.node import Node

Schema = dict[str, Any]


class VariantField(NamedTuple):
    """A field by which a variant is chosen, and the value that it has as published."""

    name: str
    form: Literal["toggle", "choice", "number"]
    default: str
    help: str
    choices: Sequence[str] = ()
    least: float | None = None
    most: float | None = None
    whole: bool = True


def variant_fields(item: type[Architecture]) -> list[VariantField]:
    """The fields of an architecture's own options, then those of its pictures."""
    schema = item.model_json_schema()
    if "$ref" in schema:
        schema = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    own = {name: each for name, each in schema["properties"].items() if name not in Node.model_fields}
    # The width and the classes, which all have, come last.
    names = sorted(own, key=lambda name: name in ("width", "classes"))
    fields = [field for name in names for field in _fields(name, own[name])]
    fields = [
        field._replace(default=str(item.published_classes)) if field.name == "classes" else field
        for field in fields
    ]
    channels, size, _ = item.published_input or (3, 224, 224)
    return [
        *fields,
        VariantField("size", "number", str(size), "The side of the pictures.", least=LEAST, most=MOST),
        VariantField("channels", "choice", str(channels), "Grey, or red, green and blue.", ["1", "3"]),
    ]


def _fields(name: str, schema: Schema) -> Iterator[VariantField]:
    """The field of an option; none of one that is an item, which has options itself."""
    words, default = schema.get("description", ""), schema.get("default")
    kinds = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    (first, *further) = kinds
    written = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    if further or "$ref" in first or "discriminator" in first or "oneOf" in first:
        return
    if "enum" in first:
        yield VariantField(name, "choice", written, words, [str(each) for each in first["enum"]])
    elif first.get("type") == "boolean":
        yield VariantField(name, "toggle", written, words)
    elif first.get("type") in ("integer", "number"):
        ends = first.get("minimum"), first.get("maximum")
        yield VariantField(name, "number", written, words, (), *ends, first["type"] == "integer")
