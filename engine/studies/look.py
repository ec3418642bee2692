"""A look: any picture of the live network, taken of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from glassnet.engine.catalog import Choice, option
from glassnet.engine.probes import IncrementalLook, Picture, Probe
from glassnet.engine.probes.weights import Weights
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed


class Look(NetworkStudy):
    """Look: what a probe shows, of a snapshot or a checkpoint.

    A probe that sees a part at a time looks until it has seen all. Arrays: the probe's.
    """

    kind: Literal["look"] = "look"
    probe: Annotated[Probe, Choice(Probe)] = option(Weights(), "What is looked at.")

    def check(self, plan: Plan) -> None:
        self._picture().check(plan)

    def compute(self, trainer: Observed, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        look = self._picture().prepare(trainer)
        more = True
        while more:
            arrays = look()
            more = isinstance(look, IncrementalLook) and look.more
            yield StudyFrame(look.done if isinstance(look, IncrementalLook) else 1.0, arrays)

    def _picture(self) -> Picture:
        """The probe. Raises ValueError where there is nothing to be seen of it at one step."""
        if not isinstance(self.probe, Picture):
            raise ValueError(f"probe: '{self.probe.kind}' is rows of numbers; expected one that is a picture")
        return self.probe
