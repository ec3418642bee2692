"""Loss landscapes with and without shortcuts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.landscape.evaluate import Evaluator
from glassnet.engine.landscape.grid import Grid
from glassnet.engine.landscape.methods import SlicedObjective
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.plane import random_view
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.probes import Arrays
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import FreeStudy, StudyFrame
from glassnet.engine.training.trainer import Trainer

KINDS = ("plain", "shortcuts")

#: Seconds of one network's turn, and between two frames.
TURN, EVERY = 0.05, 0.2

#: The share of the work that is training.
TRAINING = 0.5


class ShortcutLandscapes(FreeStudy):
    """Landscapes with and without shortcuts: the shapes of the losses of plain and residual networks.

    Two dense networks on the handwritten digits, of the same depth, width, initial weights and batches; one
    has a shortcut over every two layers, y = x + F(x). Both are trained, then the loss around each is
    evaluated in random directions with filters scaled to the weights' length. Arrays, for `plain` and
    `shortcuts`: `KIND/x`, `KIND/y`, `KIND/losses` float32 (y, x) and `KIND/known` uint8; `KIND/curve`
    float32 (rows,) the training loss, `KIND/steps` int32 (rows,), `KIND/accuracy` (1,) of the test set. Li
    et al. 2018, figure 1.
    """

    kind: Literal["shortcut_landscapes"] = "shortcut_landscapes"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The effect of shortcuts, seen.",),
        cons=("Random directions, one seed.",),
        use="To see why residual networks train.",
        example=Example(
            "Without shortcuts the loss around a deep network is rugged.",
            lab="landscapes",
        ),
        shows=(
            "plain/curve@plain/steps",
            "shortcuts/curve@shortcuts/steps",
        ),
    )
    depth: int = option(20, "Dense layers of each network.", ge=2, le=60)
    width: int = option(24, "Units of each layer.", ge=4, le=128)
    activation: Literal["relu", "tanh"] = option("relu", "The activation of each layer.")
    steps: int = option(400, "Steps of training.", unit="steps", ge=0, le=10_000)
    learning_rate: float = option(0.003, "η of Adam.", gt=0, le=1, log=True)
    span: float = option(1.0, "The extent, in lengths of the weights.", gt=0, le=10, log=True)
    resolution: int = option(31, "Points along one side.", ge=5, le=101)
    samples: int = option(300, "Training samples of the loss.", ge=10, le=1400)
    seed: int = option(0, "The seed of weights, batches and directions.", ge=0, le=2**53 - 1)

    def compute(self) -> Iterator[StudyFrame]:
        trainers = {kind: Trainer(self._experiment(kind)) for kind in KINDS}
        arrays: Arrays = {}
        yield from self._trained(trainers, arrays)
        share = TRAINING if self.steps else 0.0
        grids = {kind: Grid([(-self.span, self.span)] * 2, self.resolution) for kind in KINDS}
        work = {kind: self._losses(trainers[kind], grids[kind]) for kind in KINDS}
        due = time.monotonic()
        # Both are refined together, so that they can be compared from the start.
        while work:
            for kind in list(work):
                if next(work[kind], None) is None:
                    del work[kind]
                if time.monotonic() >= due or not work:
                    done = sum(grid.done for grid in grids.values()) / len(grids)
                    yield StudyFrame(share + (1 - share) * done, arrays | _pictures(grids))
                    due = time.monotonic() + EVERY

    def _experiment(self, kind: str) -> Experiment:
        layer: list[dict[str, Any]] = [{"kind": "linear", "units": self.width}, {"kind": self.activation}]
        # The first layer, and one more of an even number, has no shortcut.
        network: list[dict[str, Any]] = [{"kind": "flatten"}, *layer * (1 + self.depth % 2)]
        for _ in range((self.depth - 2) // 2):
            network += [{"kind": "residual", "body": _named(layer * 2)}] if kind == "shortcuts" else layer * 2
        return Experiment.parse(
            {
                "title": f"{self.depth} layers, {kind}",
                "seed": self.seed,
                "data": {"kind": "digits"},
                "task": {"kind": "classification"},
                "network": [*network, {"kind": "linear", "units": None}],
                "training": {
                    "batch_size": 64,
                    "updates": [{"optimizer": {"kind": "adam", "learning_rate": self.learning_rate}}],
                },
            }
        )

    def _trained(self, trainers: dict[str, Trainer], arrays: Arrays) -> Iterator[StudyFrame]:
        """Train both in turns; yields frames with their curves."""
        rows: dict[str, list[tuple[int, float]]] = {kind: [] for kind in trainers}
        left = set(trainers) if self.steps else set()
        while left:
            for kind, trainer in trainers.items():
                if kind not in left:
                    continue
                until = time.perf_counter() + TURN
                try:
                    while trainer.steps_taken < self.steps and time.perf_counter() < until:
                        trainer.step()
                    rows[kind].append((trainer.steps_taken, trainer.take_loss()))
                except Diverged:
                    left.discard(kind)
                if trainer.steps_taken >= self.steps:
                    left.discard(kind)
                arrays[f"{kind}/steps"] = torch.tensor([step for step, _ in rows[kind]], dtype=torch.int32)
                arrays[f"{kind}/curve"] = torch.tensor([loss for _, loss in rows[kind]])
            done = sum(min(trainer.steps_taken, self.steps) for trainer in trainers.values())
            yield StudyFrame(TRAINING * done / (len(trainers) * self.steps), dict(arrays))
        for kind, trainer in trainers.items():
            arrays[f"{kind}/accuracy"] = torch.tensor([trainer.evaluate()["test_accuracy"]])

    def _losses(self, trainer: Trainer, grid: Grid) -> Iterator[bool]:
        objective = Objective(trainer, "train", self.samples)
        parameters = dict(objective.network.named_parameters())
        generator = stream(self.seed, "landscape")
        view = random_view(Weights(objective.network), parameters, 2, self.span, "filter", generator)
        for losses in Evaluator(SlicedObjective(objective, view.through)).losses(
            grid.points.to(trainer.dtype)
        ):
            grid.put(losses)
            yield True


def _named(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The nodes of a body with unique names."""
    return [{**node, "name": f"{node['kind']}{index}"} for index, node in enumerate(nodes)]


def _pictures(grids: dict[str, Grid]) -> Arrays:
    arrays: Arrays = {}
    for kind, grid in grids.items():
        arrays |= {
            f"{kind}/x": torch.from_numpy(grid.axes[0]).float(),
            f"{kind}/y": torch.from_numpy(grid.axes[1]).float(),
            f"{kind}/losses": torch.from_numpy(grid.values.copy()),
            f"{kind}/known": torch.from_numpy(grid.known),
        }
    return arrays
