"""The problems of a document that pydantic refused: readable messages at pointers that resolve.

A message is the value and what was expected: "-5; expected a whole number from 10 to 100,000". The
expectation is derived from the JSON Schema of the model, from which the page also makes its forms: a field
is described once, and a field of several types gives one problem that names them all.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from glassnet.engine.catalog import Edition
from glassnet.engine.errors import Problem, Remedy

#: The most problems reported at once: a document that is wrong everywhere needs no thousand lines.
MAX_PROBLEMS = 20

#: The most kinds that a message lists; the reference has all.
MOST_KINDS = 24

#: The kinds of error that pydantic itself raises; the messages of all others are ours.
_OF_PYDANTIC = frozenset(get_args(ErrorType)) - {"value_error"}

Schema = dict[str, Any]

#: The path of a value: keys of objects and indices of lists.
Keys = list[str | int]


def problems_of(error: ValidationError, document: Any, model: type[BaseModel]) -> list[Problem]:
    """The problems of a document that `model` refused, each once."""
    errors = error.errors(include_url=False, include_context=True)
    # Twice as many, because each branch of a union reports its own errors.
    problems = dict.fromkeys(_problem(details, document, model) for details in errors[: 2 * MAX_PROBLEMS])
    return list(problems)[:MAX_PROBLEMS]


def _problem(details: ErrorDetails, document: Any, model: type[BaseModel]) -> Problem:
    keys, missing = _place(details["loc"], document)
    at, context, value = pointer(keys), details.get("ctx", {}), shortened(details["input"])
    match details["type"]:
        case "missing":
            return Problem(at, f"'{missing}' is missing; expected it here")
        case "extra_forbidden":
            return Problem(at, f"unknown field {shortened(keys[-1])}; expected none of this name")
        case "invalid_key":
            return Problem(at, f"key {value}; expected text")
        case "union_tag_not_found":
            return Problem(at, "'kind' is missing; expected an object with a kind")
        case "union_tag_invalid":
            return Problem(f"{at}/kind", _unknown_kind(str(context["tag"]), str(context["expected_tags"])))
        case "finite_number":
            return Problem(at, f"{value}; expected a finite number")
        case kind if kind in _OF_PYDANTIC:
            expected = _said(list(_alternatives(_schema_at(model, keys, document), model)))
            return Problem(at, f"{value}; expected {expected}")
        case _:
            said = str(context["error"]) if "error" in context else details["msg"]
            whole = f"{value}; {said}" if said.startswith("expected") else said
            remedy = context.get("remedy")
            mended = remedy.within(at) if isinstance(remedy, Remedy) else None
            return Problem(at + str(context.get("pointer", "")), whole, mended)


def _place(location: tuple[int | str, ...], document: Any) -> tuple[Keys, str | None]:
    """The path of pydantic's location, and its first part that is not in the document.

    A location also names the kind of each union it passed through, and the branch of a plain union;
    those are not keys of the document and are left out.
    """
    keys: Keys = []
    value: Any = document
    tagged = False
    for index, part in enumerate(location):
        if isinstance(value, dict) and not tagged and value.get("kind") == part:
            tagged = True
        elif _holds(value, part):
            keys.append(part)
            value, tagged = value[part], False
        elif isinstance(value, dict) and index == len(location) - 1:
            return keys, str(part)
    return keys, None


def _holds(value: Any, part: int | str) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def pointer(keys: Keys) -> str:
    """The JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def shortened(value: Any) -> str:
    """A value as short text for a message."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value):,}"
    if isinstance(value, int) and value.bit_length() > 128:
        # Python refuses to print integers of several thousand digits.
        return f"a whole number of {value.bit_length():,} bits"
    if isinstance(value, str):
        return repr(value[:37] + "…" if len(value) > 40 else value)
    return json.dumps(value, default=str)[:40]


def _unknown_kind(tag: str, expected: str) -> str:
    kinds = [kind.strip(" '") for kind in expected.split(",")]
    close = difflib.get_close_matches(tag[:40], kinds, n=1)
    meant = f" (did you mean '{close[0]}'?)" if close else ""
    more = f" and {len(kinds) - MOST_KINDS} more" if len(kinds) > MOST_KINDS else ""
    return f"unknown kind {shortened(tag)}{meant}; expected one of {', '.join(kinds[:MOST_KINDS])}{more}"


# What was expected -----------------------------------------------------------------------------------


def _schema_of(model: type[BaseModel]) -> Schema:
    return _schema_in(Edition.number, model)


@cache
def _schema_in(edition: int, model: type[BaseModel]) -> Schema:
    """A model's schema as of an edition of the catalogue."""
    return model.model_json_schema()


