"""Loss landscapes against the plain loop: a state dictionary for each point, load it, forward, loss."""

from __future__ import annotations

import copy
import statistics
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from bench.compare import compare
from engine.landscape.directions import random_direction
from engine.landscape.evaluate import Evaluator
from engine.landscape.grid import Grid
from engine.landscape.methods import Slice, Sliced
from engine.landscape.objective import Objective
from engine.landscape.weights import Weights
from engine.spec import Experiment
from engine.trainer import Trainer

SIDE = 51


def main() -> Iterator[str]:
    """A line for each network: points a second, what was chosen, ratio to the loop, greatest difference."""
    for name, trainer, samples, wanted in (
        ("2-8-8-2", _spiral(), 500, 5),
        ("784-128-8", _pictures(), 500, 0.95),
    ):
        yield _measured(name, trainer, samples, wanted)


def _measured(name: str, trainer: Trainer, samples: int, wanted: float) -> str:
    chosen: list[str] = []
    points = Grid([(-1, 1), (-1, 1)], SIDE).points
    directions = _directions(trainer)

    def ours() -> Tensor:
        """From the trainer to all losses: copying, sharing the first layer and measuring chunks included."""
        objective = Objective(trainer, "train", samples)
        weights = Weights(objective.network)
        origin = weights.vector(dict(objective.network.named_parameters()))
        axes = torch.stack([weights.vector(direction) for direction in directions])
        evaluator = Evaluator(Sliced(objective, Slice(origin, axes)))
        losses = torch.cat(list(evaluator.losses(points)))
        chosen.append(evaluator.chosen)
        return losses

    loop = _loop(trainer, directions, points, samples)
    difference = float((ours() - loop()).abs().max())
    result = compare(ours, loop, rounds=5, seconds=0.0001)
    rate = len(points) / statistics.median(result.ours)
    return (
        f"landscape {SIDE}×{SIDE}  {name:<10} {rate:7.0f} points/s ({statistics.mode(chosen)})   "
        f"{result.ratio:.2f}× the loop (at least {wanted}), equal to {difference:.0e}"
    )


def _directions(trainer: Trainer) -> list[dict[str, Tensor]]:
    parameters = {name: tensor.detach() for name, tensor in trainer.network.named_parameters()}
    generator = torch.Generator().manual_seed(0)
    return [random_direction(parameters, generator) for _ in range(2)]


def _loop(
    trainer: Trainer, directions: list[dict[str, Tensor]], points: Tensor, samples: int
) -> Callable[[], Tensor]:
    objective = Objective(trainer, "train", samples)
    network, part = copy.deepcopy(objective.network), objective.parts[0]
    start = {name: tensor.clone() for name, tensor in network.state_dict().items()}

    @torch.no_grad()
    def run() -> Tensor:
        losses = []
        for a, b in points.tolist():
            moved = {
                name: tensor + a * directions[0][name] + b * directions[1][name]
                for name, tensor in start.items()
            }
            network.load_state_dict(moved)
            losses.append(objective.compare(network(part.inputs), part.targets))
        return torch.stack(losses)

    return run


def _spiral() -> Trainer:
    dense = {"kind": "linear", "units": 8}
    nodes = [dense, {"kind": "tanh"}, dense, {"kind": "tanh"}, {"kind": "linear", "units": None}]
    document = {"data": {"kind": "spiral", "samples": 1000}, "network": nodes}
    return _trained(Trainer(Experiment.parse(document)))


def _pictures() -> Trainer:
    """Pictures of the size of MNIST's, of eight classes: they need no download."""
    nodes = [
        {"kind": "flatten"},
        {"kind": "linear", "units": 128},
        {"kind": "relu"},
        {"kind": "linear", "units": None},
    ]
    document = {"data": {"kind": "gratings", "size": 28}, "network": nodes, "training": {"batch_size": 64}}
    return _trained(Trainer(Experiment.parse(document)))


def _trained(trainer: Trainer) -> Trainer:
    for _ in range(50):
        trainer.step()
    return trainer
