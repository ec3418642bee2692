"""Stops: what ends a training before its epochs are over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import Field

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Problem
from glassnet.engine.items.monitored import MONITORED

#: When a stop is read: at rows of the evaluation, at those that end an epoch, or after each step.
Check = Literal["evaluation", "epoch", "step"]

#: The metrics that a run records, by whether more of one is better; None: neither is.
Metrics = Mapping[str, bool | None]


#: A metric that a stop reads; whether a run records it depends on its task, which the planner knows.
ReadMetric = Annotated[str, Field(max_length=100, examples=[*MONITORED, "batch_loss"])]


class Rule(Protocol):
    """A stop at work: called with each reading, it returns whether the training is over.

    Classes of rules are copied into exported scripts, so they use nothing but math.
    """

    #: What it has counted; kept in checkpoints.
    state: dict[str, float]

    def __call__(self, step: int, seconds: float, row: dict[str, float], /) -> bool:
        """Read the row of a step, after so many seconds of training; an empty row has no new number."""


class Stop(Item, ABC):
    """A reason to end a training before its epochs are over.

    The first that holds ends the run. Stops belong to a run: races, range tests and other studies train for
    as many steps as they say. What a stop has counted begins anew with the run, where its options change,
    and where training goes on after it has ended the run.
    """

    #: Whether the state of its best reading is loaded when it ends the run (`restore_best`).
    restores: ClassVar[bool] = False

    check: Check = option(
        "evaluation",
        "When it is read: at each row of the evaluation, at those that end an epoch, or after each step. "
        "Metrics of whole sets have new numbers where they are evaluated.",
    )

    @property
    def goes_back(self) -> bool:
        """Whether the run goes back to the state of its best reading."""
        return self.restores and bool(getattr(self, "restore_best", True))

    @property
    def key(self) -> str:
        """The stop's identity, by which what it has counted is known again."""
        return self.digest()

    def metrics(self) -> dict[str, str]:
        """The metrics that it reads, by the pointer within it."""
        return {}

    def problem(self, metrics: Metrics) -> tuple[str, str] | None:
        """None where it can be read of a run with these metrics; else the pointer, and the reason."""
        return None

    def warning(self, readings: int, steps: int) -> Problem | None:
        """Why it ends no training of so many steps and readings, with pointers within; None where it may."""
        return None

    @abstractmethod
    def call(self, metrics: Metrics) -> Call:
        """The call that builds its rule, for a run with these metrics."""

    @abstractmethod
    def told(self, state: Mapping[str, float], metrics: Metrics, readings: str) -> str:
        """Why it ended the run, from its rule's state; `readings` is the unit, such as "epochs"."""


def spoken(metric: str) -> str:
    """A metric as it is read: `validation_loss` → "validation loss"."""
    return metric.replace("_", " ")