def _schema_at(model: type[BaseModel], keys: Keys, document: Any) -> Schema:
    """The schema of the value at a path; {} where the model leaves it open."""
    schema, value = _schema_of(model), document
    for key in keys:
        schema, value = _inside(schema, key, value, model), value[key]
    return schema


def _inside(schema: Schema, key: str | int, value: Any, model: type[BaseModel]) -> Schema:
    """The schema of one entry of a value that has the schema `schema`."""
    schema = _resolved(schema, model)
    if "anyOf" in schema:
        found = (_inside(branch, key, value, model) for branch in schema["anyOf"])
        return next(filter(None, found), {})
    if "discriminator" in schema:
        kind = schema["discriminator"]["mapping"].get(str(value.get("kind")))
        return _inside({"$ref": kind}, key, value, model) if kind else {}
    entry: Schema = (
        schema.get("items", {}) if isinstance(key, int) else schema.get("properties", {}).get(key, {})
    )
    return entry


def _resolved(schema: Schema, model: type[BaseModel]) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = _schema_of(model)["$defs"][schema["$ref"].rpartition("/")[2]]
    return found


def _alternatives(schema: Schema, model: type[BaseModel]) -> Iterator[str]:
    """Descriptions of every value that the schema allows. Null is left out: it is the same as no value."""
    schema = _resolved(schema, model)
    match schema:
        case {"expected": words}:
            yield str(words)
        case {"anyOf": branches}:
            for branch in branches:
                yield from _alternatives(branch, model)
        case {"discriminator": _}:
            yield "an object with a kind"
        case {"const": only}:
            yield shortened(only)
        case {"enum": values}:
            yield from map(shortened, values)
        case {"type": "integer"}:
            yield f"a whole number{_bounds(schema)}"
        case {"type": "number"}:
            yield f"a number{_bounds(schema)}"
        case {"type": "boolean"}:
            yield "true or false"
        case {"type": "string", "pattern": pattern}:
            yield f"text that matches {pattern}"
        case {"type": "string"}:
            yield f"text{_size(schema, 'Length', ' characters')}"
        case {"type": "array"}:
            yield f"a list{_size(schema, 'Items', '')}"
        case {"type": "object"}:
            yield "an object"


def _said(alternatives: list[str]) -> str:
    *most, last = alternatives or ["something else"]
    return f"{', '.join(most)} or {last}" if most else last


def _bounds(schema: Schema) -> str:
    """`from 1 to 5`, `above 0 and at most 1`, …"""
    match schema:
        case {"minimum": low, "maximum": high}:
            return f" from {_number(low)} to {_number(high)}"
    words = {"minimum": "of at least", "exclusiveMinimum": "above"}
    words |= {
        "maximum": "at most" if "exclusiveMinimum" in schema else "of at most",
        "exclusiveMaximum": "below",
    }
    found = [f"{word} {_number(schema[name])}" for name, word in words.items() if name in schema]
    return f" {' and '.join(found)}" if found else ""


def _size(schema: Schema, what: str, unit: str) -> str:
    low, high = schema.get(f"min{what}", 0), schema.get(f"max{what}")
    if high is None:
        return f" of at least {_number(low)}{unit}" if low else ""
    return f" of {_number(low)} to {_number(high)}{unit}" if low else f" of at most {_number(high)}{unit}"


def _number(number: float) -> str:
    """A bound as text; large powers of ten as 10¹²."""
    if number < 10_000 or number % 1:
        return f"{number:g}"
    digits = f"{int(number):,}"
    if digits.startswith("1,000,000") and not digits.strip("1,0"):
        return "10" + str(digits.count("0")).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return digits


def first_problem(error: ValidationError) -> str:
    """The first problem of an error as one line, for models without a JSON Schema of their own."""
    details = error.errors(include_url=False)[0]
    place, said = ".".join(str(part) for part in details["loc"]), details["msg"]
    if details["type"] == "missing":
        return f"'{place}' is missing"
    for start in ("Value error, ", "Input ", "should be "):
        said = said.removeprefix(start)
    return f"'{place}' is {shortened(details['input'])}; expected {said[0].lower()}{said[1:]}"
