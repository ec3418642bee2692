"""The path of all weights, sent while training goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.path import Path, random_walk_spectrum
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.probes import Arrays, Collector, Picture
from glassnet.engine.random_streams import stream

if TYPE_CHECKING:
    from glassnet.engine.landscape.path import PlaneKind
    from glassnet.engine.training.observed import Observed

PLANES: tuple[PlaneKind, ...] = ("pca", "to_final", "random")

#: The number of principal directions whose share of variance is sent.
DIRECTIONS = 8


class Trajectory(Picture):
    """Trajectory: the path of all weights through training, in planes through the current weights.

    It is recorded while the probe is watched, and from the first step on where the experiment's `collect`
    names it; otherwise what came before is not known, and an unwatched stretch is one long step. At most 200
    points, thinned as the path grows. Arrays: `steps` int32 and `losses` (T,), the true loss at each point,
    of the first samples of the set in evaluation mode; for each plane (`pca`, `to_final`, `random`)
    `PLANE/path` (T, 2), `PLANE/distance` (T,) from the plane, `PLANE/explained` (2,) shares of variance;
    `spectrum` (8,), the share of each principal direction, and `null` (8,), that of a random walk of as many
    points; `error` (1,), the relative standard deviation of squared lengths: zero, unless the network is so
    large that only sketches of its points are kept.
    Li et al. 2018, section 7; Antognini & Sohl-Dickstein 2018.
    """

    kind: Literal["trajectory"] = "trajectory"
    collects: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("The way of all weights in one picture.",),
        cons=("A plane shows little of thousands of dimensions: read its share of variance.",),
        use="To compare optimizers and see detours.",
        example=Example(
            "The path is smooth with Adam and ragged with a large rate.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "A smooth curve in the plane of PCA shows structure.",
                "A random walk gives the same: compare with the null.",
            ),
        ),
        shows=(
            "losses@steps",
            "pca/path",
        ),
    )
    set: Literal["train", "test"] = option("train", "The set whose loss colours the points.")
    samples: int = option(500, "The most samples of the loss.", ge=1, le=10_000)

    def prepare(self, trainer: Observed) -> _Watcher:
        return _Watcher(self, trainer)


class _Watcher(Collector):
    def __init__(self, probe: Trajectory, trainer: Observed) -> None:
        self._probe, self._trainer = probe, trainer
        self._objective = Objective(trainer, probe.set, probe.samples)
        self._weights = Weights(self._objective.network)
        drawn = int(stream(trainer.experiment.seed, "trajectory").initial_seed())
        self.path = Path(self._weights.size, drawn)

    def switch_trainer(self, trainer: Observed) -> bool:
        self._trainer, self._objective = trainer, Objective(trainer, self._probe.set, self._probe.samples)
        shapes, self._weights = self._weights.shapes, Weights(self._objective.network)
        if self.path.steps and trainer.steps_taken < self.path.steps[-1]:
            self.path.clear()
        return self._weights.shapes == shapes

    @torch.no_grad()
    def collect(self) -> None:
        step = self._trainer.steps_taken
        if self.path.wants(step):
            self._objective.follow(self._trainer)
            point = self._weights.vector(dict(self._objective.network.named_parameters()))
            self.path.add(step, point.cpu().float(), float(self._objective.value()))

    @torch.no_grad()
    def __call__(self) -> Arrays:
        self.collect()
        path = self.path
        arrays: Arrays = {
            "steps": torch.tensor(path.steps, dtype=torch.int32),
            "losses": torch.tensor(path.losses, dtype=torch.float32),
            "null": torch.from_numpy(random_walk_spectrum(len(path), DIRECTIONS)).float(),
            "error": torch.tensor([path.sketch.error if path.sketch else 0.0]),
        }
        for plane in PLANES:
            arrays |= self._seen(plane)
        return arrays

    def _seen(self, plane: PlaneKind) -> Arrays:
        try:
            view = self.path.view(plane)
        except ValueError:  # too short yet, or nothing has moved
            return {f"{plane}/path": torch.zeros(len(self.path), 2)}
        spectrum = torch.zeros(DIRECTIONS)
        spectrum[: len(view.spectrum)] = view.spectrum[:DIRECTIONS].float()
        return {
            f"{plane}/path": view.coordinates.float(),
            f"{plane}/distance": view.distance.float(),
            f"{plane}/explained": view.explained.float(),
            "spectrum": spectrum,
        }

    def kept(self) -> dict[str, Tensor]:
        """The path in each plane, and the planes: `PLANE/axes` (2, parameters).

        Where only sketches are kept, the random plane alone.
        """
        if not len(self.path):
            return {}
        kept = {
            "steps": torch.tensor(self.path.steps, dtype=torch.int32),
            "losses": torch.tensor(self.path.losses, dtype=torch.float32),
            "null": torch.from_numpy(random_walk_spectrum(len(self.path), DIRECTIONS)).float(),
            "last": self.path.last,
        }
        for plane in PLANES:
            try:
                axes = self.path.axes(self.path.view(plane).combination)
            except ValueError:  # too short yet, or too large to be kept whole
                continue
            kept |= self._seen(plane) | {f"{plane}/axes": axes}
        return kept

    def memory(self) -> dict[str, Tensor]:
        """The path's points, steps and losses; empty where only sketches are kept."""
        return self.path.state() if len(self.path) else {}

    def remember(self, memory: dict[str, Tensor]) -> None:
        """Restore a saved path."""
        self.path.load(memory)
