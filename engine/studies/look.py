"""Look: any probe computed on a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, option
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
    guide: ClassVar[Guide | None] = Guide(
        pros=("Any probe, of any checkpoint.",),
        cons=("What the probe cannot, it cannot.",),
        use="To compare steps of a run.",
        example=Example(
            "Choose an early checkpoint, and compare its filters with the last ones.",
            preset="digits-convolution",
        ),
    )
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
