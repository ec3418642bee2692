"""Examples: the samples behind a number of the metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.frame import quantize
from glassnet.engine.items.targets import WORDS
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.probes.activation_maps import as_maps, shrunk
from glassnet.engine.probes.metrics import Predictor, SetName, samples_of

if TYPE_CHECKING:
    from glassnet.engine.data.load import Samples, Scaling
    from glassnet.engine.training.observed import Observed


class Examples(Picture):
    """Examples: samples of one cell of the confusion matrix, or the mistakes, the most confident first.

    For values, the largest errors first. Arrays: `count` int32, the number of matches; for those that are
    sent `index` int32 (samples,), their positions in the set, `target` and `prediction` (int32 classes or
    float32 values), `confidence` float32, the probability of the predicted class (or the absolute error, as
    trained on); for values `target.original`, `prediction.original` and `error.original`, in the target's
    original units; `inputs` float32 (samples, numbers), or uint8 (samples, channels, h, w) with
    `inputs.range`.
    """

    kind: Literal["examples"] = "examples"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The most confident mistakes: often wrong labels.",),
        cons=("Single cases invite stories.",),
        use="To see what the network gets wrong.",
        example=Example(
            "Look at the first mistakes: would you have known?",
            preset="digits",
        ),
        shows=(
            "inputs",
            "confidence",
        ),
    )
    hz: float = frame_rate(2.0)
    set: SetName = option("test", "The set of the samples.")
    truth: int | None = option(None, "The true class, from 0; empty: any.", ge=0, le=100_000)
    predicted: int | None = option(
        None,
        "The predicted class, from 0; empty: any but the right one, or any at all where `truth` is given.",
        ge=0,
        le=100_000,
    )
    most: int = option(24, "The most samples that are sent.", ge=1, le=500)
    side: int = option(
        64, "The longest side of a picture; a larger one is averaged down.", unit="px", ge=8, le=512
    )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        classes, family = trainer.data.dataset.classes, trainer.data.dataset.family
        if family not in ("class", "values"):
            raise ValueError(f"examples of {WORDS[family]}; expected data with classes or values")
        for name, chosen in (("truth", self.truth), ("predicted", self.predicted)):
            if chosen is None:
                continue
            if classes is None:
                raise ValueError(f"'{name}' is {chosen}, of data that have values; expected none")
            if chosen >= len(classes):
                raise ValueError(f"'{name}' is class {chosen}; expected one of 0 to {len(classes) - 1}")
        samples = samples_of(trainer, self.set)
        scaling = trainer.data.value_scaling.to(trainer.device)
        answers = Predictor(trainer, samples)

        def look() -> Arrays:
            said = answers()
            predictions = said.predictions
            if classes is None:
                rank = sure = (predictions - samples.targets).abs().mean(dim=1)
                wanted = torch.ones(len(samples), dtype=torch.bool, device=sure.device)
            else:
                sure, rank = said.of_prediction(said.probabilities), said.of_prediction(said.scores)
                wanted = self._wanted(samples.targets, predictions)
            places = wanted.nonzero()[:, 0]
            order = torch.argsort(rank[places], descending=True, stable=True)[: self.most]
            chosen = places[order]
            return {
                "count": torch.tensor(len(places), dtype=torch.int32),
                "index": chosen.int(),
                "target": _sent(samples.targets[chosen]),
                "prediction": _sent(predictions[chosen]),
                "confidence": sure[chosen].float(),
                **({} if classes else _original(samples.targets[chosen], predictions[chosen], scaling)),
                **_pictures(samples, chosen, self.side),
            }

        return look

    def _wanted(self, targets: Tensor, predictions: Tensor) -> Tensor:
        if self.truth is None and self.predicted is None:
            return targets != predictions
        wanted = torch.ones_like(targets, dtype=torch.bool)
        if self.truth is not None:
            wanted &= targets == self.truth
        if self.predicted is not None:
            wanted &= predictions == self.predicted
            if self.truth is None:
                wanted &= targets != self.predicted
        return wanted


def _sent(values: Tensor) -> Tensor:
    return values.float() if values.is_floating_point() else values.int()


def _original(targets: Tensor, predictions: Tensor, scaling: Scaling) -> Arrays:
    """Targets, predictions and mean absolute errors in the target's original units."""
    wanted, said = scaling.inverse(targets.double()), scaling.inverse(predictions.double())
    error = (said - wanted).abs().mean(dim=1)
    found = {"target": wanted, "prediction": said, "error": error}
    return {f"{name}.original": values.float() for name, values in found.items()}


def _pictures(samples: Samples, chosen: Tensor, side: int) -> Arrays:
    raw = samples.raw[chosen.to(samples.raw.device)].float()
    if raw.ndim < 3:
        return {"inputs": raw}
    if not len(raw):
        return {"inputs": torch.zeros(0, *raw.shape[1:], dtype=torch.uint8), "inputs.range": torch.zeros(2)}
    few = torch.stack([shrunk(as_maps(sample), side) for sample in raw])
    picture, ranges = quantize(few.reshape(1, -1))
    return {"inputs": picture.view(few.shape), "inputs.range": ranges[0]}
