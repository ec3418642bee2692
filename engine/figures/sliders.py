"""The options of an item as controls, from its JSON Schema: numbers with the range of a slider, choices."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from glassnet.engine.catalog import Item

Schema = dict[str, Any]

#: Steps from one end of a slider to the other.
STEPS = 100

#: A slider goes to so many times the default, or from so small a part of it, where the bounds are wider.
REACH = 5
LOG_REACH = 100


class Slider(NamedTuple):
    """A control of an option."""

    name: str
    help: str
    form: Literal["number", "toggle", "choice"]
    value: Any
    low: float = 0
    high: float = 1
    step: float = 0.01
    #: Whether it moves over the exponents of ten.
    log: bool = False
    choices: tuple[str, ...] = ()

    @property
    def initial(self) -> str:
        """The default as a browser writes it."""
        return f"{self.value:g}"

    @property
    def ends(self) -> tuple[float, float, float]:
        """Where the slider begins, ends and stands at first."""
        places = (self.low, self.high, self.value)
        low, high, value = map(math.log10, places) if self.log else places
        return low, high, value


def sliders(item: type[Item]) -> list[Slider]:
    """A control for each option that is a number, a yes or no, or one of a few words."""
    schema = item.model_json_schema()
    if "$ref" in schema:
        schema = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    made = (_slider(name, each) for name, each in schema["properties"].items() if name != "kind")
    return [slider for slider in made if slider is not None]


def _slider(name: str, schema: Schema) -> Slider | None:
    default, words = schema.get("default"), schema.get("description", "")
    schema = _branch(schema, default)
    match schema:
        case {"enum": [*choices]} if default is not None:
            return Slider(name, words, "choice", default, choices=tuple(map(str, choices)))
        case {"type": "boolean"} if default is not None:
            return Slider(name, words, "toggle", default)
        case {"type": "integer" | "number"} if default is not None:
            return _number(name, words, default, schema)
    return None


def _branch(schema: Schema, default: Any) -> Schema:
    """The branch of a union that the default is of: a number where there may be a list as well, or a word."""
    wanted = {int: "integer", float: "number", str: "string"}.get(type(default))
    branches = [each for each in schema.get("anyOf", ()) if each.get("type") == wanted]
    return {**schema, **branches[0]} if branches else schema


def _number(name: str, words: str, default: float, schema: Schema) -> Slider:
    whole = schema["type"] == "integer"
    low, high = _bounds(schema)
    if low >= 0 and default > 0 and high > LOG_REACH * default and not whole:
        low, high = max(low, default / LOG_REACH), min(high, default * LOG_REACH)
        return Slider(name, words, "number", default, low, high, log=True)
    reach = REACH * max(abs(default), 1.0)
    low, high = max(low, -reach), min(high, reach)
    step = 1 if whole else _step(low, high, default)
    return Slider(
        name,
        words,
        "number",
        default,
        low + step if schema.get("exclusiveMinimum") == low else low,
        high - step if schema.get("exclusiveMaximum") == high else high,
        step,
    )


def _step(*places: float) -> float:
    """About a hundredth of the way from least to greatest, or finer: the slider can stand at each of them."""
    coarse = math.floor(math.log10((max(places) - min(places)) / STEPS))
    fine = min(int(Decimal(repr(place)).normalize().as_tuple().exponent) for place in places if place)
    return float(f"1e{min(coarse, fine)}")


def _bounds(schema: Schema) -> tuple[float, float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return -math.inf if low is None else low, math.inf if high is None else high
