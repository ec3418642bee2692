"""Progress: the batch loss and learning rates as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.probes import Scalars

if TYPE_CHECKING:
    from glassnet.engine.training.trainer import Trainer

#: The most steps between two rows, and the number of rows in an epoch where epochs are short.
MOST_STEPS = 20
ROWS_PER_EPOCH = 5


def rows_every(steps_per_epoch: int) -> int:
    """Steps from one row to the next."""
    return max(1, min(MOST_STEPS, steps_per_epoch // ROWS_PER_EPOCH))


class Progress(Scalars):
    """Progress: the batch loss, as the mean since the last row, and every learning rate.

    Rows come five to an epoch, but at least every 20 steps.
    """

    kind: Literal["progress"] = "progress"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Cheap: every step counts.",),
        cons=("Noisy, and with dropout: not to be compared with evaluation.",),
        use="To see that something happens at all.",
        example=Example(
            "The batch loss jitters around the training loss.",
            preset="circle",
        ),
    )

    def due(self, trainer: Trainer) -> bool:
        return trainer.steps_taken % rows_every(trainer.steps_per_epoch) == 0

    def row(self, trainer: Trainer) -> dict[str, float]:
        rates: dict[str, float] = {}
        for index, found in enumerate(trainer.rates()):
            several = f"_{index}" if len(trainer.groups) > 1 else ""
            rates |= {name.replace("rate", f"rate{several}", 1): rate for name, rate in found.items()}
        return {**trainer.take_losses(), **rates}
