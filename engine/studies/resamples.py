"""Bias and variance: a network trained anew on resamples of its training set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Panel, option
from glassnet.engine.data.resampling import bootstrapped, noiseless_targets
from glassnet.engine.errors import Diverged
from glassnet.engine.frame import quantize
from glassnet.engine.probes import Arrays
from glassnet.engine.probes.surface import grid
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training.trainer import Trainer

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: Seconds between two frames.
EVERY = 0.25

#: The test samples that predictions are compared on.
SAMPLES = 2048


class Resamples(NetworkStudy):
    """Resamples: bias and variance of the network, by training it anew on resamples of its training set.

    Every network starts from the run's first weights; only the training set differs, which is drawn from the
    run's with replacement, as large as it is. Of the predictions p of all networks on the test set (values,
    or the probabilities of the classes) with their mean p̄, true function f and targets y: `squared_bias`
    |p̄ − f|², `variance` |p − p̄|² and `error` |p − y|², float32 (rows,), means over the samples, of the
    networks trained so far. f is known (`known` uint8 ()) where the data are generated with noise in the
    targets alone; otherwise it is y, and the squared bias includes the noise of the targets: error is then
    the sum of both. Further arrays: `steps` int32 (rows,); `train_loss` and `test_loss` float32 (networks,
    rows), NaN where not yet computed; `trained` and `diverged` int32 (), the networks that are complete, and
    those left out since their loss was not finite; for two classes or values over the plane `surface` uint8
    (trained, side, side) with `.range`, row 0 at the top, and `mean` and `spread` (side, side), the
    standard deviation, with `.range`. Geman et al. 1992; Efron & Tibshirani 1993, chapter 6.
    """

    kind: Literal["resamples"] = "resamples"
    panel = Panel("Resamples", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("Shows variance as what it is: other data, another network.",),
        cons=(
            "Resamples share samples, so that the variance is somewhat too small.",
            "As many trainings as networks.",
        ),
        use="To tell whether a network is too rigid (bias) or follows its samples too closely (variance).",
        example=Example(
            "Each of the networks has a boundary of its own: the variance exceeds the squared bias.",
            preset="few-points",
            changes={"/data/kind": "circle", "/data/noise": 0.0},
            claim={"metric": "variance", "op": ">", "than": {"metric": "squared_bias"}},
        ),
        shows=(
            "squared_bias@steps",
            "variance@steps",
            "surface",
        ),
    )
    networks: int = option(10, "The networks to train.", ge=2, le=64)
    steps: int = option(300, "The steps of each.", unit="steps", ge=1, le=10**6)
    rows: int = option(20, "The number of evaluations.", ge=1, le=200)
    resolution: int = option(40, "Points along one side of each surface.", unit="px", ge=8, le=100)
    seed: int = option(0, "The seed of the resamples.", ge=0, le=2**53 - 1)

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        after = np.unique(np.linspace(0, self.steps, self.rows + 1).astype(np.int32)).tolist()
        found = _Found(self, trainer, after)
        due = time.monotonic()
        for number in range(self.networks):
            for steps in self._trained(trainer, number, found, after):
                if time.monotonic() >= due:
                    yield StudyFrame((number + steps / self.steps) / self.networks, found.arrays())
                    due = time.monotonic() + EVERY
        if not found.count:
            raise ValueError(
                f"all {self.networks} networks diverged; expected at least one whose loss is finite: "
                "choose a smaller learning rate"
            )
        yield StudyFrame(1.0, found.arrays())

    def _trained(self, parent: Trainer, number: int, found: _Found, after: list[int]) -> Iterator[int]:
        """Train a network, and add what it predicts; yields the steps that it has taken."""
        data = bootstrapped(parent.data, stream(self.seed, f"resample {number}"))
        network = Trainer(
            parent.experiment, device=parent.device, limits=parent.limits, blobs=parent.blobs, data=data
        )
        predictions = []
        try:
            for row, steps in enumerate(after):
                while network.steps_taken < steps:
                    network.step()
                    yield network.steps_taken
                found.put(number, row, network.evaluate())
                predictions.append(found.predicted(network))
        except Diverged:
            found.diverged += 1
            return
        found.add(torch.stack(predictions), found.over_the_plane(network))


class _Found:
    """What all networks predict, by sums over those that are complete."""

    def __init__(self, study: Resamples, trainer: Trainer, after: list[int]) -> None:
        data, task = trainer.data, trainer.experiment.task
        self._steps, self._side = after, study.resolution
        self._inputs = data.test.inputs[: min(SAMPLES, trainer.evaluation_batch)]
        self._targets, self._truth, self.known = _targets(trainer, len(self._inputs))
        self._losses = torch.full((2, study.networks, len(after)), torch.nan)
        self.count = self.diverged = 0
        #: Sums over the networks, of predictions (rows, samples, k) and of their squares (rows,).
        self._sum: Tensor | None = None
        self._squares = torch.zeros(len(after), dtype=torch.float64)
        self._plane: Tensor | None = None
        if data.dataset.plane is not None and task.width(task.losses[0], data.dataset) <= 2:
            points = grid(data.dataset.plane, self._side)
            self._plane = data.transform(points).to(trainer.device, trainer.dtype)
        self._surfaces: list[Tensor] = []

    def put(self, number: int, row: int, metrics: dict[str, float]) -> None:
        """Set the losses of a network at a row."""
        self._losses[:, number, row] = torch.tensor([metrics["train_loss"], metrics["test_loss"]])

    @torch.no_grad()
    def predicted(self, network: Observed) -> Tensor:
        """The predictions of a network for the test samples, float64 (samples, k)."""
        task = network.experiment.task
        values = network.evaluation_network(self._inputs)[network.plan.loss_nodes[0]]
        return task.probabilities(task.losses[0], values).double().cpu()

    @torch.no_grad()
    def over_the_plane(self, network: Observed) -> Tensor | None:
        """A network's surface, float32 (side, side), where there is a plane."""
        if self._plane is None:
            return None
        task = network.experiment.task
        values = network.evaluation_network(self._plane)[network.plan.loss_nodes[0]]
        return task.shown(task.losses[0], values).float().cpu().view(self._side, self._side)

    def add(self, predictions: Tensor, surface: Tensor | None) -> None:
        """Add a complete network: predictions (rows, samples, k), and its surface."""
        self.count += 1
        self._sum = predictions if self._sum is None else self._sum + predictions
        self._squares += _mean_square(predictions)
        if surface is not None:
            self._surfaces.append(surface)

    def arrays(self) -> Arrays:
        """The arrays so far (see Resamples)."""
        train, test = self._losses.clone()
        return {
            "steps": torch.tensor(self._steps, dtype=torch.int32),
            "train_loss": train,
            "test_loss": test,
            "trained": torch.tensor(self.count, dtype=torch.int32),
            "diverged": torch.tensor(self.diverged, dtype=torch.int32),
            "known": torch.tensor(self.known, dtype=torch.uint8),
            **self._decomposed(),
            **self._pictures(),
        }

    def _decomposed(self) -> Arrays:
        if self._sum is None:
            nothing = torch.full((len(self._steps),), torch.nan)
            return {name: nothing.clone() for name in ("squared_bias", "variance", "error")}
        mean = self._sum / self.count
        variance = (self._squares / self.count - _mean_square(mean)).clamp_min(0)
        return {
            "squared_bias": _mean_square(mean - self._truth).float(),
            "variance": variance.float(),
            "error": (_mean_square(mean - self._targets) + variance).float(),
        }

    def _pictures(self) -> Arrays:
        if not self._surfaces:
            return {}
        surfaces = torch.stack(self._surfaces)
        pictures = {
            "surface": surfaces,
            "mean": surfaces.mean(0, keepdim=True),
            "spread": surfaces.std(0, correction=0, keepdim=True),
        }
        arrays: Arrays = {}
        for name, values in pictures.items():
            levels, ranges = quantize(values)
            whole = name == "surface"
            arrays |= {name: levels if whole else levels[0], f"{name}.range": ranges if whole else ranges[0]}
        return arrays


def _mean_square(values: Tensor) -> Tensor:
    """The squared length of each sample's vector, its mean over the samples: (…, samples, k) → (…)."""
    return values.square().sum(-1).mean(-1)


def _targets(trainer: Trainer, count: int) -> tuple[Tensor, Tensor, bool]:
    """Targets and true function at the first test samples, float64 (count, k), and whether it is known."""
    given = trainer.data.test.targets
    pure = noiseless_targets(trainer.data, trainer.experiment.seed, trainer.blobs)
    classes = len(trainer.data.dataset.classes or ())

    def numbers(targets: Tensor) -> Tensor:
        if classes:
            return torch.nn.functional.one_hot(targets[:count].cpu(), classes).double()
        return targets[:count].double().cpu()

    return numbers(given), numbers(given if pure is None else pure), pure is not None
