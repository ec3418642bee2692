"""Look: any probe computed on a snapshot."""

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
    """Look: the arrays of a probe, computed on a snapshot or a checkpoint.

    An incremental probe is repeated until it is complete. Arrays: the probe's.
    """

    kind: Literal["look"] = "look"
    probe: Annotated[Probe, Choice(Probe)] = option(Weights(), "The probe.")

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
        """The probe. Raises ValueError for a probe of rows, which has no frames."""
        if not isinstance(self.probe, Picture):
            raise ValueError(f"probe: '{self.probe.kind}' is rows of numbers; expected one that is a picture")
        return self.probe
