"""Metrics of the predictions for one set."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import torch
from torch import Tensor

from glassnet.engine.boxes.average_precision import class_curves
from glassnet.engine.boxes.candidates import judged_detections, mean_precisions, object_counts
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.data.load import Samples, Scaling
from glassnet.engine.items.targets import WORDS
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.probes.confusion_matrix import confusion
from glassnet.engine.training import metrics
from glassnet.engine.training.host import on_host
from glassnet.engine.training.replay import capture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

SetName = Literal["train", "validation", "test"]

#: The most numbers of a set's inputs that are kept ready for the network.
KEPT = 4_000_000


class Metrics(Picture):
    """Metrics: the quality of the predictions over one whole set, in evaluation mode.

    Arrays for classes: `accuracy`; `precision`, `recall`, `f1` (classes,) float32 and `support` int32;
    `macro` (3,), their means; `confusion` int32 (classes, classes), rows the truth; `calibration/confidence`,
    `calibration/accuracy` (bins,), NaN where empty, `calibration/count` int32, `calibration/error`. For two
    classes, of the second one: `roc/x`, `roc/y`, `roc/area` and `recall_precision/x`, `…/y`, `…/area`.
    For values: `mse`, `rmse`, `mae`, of the values as trained on, and `r2`; `mse.original`, `rmse.original`
    and `mae.original`, in the target's original units; `unit`, the size of 1 as trained on in those units (1
    where targets are not standardised). For masks: `pixel_accuracy`, `mean_iou`, `iou` float32 (classes,),
    NaN of a class that is neither there nor said, `support` int32 (classes,) and `confusion`, in pixels.
    For boxes: `map_50` and `map`; `ap` float32 (classes,), the average precision at an overlap of one half,
    NaN of a class without objects; `objects` and `detections` int32 (classes,); `curve/recall`,
    `curve/precision` and `curve/score` float32 (classes, points), the curve that `ap` is the area of, from
    the highest score down, then NaN. `samples` int32 is the number of samples.
    """

    kind: Literal["metrics"] = "metrics"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Precision, recall and calibration, class by class.",),
        cons=("Many numbers: choose one before looking.",),
        use="When errors have different costs.",
        example=Example(
            "Accuracy hides what recall shows.",
            preset="breast-cancer",
        ),
        mistakes=(
            Mistake(
                "Accuracy says it all.",
                "With unequal classes always answering the larger one scores well.",
            ),
        ),
        shows=(
            "precision",
            "recall",
            "f1",
            "confusion",
        ),
    )
    hz: float = frame_rate(2.0)
    set: SetName = option("test", "The set that is evaluated.")
    bins: int = option(10, "Bins of confidence for the calibration.", ge=2, le=100)
    points: int = option(200, "Points of a curve that are sent at most.", ge=10, le=5000)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        samples, family = samples_of(trainer, self.set), trainer.data.dataset.family
        measures = {
            "class": self._classes,
            "values": self._values,
            "masks": self._masks,
            "boxes": self._boxes,
        }
        if family not in measures:
            raise ValueError(f"metrics of {WORDS[family]}; expected classes, values, masks or boxes")
        measure = measures[family](trainer, samples)
        count = {"samples": torch.tensor(len(samples), dtype=torch.int32)}
        return lambda: count | measure()

    def _values(self, trainer: Observed, samples: Samples) -> Callable[[], Arrays]:
        answers, scaling = Predictor(trainer, samples), trainer.data.value_scaling
        return lambda: _of_values(answers().predictions, samples.targets, scaling)

    def _classes(self, trainer: Observed, samples: Samples) -> Callable[[], Arrays]:
        answers, classes = Predictor(trainer, samples), len(trainer.data.dataset.classes or ())
        return lambda: self._of_classes(answers(), samples.targets, classes)

    def _masks(self, trainer: Observed, samples: Samples) -> Callable[[], Arrays]:
        classes = len(trainer.data.dataset.classes or ())
        return lambda: _of_masks(confusion(trainer, samples, classes))

    def _boxes(self, trainer: Observed, samples: Samples) -> Callable[[], Arrays]:
        return lambda: _of_boxes(*judged(trainer, samples), self.points)

    def _of_classes(self, said: Predictions, targets: Tensor, classes: int) -> Arrays:
        matrix = metrics.confusion(targets, said.predictions, classes)
        scores = metrics.class_scores(matrix)
        right = said.predictions == targets
        sure = metrics.calibration(said.of_prediction(said.probabilities), right, self.bins)
        arrays: Arrays = {
            "accuracy": _number(float(right.double().mean())),
            "precision": scores.precision.float(),
            "recall": scores.recall.float(),
            "f1": scores.f1.float(),
            "support": scores.support.int(),
            "macro": torch.stack([score.mean() for score in scores[:3]]).float(),
            "confusion": matrix.int(),
            "calibration/confidence": sure.confidence.float(),
            "calibration/accuracy": sure.accuracy.float(),
            "calibration/count": sure.counts.int(),
            "calibration/error": _number(sure.error),
        }
        if classes == 2:
            second, score = targets == 1, said.scores[:, 1]
            arrays |= self._curve("roc", metrics.roc(score, second))
            arrays |= self._curve("recall_precision", metrics.precision_recall(score, second))
        return arrays

    def _curve(self, name: str, curve: metrics.Curve) -> Arrays:
        few = metrics.thinned(curve, self.points)
        return {f"{name}/x": few.x.float(), f"{name}/y": few.y.float(), f"{name}/area": _number(curve.area)}


class Predictions(NamedTuple):
    """A network's predictions for a set of samples."""

    #: The probability of each class: (samples, classes).
    probabilities: Tensor
    #: (samples,) int64 classes, or (samples, k) values.
    predictions: Tensor
    #: The scores that rank samples: (samples, classes).
    scores: Tensor

    def of_prediction(self, of_classes: Tensor) -> Tensor:
        """Of numbers for each class (samples, classes), those of the predicted class: (samples,)."""
        return of_classes.gather(1, self.predictions[:, None])[:, 0]


