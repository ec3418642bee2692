"""The confusion matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.data.load import Samples
from glassnet.engine.probes import Arrays, Picture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class ConfusionMatrix(Picture):
    """Confusion matrix: the number of samples of each class (row) that were predicted as each (column).

    Arrays: `train` and `test` float32 (classes, classes), over the whole sets.
    """

    kind: Literal["confusion_matrix"] = "confusion_matrix"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Which class is taken for which.",),
        cons=("Counts hide how sure the network was.",),
        use="When classes are more than two.",
        example=Example(
            "Press a cell to see its samples.",
            preset="digits",
        ),
        shows=(
            "train",
            "test",
        ),
    )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        classes = trainer.data.dataset.classes
        if classes is None:
            raise ValueError(
                f"a confusion matrix of '{trainer.data.dataset.kind}', which gives values; expected classes"
            )
        width = len(classes)

        def look() -> Arrays:
            return {
                "train": _count(trainer, trainer.data.train, width),
                "test": _count(trainer, trainer.data.test, width),
            }

        return look


def _count(trainer: Observed, samples: Samples, classes: int) -> Tensor:
    pairs = samples.targets * classes + trainer.predict(samples.inputs)
    return torch.bincount(pairs, minlength=classes**2).view(classes, classes).float()
