"""The loss landscape around the current weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.errors import CheckpointError, InvalidCommand
from glassnet.engine.landscape.directions import Normalizing
from glassnet.engine.landscape.evaluate import Evaluator
from glassnet.engine.landscape.grid import COARSE, Grid
from glassnet.engine.landscape.methods import SlicedObjective
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.plane import SliceView, path_view, random_view, view_between
from glassnet.engine.landscape.sharpness import Hessian, edge_of_stability, largest_eigenvalue
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.network import planner
from glassnet.engine.network.plan import Plan
from glassnet.engine.probes import Arrays
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training import checkpoint

if TYPE_CHECKING:
    from glassnet.engine.experiment.experiment import Experiment
    from glassnet.engine.training.observed import Observed

#: Billions of multiply-adds per second of one core, roughly, for the estimate of time.
RATE = 20

#: Seconds between two frames.
EVERY = 0.2

#: The products with the Hessian for the sharpness.
PRODUCTS = 30

#: The training samples for recomputing batch norm's averages.
CALIBRATED_ON = 512


class Landscape(NetworkStudy):
    """Loss landscape: the loss along one or two directions in weight space, around the network.

    Random directions are Gaussian with each filter scaled to the length of the network's, and do not change
    biases and batch norm; the plane of the path is that of the recorded trajectory; between checkpoints, 0
    is the current network and 1 the checkpoint. Batch norm is in evaluation mode with its current running
    averages. Refined from coarse to fine. Arrays: `losses` float32 (y, x) or (x,), interpolated where
    `known` uint8 is 0; `x`, `y` the coefficients; `centre` (1,) the network's own loss; `sharpness` (1,)
    with `limit` (1,) 2/η and `edge` (1,) when the grid is complete; `path` (T, 2), `path.losses`,
    `path.steps`, `path.distance`, `explained` (2,) and `null`; `marks` (points, dimensions) of the
    checkpoints. Li et al. 2018, "Visualizing the loss landscape of neural nets".
    """

    kind: Literal["landscape"] = "landscape"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Curvature and width around a network can be seen.",),
        cons=("Two directions of thousands: a picture, no proof.",),
        use="To compare flat and sharp minima.",
        example=Example(
            "The centre is the network itself; widen the view until the walls are seen.",
            preset="circle",
        ),
        shows=("losses",),
    )
    directions: Literal["random", "path", "checkpoints"] = option(
        "random", "The directions: random, in the plane of the recorded trajectory, or to checkpoints."
    )
    plane: Literal["pca", "to_final", "random"] = option("pca", "The plane of the trajectory.")
    checkpoints: list[Annotated[str, Field(max_length=80)]] = option(
        [], "One or two checkpoints of the run as directions; two span a plane.", max_length=2
    )
    dimensions: int = option(2, "Along a line: 1; over a plane: 2.", ge=1, le=2)
    span: float = option(
        1.0,
        "The extent: in lengths of the weights, or as a factor of the path's extent.",
        gt=0,
        le=100,
        log=True,
    )
    resolution: int = option(
        41, "Points along one side; odd numbers have one in the middle.", ge=COARSE, le=301
    )
    set: Literal["train", "test"] = option("train", "The set of the loss.")
    samples: int = option(500, "The most samples of the loss.", ge=1, le=50_000)
    seed: int = option(0, "The seed of random directions.", ge=0, le=2**53 - 1)
    normalize: Normalizing = option(
        "filter", "The parts of a random direction that are scaled to the length of the weights."
    )
    recalibrate: bool = option(
        False, "Recompute batch norm's averages at every point, from training samples; slow."
    )
    sharpness: bool = option(True, "Also compute the largest eigenvalue of the Hessian.")
    budget: float = option(
        500.0, "The limit of the cost.", unit="billion multiply-adds", gt=0, le=1e6, log=True
    )

    def check(self, plan: Plan) -> None:
        if self.directions == "checkpoints" and len(self.checkpoints) != self.dimensions:
            raise ValueError(
                f"{len(self.checkpoints)} checkpoints; expected {self.dimensions} to look along "
                f"{'a line' if self.dimensions == 1 else 'two directions'}"
            )

    def check_experiment(self, experiment: Experiment) -> None:
        points, data = self.resolution**self.dimensions, experiment.data
        samples = min(self.samples, data.trained if self.set == "train" else data.held_out)
        cost = points * samples * planner.plan(experiment).macs / 1e9
        if cost > self.budget:
            raise InvalidCommand.at(
                "/study/budget",
                f"{points:,} points on {samples:,} samples take {_amount(cost)} billion multiply-adds, "
                f"{_time_words(cost / RATE)} on one core; expected at most {_amount(self.budget)} billion: "
                "choose a lower resolution or fewer samples, or allow a larger budget",
            )

    def compute(self, trainer: Observed, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        self.check(trainer.plan)
        self.check_experiment(trainer.experiment)
        objective = Objective(trainer, self.set, self.samples)
        view = self._view(trainer, objective, history)
        grid = Grid(view.ranges, self.resolution)
        arrays: Arrays = {
            name: torch.from_numpy(axis).float() for name, axis in zip("xy", grid.axes, strict=False)
        }
        arrays |= view.marks
        with torch.no_grad():
            arrays["centre"] = objective.value().float().reshape(1).cpu()
        recalibrate = _Recalibration(trainer) if self.recalibrate else None
        evaluator = Evaluator(SlicedObjective(objective, view.through), recalibrate)
        points = grid.points.to(trainer.device, trainer.dtype)
        # The eigenvalue comes last, and counts as a few points.
        share = 0.98 if self.sharpness else 1.0
        due = time.monotonic()
        for losses in evaluator.losses(points):
            grid.put(losses)
            if time.monotonic() >= due or grid.done == 1:
                yield StudyFrame(share * grid.done, arrays | _picture(grid))
                due = time.monotonic() + EVERY
        if self.sharpness:
            arrays |= self._sharpness(trainer)
            yield StudyFrame(1.0, arrays | _picture(grid))

    def _view(self, trainer: Observed, objective: Objective, history: History) -> SliceView:
        weights = Weights(objective.network)
        parameters = dict(objective.network.named_parameters())
        origin = weights.vector(parameters)
        match self.directions:
            case "random":
                generator = stream(self.seed, "landscape")
                return random_view(weights, parameters, self.dimensions, self.span, self.normalize, generator)
            case "path":
                return path_view(origin, self.plane, history.collected, self.dimensions, self.span)
            case "checkpoints":
                points = [
                    _checkpoint(history, name, weights).to(trainer.device, trainer.dtype)
                    for name in self.checkpoints
                ]
                return view_between(origin, points, self.span)

    def _sharpness(self, trainer: Observed) -> Arrays:
        objective = Objective(trainer, self.set, self.samples)
        hessian = Hessian.of(objective)
        start = torch.randn(hessian.size, generator=stream(self.seed, "sharpness"), dtype=trainer.dtype)
        value, _, _ = largest_eigenvalue(hessian, start.to(trainer.device), PRODUCTS)
        group = trainer.groups[0]
        rate = float(group.rate)
        return {
            "sharpness": torch.tensor([value]),
            "limit": torch.tensor([2 / rate if rate else torch.inf]),
            "edge": torch.tensor([edge_of_stability(group.optimizer, rate)]),
        }


class _Recalibration:
    """A function that recomputes batch norm's averages for the weights of a point.

    Izmailov et al. 2018 do this for averaged weights, whose activation statistics are not known.
    """

    def __init__(self, trainer: Observed) -> None:
        self._inputs = trainer.data.train.inputs[:CALIBRATED_ON]

    def __call__(self, network: nn.Module) -> None:
        norms = [
            module
            for module in network.modules()
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.track_running_stats
        ]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the cumulative mean over all batches
            norm.train()
        network(self._inputs)
        for norm in norms:
            norm.eval()


def _checkpoint(history: History, name: str, weights: Weights) -> Tensor:
    """A checkpoint's weights as one vector. Raises ValueError where there is none of this network."""
    if history.checkpoints is None:
        raise ValueError("there is no run here to have checkpoints; expected random directions")
    try:
        _, state = checkpoint.read_first(history.checkpoints, name)
    except CheckpointError as error:
        raise ValueError(str(error)) from None
    prefix = "parameters/"
    found = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    if {key: value.shape for key, value in found.items()} != weights.shapes:
        raise ValueError(f"checkpoint '{name}' is of another network; expected this network's weights")
    return weights.vector(found)


def _picture(grid: Grid) -> Arrays:
    return {"losses": torch.from_numpy(grid.values.copy()), "known": torch.from_numpy(grid.known)}


def _amount(billions: float) -> str:
    return f"{billions:,.0f}" if billions >= 10 else f"{billions:.2g}"


def _time_words(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"some {seconds:.0f} seconds"
    return f"some {seconds / 60:.0f} minutes" if seconds < 5400 else f"some {seconds / 3600:.1f} hours"
