"""Dropout as an ensemble: the networks that masks leave, and their mean."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.catalog import Choice, Example, Guide, Panel, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.network.module import Substitute
from glassnet.engine.probes import Arrays
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.studies.predictions import Predictions, mean_square, picture, pictures

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed

#: Seconds between two frames.
EVERY = 0.25

#: The masks whose surfaces are sent.
DRAWN = 12


class DropoutEnsemble(NetworkStudy):
    """Dropout as an ensemble: the mean of many masks beside the output in evaluation mode.

    A mask is one thinned network: it silences the same units for every sample, and divides the rest by
    1 − p. Predictions are values, or the probabilities of the classes; y are the targets of the test set.
    Of the masks drawn so far: `masks` int32 (M,), 1 to M; `distance` float32 (M,), the root mean square of
    what lies between the mean of the first m masks and the prediction in evaluation mode, and
    `distance_of_all` float32 () of all masks;
    `ensemble_error` float32 (M,), the squared error of that mean; `mask_error` and `evaluation_error`
    float32 (), the mean squared error of single masks, and that in evaluation mode; `spread_of_masks`
    float32 (), the root mean square of what lies between one mask and evaluation mode. Of the chosen sample
    `outputs` float32 (M, k) and `evaluation` (k,). Over the plane `surface` uint8 (at most 12, side, side)
    of the first masks with `.range`; `mean` and `spread` of all of them, and `whole`, in evaluation mode,
    with `.range`. Batch norm is in evaluation mode throughout. Srivastava et al. 2014, section 6.4.
    """

    kind: Literal["dropout_ensemble"] = "dropout_ensemble"
    panel = Panel("Dropout", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("The mean of the masks is computed, not argued: evaluation mode is seen to be near it.",),
        cons=("The mean of probabilities is one of several means; the geometric one is nearer.",),
        use="To see why a network with dropout is evaluated without masks.",
        example=Example(
            "Each mask has a boundary of its own, and evaluation mode is near the mean of all.",
            preset="few-points",
            changes={
                "/network": [
                    {"kind": "linear", "units": 24},
                    {"kind": "relu"},
                    {"kind": "dropout", "p": 0.3},
                    {"kind": "linear", "units": 24},
                    {"kind": "relu"},
                    {"kind": "dropout", "p": 0.3},
                    {"kind": "linear", "name": "output", "units": None},
                ]
            },
            claim={
                "metric": "distance_of_all",
                "op": "<",
                "than": {"metric": "spread_of_masks", "times": 0.75},
            },
            steps=300,
        ),
        shows=(
            "distance@masks",
            "ensemble_error@masks",
            "surface",
        ),
    )
    masks: int = option(64, "The masks to draw.", ge=2, le=1000)
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The sample whose outputs are listed.")
    resolution: int = option(40, "Points along one side of each surface.", unit="px", ge=8, le=100)
    seed: int = option(0, "The seed of the masks.", ge=0, le=2**53 - 1)

    def check(self, plan: Plan) -> None:
        if not any(isinstance(placed.item, Dropout) and placed.item.p > 0 for placed in plan.nodes):
            raise ValueError(
                "no dropout in this network; expected a dropout node with p above 0, as after an activation"
            )

    def compute(self, trainer: Observed, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        self.check(trainer.plan)
        ensemble = _Ensemble(self, trainer)
        due = time.monotonic()
        for number in range(self.masks):
            ensemble.add(thinned(trainer.plan, self.seed, number))
            if time.monotonic() >= due:
                yield StudyFrame((number + 1) / self.masks, ensemble.arrays())
                due = time.monotonic() + EVERY
        yield StudyFrame(1.0, ensemble.arrays())


class _Ensemble:
    """The predictions of the masks so far, and of the network in evaluation mode."""

    def __init__(self, study: DropoutEnsemble, trainer: Observed) -> None:
        self._network, self._predictions = trainer.evaluation_network, Predictions(trainer, study.resolution)
        raw = study.input.raw(trainer.data, trainer.blobs)
        self._sample = trainer.data.transform(raw).to(trainer.device, trainer.dtype)
        self._whole, self._outputs = self._predicted(None)
        self._surface = self._predictions.over_the_plane(self._network)
        self._sum = torch.zeros_like(self._whole)
        self._surfaces: list[Tensor] = []
        self._sampled: list[Tensor] = []
        self._distance: list[float] = []
        self._error: list[float] = []
        self._mask_errors = self._spread = 0.0

    def _predicted(self, masks: Mapping[str, Substitute] | None) -> tuple[Tensor, Tensor]:
        """Predictions for the test samples (samples, k), and for the chosen one (k,)."""
        of = self._predictions.of
        return of(self._network, self._predictions.inputs, masks), of(self._network, self._sample, masks)[0]

    def add(self, masks: Mapping[str, Substitute]) -> None:
        """Add the thinned network of some masks."""
        predicted, outputs = self._predicted(masks)
        self._sampled.append(outputs)
        self._sum += predicted
        mean, targets = self._sum / len(self._sampled), self._predictions.targets
        self._distance.append(float(mean_square(mean - self._whole).sqrt()))
        self._error.append(float(mean_square(mean - targets)))
        self._mask_errors += float(mean_square(predicted - targets))
        self._spread += float(mean_square(predicted - self._whole))
        surface = self._predictions.over_the_plane(self._network, masks)
        if surface is not None:
            self._surfaces.append(surface)

    def arrays(self) -> Arrays:
        """The arrays so far (see DropoutEnsemble)."""
        count, targets = len(self._sampled), self._predictions.targets
        drawn = pictures(self._surfaces)
        for name in ("surface", "surface.range") if drawn else ():
            drawn[name] = drawn[name][:DRAWN]
        return {
            "masks": torch.arange(1, count + 1, dtype=torch.int32),
            "distance": torch.tensor(self._distance),
            "distance_of_all": torch.tensor(self._distance[-1]),
            "ensemble_error": torch.tensor(self._error),
            "mask_error": torch.tensor(self._mask_errors / count),
            "evaluation_error": mean_square(self._whole - targets).float(),
            "spread_of_masks": torch.tensor((self._spread / count) ** 0.5),
            "outputs": torch.stack(self._sampled).float(),
            "evaluation": self._outputs.float(),
            **drawn,
            **({} if self._surface is None else picture("whole", self._surface)),
        }


def thinned(plan: Plan, seed: int, number: int) -> dict[str, Substitute]:
    """The masks of one thinned network, the same for every sample, by the names of its dropout nodes."""
    masks: dict[str, Substitute] = {}
    for placed in plan.nodes:
        if isinstance(placed.item, Dropout):
            draw = torch.rand(placed.shape, generator=stream(seed, f"mask {number}/{placed.name}"))
            masks[placed.name] = _masked((draw >= placed.item.p).float() / (1 - placed.item.p))
    return masks


def _masked(mask: Tensor) -> Substitute:
    def apply(module: nn.Module, x: Tensor) -> Any:
        return x * mask.to(x.device, x.dtype)

    return apply
