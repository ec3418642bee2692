"""Bias and variance: a network trained anew on resamples of its training set."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Panel, option
from glassnet.engine.data.load import Data
from glassnet.engine.data.resampling import bootstrapped, noiseless_targets
from glassnet.engine.errors import Diverged
from glassnet.engine.probes import Arrays
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.studies.predictions import Predictions, mean_square, pictures
from glassnet.engine.training.evaluator import are_measured
from glassnet.engine.training.replicas.spread import of_replica
from glassnet.engine.training.together import at_once, on_samples
from glassnet.engine.training.trainer import Trainer

#: Seconds between two frames.
EVERY = 0.25


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
        due, size = time.monotonic(), at_once(trainer, self.networks)
        for first in range(0, self.networks, size):
            numbers = range(first, min(first + size, self.networks))
            for share in self._trained(trainer, numbers, found, after):
                if time.monotonic() >= due:
                    yield StudyFrame((first + share * len(numbers)) / self.networks, found.arrays())
                    due = time.monotonic() + EVERY
        if not found.count:
            raise ValueError(
                f"all {self.networks} networks diverged; expected at least one whose loss is finite: "
                "choose a smaller learning rate"
            )
        yield StudyFrame(1.0, found.arrays())

    def _trained(
        self, parent: Trainer, numbers: Sequence[int], found: _Found, after: list[int]
    ) -> Iterator[float]:
        """Train networks, and add what they predict; yields the share of their steps that is taken.

        Small networks are trained together (see `at_once`), which only rounds differently.
        """
        samples = [bootstrapped(parent.data, stream(self.seed, f"resample {number}")) for number in numbers]
        if len(numbers) > 1:
            try:
                for steps in self._together(parent, numbers, samples, found, after):
                    yield steps / self.steps
                return
            except Diverged:
                pass  # the first network has, which ends the training of all: each is trained alone
        for place, (number, data) in enumerate(zip(numbers, samples, strict=True)):
            for steps in self._alone(parent, number, data, found, after):
                yield (place + steps / self.steps) / len(numbers)

    def _alone(
        self, parent: Trainer, number: int, data: Data, found: _Found, after: list[int]
    ) -> Iterator[int]:
        """Train a network; yields the steps that it has taken."""
        network = Trainer(
            parent.experiment.of_replica(0),
            device=parent.device,
            limits=parent.limits,
            blobs=parent.blobs,
            data=data,
        )
        predictions, inputs = [], found.predictions.inputs
        try:
            for row, steps in enumerate(after):
                while network.steps_taken < steps:
                    network.step()
                    yield network.steps_taken
                found.put(number, row, network.evaluate())
                predictions.append(found.predictions.of(network.evaluation_network, inputs))
        except Diverged:
            found.diverged += 1
            return
        found.add(torch.stack(predictions), found.predictions.over_the_plane(network.evaluation_network))

    def _together(
        self,
        parent: Trainer,
        numbers: Sequence[int],
        samples: Sequence[Data],
        found: _Found,
        after: list[int],
    ) -> Iterator[int]:
        """Train networks as replicas of one; yields the steps that all have taken. Raises Diverged."""
        trainer = on_samples(parent, samples)
        going = {place: trainer.replica(place) for place in range(len(numbers))}
        predictions: dict[int, list[Tensor]] = {place: [] for place in going}
        for row, steps in enumerate(after):
            while trainer.steps_taken < steps:
                trainer.step()
                yield trainer.steps_taken
            means = trainer.means()
            for place, network in list(going.items()):
                metrics = of_replica(means, place)
                if steps and not are_measured(metrics):
                    del going[place]
                    continue
                found.put(numbers[place], row, metrics)
                predictions[place].append(
                    found.predictions.of(network.evaluation_network, found.predictions.inputs)
                )
        found.diverged += len(numbers) - len(going)
        for place, network in going.items():
            surface = found.predictions.over_the_plane(network.evaluation_network)
            found.add(torch.stack(predictions[place]), surface)


class _Found:
    """What all networks predict, by sums over those that are complete."""

    def __init__(self, study: Resamples, trainer: Trainer, after: list[int]) -> None:
        self._steps = after
        self.predictions = Predictions(trainer, study.resolution)
        pure = noiseless_targets(trainer.data, trainer.experiment.seed, trainer.blobs)
        self._known, self._targets = pure is not None, self.predictions.targets
        self._truth = self._targets if pure is None else self.predictions.numbers(trainer, pure)
        self._losses = torch.full((2, study.networks, len(after)), torch.nan)
        self.count = self.diverged = 0
        #: Sums over the networks, of predictions (rows, samples, k) and of their squares (rows,).
        self._sum: Tensor | None = None
        self._squares = torch.zeros(len(after), dtype=torch.float64)
        self._surfaces: list[Tensor] = []

    def put(self, number: int, row: int, metrics: dict[str, float]) -> None:
        """Set the losses of a network at a row."""
        self._losses[:, number, row] = torch.tensor([metrics["train_loss"], metrics["test_loss"]])

    def add(self, predictions: Tensor, surface: Tensor | None) -> None:
        """Add a complete network: predictions (rows, samples, k), and its surface."""
        self.count += 1
        self._sum = predictions if self._sum is None else self._sum + predictions
        self._squares += mean_square(predictions)
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
            "known": torch.tensor(self._known, dtype=torch.uint8),
            **self._decomposed(),
            **pictures(self._surfaces),
        }

    def _decomposed(self) -> Arrays:
        if self._sum is None:
            nothing = torch.full((len(self._steps),), torch.nan)
            return {name: nothing.clone() for name in ("squared_bias", "variance", "error")}
        mean = self._sum / self.count
        variance = (self._squares / self.count - mean_square(mean)).clamp_min(0)
        return {
            "squared_bias": mean_square(mean - self._truth).float(),
            "variance": variance.float(),
            "error": (mean_square(mean - self._targets) + variance).float(),
        }
