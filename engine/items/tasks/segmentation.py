"""Segmentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.cross_entropy import CrossEntropy
from glassnet.engine.items.targets import Family
from glassnet.engine.items.tasks import FreeShape, Task


def pixel_confusion(output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """How many pixels of each class (row) were taken for each (column), of those that have a class.

    int64 (classes, classes), of scores (n, classes, h, w) and masks (n, h, w).
    """
    classes = output.shape[1]
    # Pixels without a class are counted in one more cell, which is left out: no shape depends on values.
    pairs = torch.where(targets == 255, classes**2, targets.long() * classes + output.argmax(dim=1))
    counts = torch.zeros(classes**2 + 1, dtype=torch.int64, device=output.device)
    counts = counts.index_add(0, pairs.flatten(), torch.ones_like(pairs).flatten())
    return counts[:-1].view(classes, classes)


def overlaps(reduced: dict[str, torch.Tensor], count: int) -> dict[str, float]:
    """Pixel accuracy, and intersection over union: the mean over the classes, and of each by its number.

    NaN of a class that is neither there nor said, which the mean leaves out.
    """
    matrix = reduced["confusion"].double()
    right = matrix.diagonal()
    each = right / (matrix.sum(dim=0) + matrix.sum(dim=1) - right)
    metrics = {"pixel_accuracy": float(right.sum() / matrix.sum()), "mean_iou": float(each.nanmean())}
    return metrics | {f"iou_{number}": value for number, value in enumerate(each.tolist())}


class Segmentation(Task):
    """Segmentation: which of a few classes each pixel belongs to.

    The network gives a map of scores for each class, as large as the mask. Metrics are the share of pixels
    that are right (pixel accuracy), and of each class the intersection of its true and its said area over
    their union (IoU, by its number `iou_0`, …) and the mean of these (mean IoU), over all pixels of a set.
    Pixels of a mask that have no class, 255, count nowhere.
    """

    kind: Literal["segmentation"] = "segmentation"
    family: ClassVar[Family] = "masks"
    metric: ClassVar[str] = "mean_iou"
    measures: ClassVar[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {"confusion": pixel_confusion}
    conclusion: ClassVar[Callable[[dict[str, Tensor], int], dict[str, float]]] = staticmethod(overlaps)
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Says where a thing is, not only that it is there.",
            "Every pixel is an example: few pictures teach much.",
        ),
        cons=("Masks take long to draw.",),
        use="Where the outline matters: organs, roads, cells.",
        example=Example(
            "The answer is drawn over the pictures while it trains.",
            preset="shapes-segmentation",
        ),
        mistakes=(
            Mistake(
                "Pixel accuracy says how good it is.",
                "Where most is ground, always answering ground scores well: the mean IoU does not.",
            ),
        ),
    )
    losses: list[Annotated[Loss, Choice(Loss)]] = option(
        [CrossEntropy()], "The losses whose sum is minimised.", min_length=1, max_length=16
    )

    def check(self, data: Dataset) -> tuple[str, str] | None:
        other = self._other_targets(data)
        if other is not None:
            return other
        for index, loss in enumerate(self.losses):
            if not loss.masks:
                return f"/losses/{index}/kind", f"'{loss.kind}' compares no masks; expected a loss for masks"
            problem = loss.check(len(data.classes or ()))
            if problem is not None:
                return f"/losses/{index}{problem[0]}", problem[1]
        return None

    def shape(self, loss: Loss, data: Dataset) -> FreeShape:
        return (len(data.classes or ()), *data.shape[1:])

    def starter(self, data: Dataset) -> list[dict[str, Any]]:
        def convolution() -> list[dict[str, Any]]:
            return [{"kind": "conv2d", "filters": 8, "padding": "same"}, {"kind": "relu"}]

        answer = {"kind": "conv2d", "name": "output", "filters": None, "kernel": 1}
        return [*convolution(), *convolution(), answer]

    def targets(self, loss: Loss, data: Dataset) -> Call:
        return Call(masks, Name("targets"))

    def compare(self, loss: Loss) -> Call:
        return loss.call_for_masks()

    def metrics(self, data: Dataset) -> tuple[str, ...]:
        return ("pixel_accuracy", "mean_iou", *(f"iou_{number}" for number in range(len(data.classes or ()))))

    def confusion(self, output: Tensor, targets: Tensor, classes: int) -> Tensor:
        return pixel_confusion(output, targets)

    def predictions(self, loss: Loss, output: Tensor) -> Tensor:
        return output.argmax(dim=1)

    def shown(self, loss: Loss, output: Tensor) -> Tensor:
        certainty, best = self.probabilities(loss, output).max(dim=1)
        return best + certainty.clamp(0, 0.999)

    def probabilities(self, loss: Loss, output: Tensor) -> Tensor:
        return torch.softmax(output, dim=1).flatten(2).mean(dim=2)

    def scores(self, loss: Loss, output: Tensor) -> Tensor:
        return output.flatten(2).mean(dim=2)


def masks(targets: torch.Tensor) -> torch.Tensor:
    """Masks as they are."""
    return targets
