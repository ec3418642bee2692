"""Evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.probes import Scalars

if TYPE_CHECKING:
    from glassnet.engine.training.trainer import Trainer


class Evaluation(Scalars):
    """Evaluation: loss and metrics over the whole training and test set, in evaluation mode.

    Rows come at the start, at each epoch's end, at a pause, and every `evaluate_every` steps.
    """

    kind: Literal["evaluation"] = "evaluation"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Whole sets, without dropout and augmentation: comparable.",),
        cons=("Dearer than the batch loss, so it is rarer.",),
        use="To judge a run.",
        example=Example(
            "Where the two curves part, overfitting begins.",
            preset="few-points",
        ),
    )

    def due(self, trainer: Trainer) -> bool:
        every = trainer.experiment.training.evaluate_every
        step = trainer.steps_taken
        return step % trainer.steps_per_epoch == 0 or (every is not None and step % every == 0)

    def row(self, trainer: Trainer) -> dict[str, float]:
        return trainer.evaluate()
