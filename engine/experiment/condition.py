"""Condition: a statement about what a run records, and the function that judges it.

    {"metric": "validation_loss", "op": "<", "value": 0.2, "at": "within 900"}
    {"metric": "test_loss", "of": "a", "op": ">", "than": {"metric": "test_loss", "of": "b", "times": 2}}

Stops end a training by one; lessons, tasks and searches state what is to be seen, reached or found.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Protocol, Self

from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Choice, Document, option
from glassnet.engine.errors import InvalidDocument, Problem
from glassnet.engine.experiment.validation import problems_of
from glassnet.engine.items.comparison import AT, Op, Series, judged
from glassnet.engine.items.probe import Probe

#: What may be looked at, of which a statement names one.
SUBJECTS = ("metric", "probe", "parameters")


class Subject(Document):
    """The number a statement is about: of rows, of a probe's arrays, or of parameters."""

    metric: str | None = option(None, "A metric of the rows, such as validation_loss.", max_length=100)
    probe: Annotated[Probe, Choice(Probe)] | None = option(None, "A probe, with its options.")
    array: str | None = option(None, "The name of one of its arrays.", max_length=100)
    index: list[int] = option([], "The place of the number in the array, from 0.", max_length=8)
    parameters: Literal[True] | None = option(None, "The number of parameters of the network.")
    of: str | None = option(None, "The label of the run, where there are several.", max_length=40)

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        named = [name for name in SUBJECTS if getattr(self, name) is not None]
        if len(named) != 1:
            found = " and ".join(named) or "none"
            raise PydanticCustomError(
                "subjects", "expected one of metric, probe and parameters, not {found}", {"found": found}
            )
        if (self.probe is None) != (self.array is None) or (self.index and self.array is None):
            raise PydanticCustomError("subject_array", "expected a probe and one of its arrays together")
        return self


class Other(Subject):
    """The number that another is compared with, times a factor."""

    times: float = option(1.0, "The factor.", ge=-1e12, le=1e12)


class Condition(Subject):
    """A statement about what a run records: true, false, or not to be said yet."""

    op: Op = option(..., "How the number is compared.")
    value: float | None = option(None, "The number that it is compared with.")
    than: Other | None = option(None, "What else it is compared with.")
    at: str = option(
        "end",
        "When: at the end, at its best, at a step (step 500), or at any step up to one (within 500).",
        pattern=AT,
    )

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if (self.value is None) == (self.than is None):
            raise PydanticCustomError("bound", "expected either 'value' or 'than'")
        return self

    @classmethod
    def parse(cls, value: Any) -> Self:
        """The condition in JSON values. Raises InvalidDocument with a pointer for each problem."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise InvalidDocument(problems_of(error, value, cls)) from None


class Recorded(Protocol):
    """What a condition may look at of a run."""

    @property
    def step(self) -> int:
        """How far it has come."""

    @property
    def ended(self) -> bool:
        """Whether it goes no further."""

    @property
    def parameters(self) -> int:
        """The number of parameters of its network."""

    @property
    def metrics(self) -> Mapping[str, bool | None]:
        """What its rows record, by whether more of it is better; None: neither is."""

    def series(self, metric: str) -> Series:
        """The numbers of a metric, by step."""

    def numbers(self, probe: Probe, array: str, index: tuple[int, ...]) -> Series:
        """The numbers at a place of a probe's array, by step. Raises ValueError where there is no such."""


class Verdict(NamedTuple):
    """What is known of a condition, and the number that it is judged by: NaN where there is none."""

    #: None: it cannot be said yet.
    held: bool | None
    number: float


def evaluate(
    condition: Condition, recorded: Recorded, others: Mapping[str, Recorded] | None = None
) -> Verdict:
    """Whether a condition holds of a run, or of the run of `others` that it names.

    Raises InvalidDocument, with pointers into the condition, where it is about what is not there.
    """
    runs = others or {}
    run = _run_of(condition, "", recorded, runs)
    series, falls = _read(condition, "", run)
    if condition.at == "best" and falls is None:
        raise _unknown("/at", "it has no best number, as neither more nor less of it is better")
    other = condition.than
    if other is None:
        assert condition.value is not None
        bounds: Series = [(-math.inf, condition.value)]
        step, ended = run.step, run.ended
    else:
        second = _run_of(other, "/than", recorded, runs)
        bounds = [(step, number * other.times) for step, number in _read(other, "/than", second)[0]]
        # The one that lags behind decides how much can be said.
        step, ended = min(run.step, second.step), run.ended and second.ended
    known = condition.parameters is not None and (other is None or other.parameters is not None)
    at = "end" if known else condition.at
    return Verdict(*judged(series, bounds, condition.op, at, falls=falls, step=step, ended=ended or known))


def _run_of(subject: Subject, pointer: str, recorded: Recorded, others: Mapping[str, Recorded]) -> Recorded:
    if subject.of is None:
        return recorded
    if subject.of not in others:
        raise _unknown(f"{pointer}/of", f"no run '{subject.of}'; expected one of {_listed(others)}")
    return others[subject.of]


def _read(subject: Subject, pointer: str, run: Recorded) -> tuple[Series, bool | None]:
    """The series of a subject, and whether less of it is better; None: neither is."""
    if subject.parameters is not None:
        return [(-math.inf, float(run.parameters))], None
    if subject.probe is not None:
        assert subject.array is not None
        try:
            return run.numbers(subject.probe, subject.array, tuple(subject.index)), None
        except ValueError as error:
            raise _unknown(f"{pointer}/array", str(error)) from None
    metric, known = str(subject.metric), run.metrics
    if metric not in known:
        close = difflib.get_close_matches(metric[:40], known, n=1)
        meant = f" (did you mean '{close[0]}'?)" if close else ""
        raise _unknown(
            f"{pointer}/metric", f"unknown metric '{metric}'{meant}; expected one of {_listed(known)}"
        )
    rises = known[metric]
    return run.series(metric), None if rises is None else not rises


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none, as there is none"


def _unknown(pointer: str, message: str) -> InvalidDocument:
    return InvalidDocument([Problem(pointer, message)])