class Predictor:
    """The current predictions of a network for a set, computed at each call."""

    def __init__(self, trainer: Observed, samples: Samples) -> None:
        size, count = trainer.evaluation_batch, len(samples)
        self._parts = [slice(start, start + size) for start in range(0, count, size)]
        self._trainer, self._samples = trainer, samples
        #: The captured passes over cached inputs; of large sets, inputs are read at each call.
        self._passes: list[Callable[[], Sequence[Tensor]]] = []
        if trainer.replays and math.prod(samples.inputs.shape) <= KEPT:
            self._passes = [capture(partial(self._pass, samples.inputs[part]))[1] for part in self._parts]

    def __call__(self) -> Predictions:
        if self._passes:
            answers = [again() for again in self._passes]
        else:
            answers = [self._pass(self._samples.inputs[part]) for part in self._parts]
        return Predictions(*map(torch.cat, zip(*answers, strict=True)))

    @torch.no_grad()
    def _pass(self, inputs: Tensor) -> Sequence[Tensor]:
        task, judged = self._trainer.experiment.task, self._trainer.plan.loss_nodes[0]
        output, loss = self._trainer.evaluation_network(inputs)[judged], task.losses[0]
        return task.probabilities(loss, output), task.predictions(loss, output), task.scores(loss, output)


def samples_of(trainer: Observed, name: str) -> Samples:
    """A set by its name. Raises ValueError where there is none."""
    sets = trainer.data.sets()
    if name not in sets:
        raise ValueError(f"no sample is kept for {name}; expected one of {', '.join(sets)}")
    return sets[name]


def _of_masks(matrix: Tensor) -> Arrays:
    """What a confusion matrix of pixels says."""
    overlap = metrics.intersection_over_union(matrix)
    return {
        "pixel_accuracy": (matrix.trace() / matrix.sum().clamp_min(1)).float(),
        "iou": overlap.float(),
        "mean_iou": overlap.nanmean().float(),
        "support": matrix.sum(dim=1).int(),
        "confusion": matrix.int(),
    }


@torch.no_grad()
def judged(trainer: Observed, samples: Samples) -> tuple[Tensor, Tensor]:
    """The rows of `judged_detections` of a whole set (n, 13), and its objects of each class, on the host."""
    node, size, rows, objects = trainer.plan.loss_nodes[0], trainer.evaluation_batch, [], []
    for start in range(0, len(samples), size):
        part = slice(start, start + size)
        output, targets = trainer.evaluation_network(samples.inputs[part])[node], samples.targets[part]
        rows.append(judged_detections(output, targets).flatten(0, 1))
        objects.append(object_counts(output, targets))
    found, there = on_host([torch.cat(rows), torch.stack(objects).sum(dim=0)])
    return found[found[:, 1] >= 0], there


def _of_boxes(rows: Tensor, objects: Tensor, points: int) -> Arrays:
    """What judged detections say: means, the average precision of each class, and its curve."""
    scores, kinds, right = rows[:, 0], rows[:, 1], rows[:, 2] > 0
    means = mean_precisions({"detections": rows, "objects": objects}, 0)
    curves = class_curves(scores, right, kinds, objects.tolist(), points)
    return {
        "map_50": _number(means["map_50"]),
        "map": _number(means["map"]),
        "ap": torch.tensor([means[f"ap_{number}"] for number in range(len(objects))], dtype=torch.float32),
        "objects": objects.int(),
        "detections": torch.bincount(kinds.long(), minlength=len(objects)).int(),
        "curve/recall": curves.recall,
        "curve/precision": curves.precision,
        "curve/score": curves.scores,
    }


def _of_values(predictions: Tensor, targets: Tensor, scaling: Scaling) -> Arrays:
    """Errors of values as trained on, and in the target's original units."""
    own = scaling.to(str(targets.device))
    original = metrics.regression(own.inverse(predictions.double()), own.inverse(targets.double()))
    scores = metrics.regression(predictions, targets) | {"unit": scaling.unit or 1.0}
    scores |= {f"{name}.original": original[name] for name in ("mse", "rmse", "mae")}
    return {name: _number(value) for name, value in scores.items()}


def _number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float32)
