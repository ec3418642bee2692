"""Detection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from torch import Tensor

from glassnet.engine.boxes.candidates import (
    class_count,
    detections,
    judged_detections,
    mean_precisions,
    object_counts,
)
from glassnet.engine.catalog import Choice, Example, Guide, Mistake, catalog, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes
from glassnet.engine.items.layers.cell_boxes import CellBoxes
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.yolo_v1 import YoloV1Loss
from glassnet.engine.items.node import Node
from glassnet.engine.items.targets import Family
from glassnet.engine.items.tasks import FreeShape, Task


class Detection(Task):
    """Detection: which objects are in a picture, and the box around each.

    The network gives a fixed number of candidates: boxes with a score for each class (nodes such as
    `cell_boxes` make them). Suppression leaves the best, at most 20 a picture. Metrics: `map_50`, the mean
    over the classes of the average precision at an overlap (IoU) of one half, as PASCAL VOC has it from 2010:
    the whole area under the curve; `map`, COCO's: the mean over ten overlaps from 0.5 to 0.95, at 101
    recalls; `ap_0`, … that of each class at one half.
    """

    kind: Literal["detection"] = "detection"
    family: ClassVar[Family] = "boxes"
    metric: ClassVar[str] = "map_50"
    measures: ClassVar[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
        "detections": judged_detections,
        "objects": object_counts,
    }
    concatenated: ClassVar[frozenset[str]] = frozenset({"detections"})
    conclusion: ClassVar[Callable[[dict[str, Tensor], int], dict[str, float]]] = staticmethod(mean_precisions)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Says where and what, of several things at once.",),
        cons=("Nearly everything is ground: losses must keep it from drowning the objects.",),
        use="Where things are to be counted, followed or fetched.",
        example=Example(
            "The boxes are drawn over the pictures while it trains, with what was missed.",
        ),
        mistakes=(
            Mistake(
                "Accuracy says how good a detector is.",
                (
                    "There is no fixed number of answers: precision and recall trade off, and their "
                    "curve is judged."
                ),
            ),
        ),
    )
    losses: list[Annotated[Loss, Choice(Loss)]] = option(
        [YoloV1Loss()], "The losses whose sum is minimised.", min_length=1, max_length=16
    )

    def check(self, data: Dataset) -> tuple[str, str] | None:
        other = self._other_targets(data)
        if other is not None:
            return other
        for index, loss in enumerate(self.losses):
            if not loss.boxes:
                return f"/losses/{index}/kind", f"'{loss.kind}' compares no boxes; expected a loss for boxes"
            problem = loss.check(self.width(loss, data))
            if problem is not None:
                return f"/losses/{index}{problem[0]}", problem[1]
        return None

    def shape(self, loss: Loss, data: Dataset) -> FreeShape:
        return (None, 9 + 2 * (loss.told or self.width(loss, data)))

    def width(self, loss: Loss, data: Dataset) -> int:
        """The number of classes, from which a detector knows how many numbers a cell needs."""
        return len(data.classes or ())

    def starter(self, data: Dataset) -> list[dict[str, Any]]:
        def halved(filters: int) -> list[dict[str, Any]]:
            conv = {"kind": "conv2d", "filters": filters, "padding": "same"}
            return [conv, {"kind": "batch_norm"}, {"kind": "relu"}, {"kind": "max_pool2d", "kernel": 2}]

        loss = self.losses[0]
        reader = catalog(Node)[loss.reader["kind"]].model_validate(loss.reader)
        if not isinstance(reader, CellBoxes | AnchorBoxes):  # a whole network, of what has several stages
            return [{**loss.reader, "name": "output"}]
        filters = reader.channels(loss.told or len(data.classes or ()))
        cells = {"kind": "conv2d", "name": "cells", "filters": filters, "kernel": 1}
        boxes = {**loss.reader, "name": "output", "inputs": ["cells", "input"]}
        return [*halved(8), *halved(16), *halved(32), cells, boxes]

    def targets(self, loss: Loss, data: Dataset) -> Call:
        return Call(listed_boxes, Name("targets"))

    def metrics(self, data: Dataset) -> tuple[str, ...]:
        return ("map_50", "map", *(f"ap_{number}" for number in range(len(data.classes or ()))))

    def predictions(self, loss: Loss, output: Tensor) -> Tensor:
        found = detections(output)
        return found[..., [0, 1, 2, 3, 5]]

    def shown(self, loss: Loss, output: Tensor) -> Tensor:
        certainty, best = self.probabilities(loss, output).max(dim=1)
        return best + certainty.clamp(0, 0.999)

    def probabilities(self, loss: Loss, output: Tensor) -> Tensor:
        return output[..., 9 + class_count(output) :].amax(dim=1)

    def scores(self, loss: Loss, output: Tensor) -> Tensor:
        return self.probabilities(loss, output)


def listed_boxes(targets: Tensor) -> Tensor:
    """Boxes as they are."""
    return targets
