"""Studies: computations of their own, which show how far they have come.

A study runs in a worker of its own, on a snapshot, and never holds up the training it belongs to. It
is a generator: each time it yields, what it has so far is sent, the newest replacing what was sent
before, and it may be told to go no further. So the time between two yields is the time that
cancelling takes: a second at most.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from pydantic import Field, ValidationError

from glassnet.engine.catalog import Choice, Document, Item, Panel
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.validation import problems_of
from glassnet.engine.probes import Arrays
from glassnet.engine.studies.history import NO_HISTORY, History

if TYPE_CHECKING:
    from glassnet.engine.experiment.experiment import Experiment
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.trainer import Trainer


class StudyFrame(NamedTuple):
    """What a study has to show so far."""

    #: How much of the work is done, from 0 to 1.
    done: float
    #: Everything found until now: the last sight of a study is its result.
    arrays: Arrays


class Study(Item, ABC):
    """A computation with options, on a network or on its own."""

    #: Where the page shows it, if it has a panel in `static/panels/KIND.js`.
    panel: ClassVar[Panel | None] = None

    @property
    def key(self) -> str:
        """The same for the same question; frames carry it."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()


class NetworkStudy(Study, ABC):
    """A study of a trainer's network as it stands in a snapshot."""

    #: Whether it leaves checkpoints in its history's `results`.
    leaves_checkpoints: ClassVar[bool] = False

    def check(self, plan: Plan) -> None:
        """Raise ValueError, saying what is possible instead, where the network cannot be studied so.

        Called in the web process, on shapes alone, before a worker is bothered.
        """
        return

    def check_experiment(self, experiment: Experiment) -> None:
        """Raise InvalidCommand, with pointers below /study, where the experiment cannot be changed so.

        For studies that train variants of it; called in the web process as well.
        """
        return

    @abstractmethod
    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        """Look, and yield what was found so far.

        The trainer is the study's own: it may train it, and need not put anything back. `history` is what
        its run has left by now. Raises ValueError where the study cannot apply.
        """


class FreeStudy(Study, ABC):
    """A study that needs no network: a surface, a filter, a formula."""

    @abstractmethod
    def compute(self) -> Iterator[StudyFrame]:
        """Work, and yield what was found so far. Raises ValueError where the options do not fit together."""


class _Asked(Document):
    study: Annotated[Study, Choice(Study)] = Field(description="The study's kind and options.")


def parse_study(study: Any) -> Study:
    """A study as somebody asks for it; InvalidCommand with pointers below /study."""
    value = {"study": study}
    try:
        return _Asked.model_validate(value).study
    except ValidationError as error:
        raise InvalidCommand(problems_of(error, value, _Asked)) from None
