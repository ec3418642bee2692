"""The confusion matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.data.load import Samples
from glassnet.engine.items.targets import WORDS
from glassnet.engine.probes import Arrays, Picture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class ConfusionMatrix(Picture):
    """Confusion matrix: the number of samples of each class (row) that were predicted as each (column).

    Of data with masks, the number of pixels. Arrays: `train` and `test` float32 (classes, classes), over the
    whole sets.
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
        if classes is None or trainer.data.dataset.family not in ("class", "masks"):
            given = WORDS[trainer.data.dataset.family]
            raise ValueError(
                f"a confusion matrix of '{trainer.data.dataset.kind}', which gives {given}; expected classes"
            )
        width = len(classes)

        def look() -> Arrays:
            return {
                "train": confusion(trainer, trainer.data.train, width).float(),
                "test": confusion(trainer, trainer.data.test, width).float(),
            }

        return look


@torch.no_grad()
def confusion(trainer: Observed, samples: Samples, classes: int) -> Tensor:
    """The confusion matrix of a set, int64 (classes, classes), batch by batch."""
    task, judged, size = trainer.experiment.task, trainer.plan.loss_nodes[0], trainer.evaluation_batch
    total = torch.zeros(classes, classes, dtype=torch.int64, device=samples.targets.device)
    for start in range(0, len(samples), size):
        part = slice(start, start + size)
        output = trainer.evaluation_network(samples.inputs[part])[judged]
        total += task.confusion(output, samples.targets[part], classes)
    return total
