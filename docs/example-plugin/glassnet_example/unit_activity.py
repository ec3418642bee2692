"""Which units are at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Panel, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.probes import Arrays, Picture

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed


class UnitActivity(Picture):
    """Unit activity: the share of training samples for which each unit of an activation is positive.

    A rectifier that is positive for none learns nothing any more. Arrays: for each activation `NODE` float32
    (units,), from 0 to 1.
    """

    kind: Literal["unit_activity"] = "unit_activity"
    panel = Panel("Unit activity", "results")
    guide: ClassVar[Guide | None] = Guide(
        pros=("Counts what is at work, and what is dead.",),
        cons=("Of some samples only.",),
        use="With rectifiers and large rates.",
        example=Example(
            "Units at 0 are dead, those at 1 are linear.",
            preset="digits",
        ),
    )
    samples: int = option(200, "Training samples that are shown to the network, at most.", ge=1, le=10_000)

    def check(self, plan: Plan) -> None:
        if not any(isinstance(placed.item, Activation) for placed in plan.nodes):
            raise ValueError("the network has no activation; expected one, as tanh or relu")

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        self.check(trainer.plan)
        names = [placed.name for placed in trainer.plan.nodes if isinstance(placed.item, Activation)]
        inputs = trainer.data.train.inputs[: self.samples]

        def look() -> Arrays:
            outputs = trainer.evaluation_network(inputs)
            return {name: (outputs[name] > 0).float().mean(dim=0).flatten() for name in names}

        return look
