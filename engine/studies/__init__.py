"""Studies: longer computations, separate from training, with progress.

A study runs in a separate worker, on a snapshot, and never delays the training it belongs to. It is a
generator: each yield is a frame with the result so far, which replaces the previous one, and a point at
which the study may be cancelled. So the time between two yields is the delay of cancelling: at most a second.
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
    """The result of a study so far."""

    #: The share of the work that is done, from 0 to 1.
    done: float
    #: All results so far; those of the last frame are final.
    arrays: Arrays


class Study(Item, ABC):
    """A computation with options, on a network or without one."""

    #: Where the page shows it, if it has a panel in `static/panels/KIND.js`.
    panel: ClassVar[Panel | None] = None

    @property
    def key(self) -> str:
        """The study's identity, equal for equal options; part of its frames."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()


class NetworkStudy(Study, ABC):
    """A study of a network in a snapshot."""

    #: Whether it leaves checkpoints in its history's `results`.
    leaves_checkpoints: ClassVar[bool] = False

    def check(self, plan: Plan) -> None:
        """Raise ValueError, with the alternatives, where the study does not apply to the network.

        Called in the web process, on shapes alone, before a worker is started.
        """
        return

    def check_experiment(self, experiment: Experiment) -> None:
        """Raise InvalidCommand, with pointers below /study, where the study does not apply to the experiment.

        For studies that train variants of it; called in the web process as well.
        """
        return

    @abstractmethod
    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        """Compute, and yield the results so far.

        The study owns the trainer: it may train it, and need not restore anything. `history` is the past of
        its run. Raises ValueError where the study does not apply.
        """


class FreeStudy(Study, ABC):
    """A study that needs no network: a surface, a filter, a formula."""

    @abstractmethod
    def compute(self) -> Iterator[StudyFrame]:
        """Compute, and yield the results so far. Raises ValueError where the options are inconsistent."""


class _Asked(Document):
    study: Annotated[Study, Choice(Study)] = Field(description="The study's kind and options.")


def parse_study(study: Any) -> Study:
    """The study of a document. Raises InvalidCommand with pointers below /study."""
    value = {"study": study}
    try:
        return _Asked.model_validate(value).study
    except ValidationError as error:
        raise InvalidCommand(problems_of(error, value, _Asked)) from None
