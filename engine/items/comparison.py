"""Comparison of a recorded series with a bound: true, false, or not to be said yet.

A series is [(step, number), …] in the order of steps. Exported scripts copy these functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

#: Other spellings of the comparisons.
SPELLINGS = {"<=": "≤", ">=": "≥"}


def spelled(op: Any) -> Any:
    """A comparison as it is stored."""
    return SPELLINGS.get(op, op) if isinstance(op, str) else op


#: How a number is compared with a bound.
Op = Annotated[Literal["<", "≤", ">", "≥"], BeforeValidator(spelled)]

#: When: at the end, at the best number, at a step, or at any step up to one. `step 500`, `within 500`.
AT = r"^(end|best|step [1-9][0-9]{0,15}|within [1-9][0-9]{0,15})$"

Series = list[tuple[float, float]]


def judged(
    series: list[tuple[float, float]],
    bounds: list[tuple[float, float]],
    op: str,
    at: str,
    *,
    falls: bool | None,
    step: float,
    ended: bool,
) -> tuple[bool | None, float]:
    """Whether a series satisfies a comparison, and the number it is judged by; None: not to be said yet.

    `bounds` is what it is compared with: of a series the newest number up to the same step. `falls` says
    whether less is better, for `best`; `step` is how far the run has come, and `ended` whether it goes no
    further. NaN satisfies nothing.
    """
    kind, _, count = at.partition(" ")
    if kind == "best":
        return _judged_best(series, bounds, op, falls=falls, ended=ended)
    last = float(count) if count else math.inf
    over = ended or step >= last
    if kind == "within":
        for place, number in series:
            if place <= last and holds(number, op, number_at(bounds, place)):
                return True, number
        return (False if over else None), number_at(series, last)
    number = number_at(series, last)
    return (holds(number, op, number_at(bounds, last)) if over else None), number


def _judged_best(
    series: list[tuple[float, float]],
    bounds: list[tuple[float, float]],
    op: str,
    *,
    falls: bool | None,
    ended: bool,
) -> tuple[bool | None, float]:
    """The same for the best number, which can only become better: some verdicts are known before the end."""
    number, bound = best_of(series, falls=bool(falls)), best_of(bounds, falls=bool(falls))
    held = holds(number, op, bound)
    if ended:
        return held, number
    final = (op in ("<", "≤")) == bool(falls)  # whether a better number holds where a worse one does
    known = len(bounds) == 1 and not math.isnan(number) and held == final
    return (held if known else None), number


def holds(number: float, op: str, bound: float) -> bool:
    """Whether a number compares with a bound as stated; NaN never does."""
    compare: dict[str, Callable[[float, float], bool]] = {
        "<": float.__lt__,
        "≤": float.__le__,
        ">": float.__gt__,
        "≥": float.__ge__,
    }
    return compare[op](float(number), float(bound))


def number_at(series: list[tuple[float, float]], step: float) -> float:
    """The newest number up to a step; NaN where there is none."""
    found = math.nan
    for place, number in series:
        if place > step:
            break
        found = number
    return found


def best_of(series: list[tuple[float, float]], *, falls: bool) -> float:
    """The least or the greatest number that is one; NaN where there is none."""
    numbers = [number for _, number in series if not math.isnan(number)]
    if not numbers:
        return math.nan
    return min(numbers) if falls else max(numbers)
