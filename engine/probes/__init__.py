"""Probes: what is looked at in a running network.

There are two kinds. *Pictures* are made when somebody watches, as often as they are watched, newest
wins. *Scalars* are rows that nobody may miss: they are journalled whether watched or not, at steps
that the experiment alone decides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from glassnet.engine.frame import Arrays
from glassnet.engine.items.probe import Probe

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed
    from glassnet.engine.training.trainer import Trainer

__all__ = ["Arrays", "Collector", "Picture", "Probe", "Scalars", "Unfinished"]


class Picture(Probe, ABC):
    """A probe whose newest frame is the one that matters."""

    #: Whether a run keeps some of its frames, for looking back.
    recorded: ClassVar[bool] = True

    def check(self, plan: Plan) -> None:
        """Raise ValueError, saying what is possible instead, where shapes alone tell that it cannot apply."""
        return

    @abstractmethod
    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        """Whatever can be done once; the result looks at the network as it is when it is called.

        It must leave parameters, buffers, modes and training generators untouched. Raises ValueError,
        saying what was expected, where the probe cannot apply to this experiment.
        """


class IncrementalLook(ABC):
    """A look that sees only a part at a time: it is made again at the same step while there is more."""

    @property
    @abstractmethod
    def done(self) -> float:
        """How much of the network as it is has been seen, from 0 to 1."""

    @property
    def more(self) -> bool:
        """Whether the next look shows more of the network as it is."""
        return self.done < 1

    @abstractmethod
    def __call__(self) -> Arrays: ...


class Scalars(Probe, ABC):
    """A probe whose every row counts."""

    #: At most one row a step; rows keep their order.
    series: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def due(self, trainer: Trainer) -> bool:
        """Whether the step just taken ends with a row; depends on the experiment and the step alone."""

    @abstractmethod
    def row(self, trainer: Trainer) -> dict[str, float]:
        """One number for each series."""


class Collector(ABC):
    """A look that remembers what it saw before: what it shows is of many moments."""

    @abstractmethod
    def __call__(self) -> Arrays:
        """Look, remember, and show everything remembered."""

    @abstractmethod
    def switch_trainer(self, trainer: Observed) -> bool:
        """Go on with another trainer of the same run; False where that is another thing to collect."""

    def kept(self) -> dict[str, Tensor]:
        """What a study may start from; it travels with the run's snapshots."""
        return {}

    def memory(self) -> dict[str, Tensor]:
        """Everything remembered, to be written down when the run is put away; nothing if not worth it."""
        return {}

    def remember(self, memory: dict[str, Tensor]) -> None:
        """Go on from what `memory` gave. Raises ValueError where that was of something else."""
        raise ValueError("this look remembers nothing")
