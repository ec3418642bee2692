"""Probes: views of a running network, which return named arrays.

There are two kinds. *Pictures* are computed only while they are watched, at the rate requested, and only the
newest is sent. *Scalars* are rows that are never dropped: they are journalled whether watched or not, at
steps that depend on the experiment alone. `engine/run/picture_frames.py` makes frames of the former,
`engine/run/recorder.py` of the latter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from glassnet.engine.catalog import option
from glassnet.engine.frame import Arrays
from glassnet.engine.items.probe import MOST_REPLICAS, Probe, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed
    from glassnet.engine.training.trainer import Trainer

__all__ = ["Arrays", "Collector", "Picture", "Probe", "Scalars", "frame_rate"]


class Picture(Probe, ABC):
    """A probe of which only the newest frame is sent."""

    #: Whether a run records some of its frames.
    recorded: ClassVar[bool] = True

    replica: int = option(0, "Of several replicas, the one that is shown.", ge=0, lt=MOST_REPLICAS)

    @property
    def key(self) -> str:
        # Of the first replica it is what it was before there were others, for frames that are recorded.
        return self.digest("hz", "replica") if self.replica == 0 else self.digest("hz")

    def check(self, plan: Plan) -> None:
        """Raise ValueError, with the alternatives, where shapes alone rule the probe out."""
        return

    @abstractmethod
    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        """Prepare the probe; returns a function that computes the arrays of the network's current state.

        The function must not change parameters, buffers, modes and training generators. Raises ValueError,
        with what was expected, where the probe does not apply to this experiment.
        """


class IncrementalLook(ABC):
    """The function of a probe that computes a part at a time: it is called again while there is more."""

    @property
    @abstractmethod
    def done(self) -> float:
        """The share of the current network that has been computed, from 0 to 1."""

    @property
    def more(self) -> bool:
        """Whether another call adds more of the current network."""
        return self.done < 1

    @abstractmethod
    def __call__(self) -> Arrays: ...


class Scalars(Probe, ABC):
    """A probe of rows, at most one a step, none of which is dropped."""

    @abstractmethod
    def due(self, trainer: Trainer) -> bool:
        """Whether the last step has a row; depends on the experiment and the step alone."""

    @abstractmethod
    def row(self, trainer: Trainer) -> dict[str, float]:
        """The row: one number for each series."""


class Collector(ABC):
    """The function of a probe with memory: its arrays cover many steps."""

    @abstractmethod
    def __call__(self) -> Arrays:
        """Add the current step, and return the arrays of all recorded steps."""

    def collect(self) -> None:
        """Add the current step, where no viewer sees the arrays."""
        self()

    @abstractmethod
    def switch_trainer(self, trainer: Observed) -> bool:
        """Continue with another trainer of the same run; returns False where it must start anew."""

    def kept(self) -> dict[str, Tensor]:
        """The arrays for studies, which are part of the run's snapshots."""
        return {}

    def memory(self) -> dict[str, Tensor]:
        """The memory to save when the run is parked; empty if it need not be saved."""
        return {}

    def remember(self, memory: dict[str, Tensor]) -> None:
        """Restore a saved memory. Raises ValueError where it does not match."""
        raise ValueError("this look remembers nothing")
