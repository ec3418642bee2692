"""Runs of a list: those that match, in an order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Literal

from glassnet.app.runs.record import RunRecord
from glassnet.app.runs.run import Run
from glassnet.app.runs.states import STATES, State

Order = Literal["created", "number", "title", "data", "state", "step", "loss"]

_STATES = list(STATES)

#: What runs are ordered by; a run without it comes last, whichever way.
_KEYS: dict[Order, Callable[[RunRecord], Any]] = {
    "created": lambda record: record.created,
    "number": lambda record: record.number,
    "title": lambda record: record.title.casefold(),
    "data": lambda record: record.data.casefold() or None,
    "state": lambda record: _STATES.index(record.state),
    "step": lambda record: record.step,
    "loss": lambda record: record.loss,
}


def matching(runs: Iterable[Run], text: str = "", states: Collection[State] = ()) -> list[Run]:
    """The runs in one of the states (none: in any) of which number, title, data or network has every word."""
    words = text.casefold().split()
    return [
        run
        for run in runs
        if (not states or run.state in states) and all(word in _text(run.record) for word in words)
    ]


def _text(record: RunRecord) -> str:
    return f"#{record.number} {record.title} {record.data} {record.network} {record.id}".casefold()


def ordered(runs: Iterable[Run], by: Order, *, descending: bool) -> list[Run]:
    """The runs in an order; those that are alike in it, the newest first."""
    key = _KEYS[by]
    newest = sorted(runs, key=lambda run: run.record.created, reverse=True)
    known = [run for run in newest if key(run.record) is not None]
    rest = [run for run in newest if key(run.record) is None]
    return sorted(known, key=lambda run: key(run.record), reverse=descending) + rest
