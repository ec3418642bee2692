"""Loss landscapes against the plain loop: a state dictionary for each point, load it, forward, loss."""

from __future__ import annotations

import copy
import hashlib
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional

from bench.compare import compare
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.image_import import Collection
from glassnet.engine.landscape.directions import random_direction
from glassnet.engine.landscape.evaluate import Evaluator
from glassnet.engine.landscape.grid import Grid
from glassnet.engine.landscape.methods import Slice, SlicedObjective
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.training.trainer import Trainer

SIDE = 51


def main() -> Iterator[str]:
    """A line for each network: points a second, what was chosen, ratio to the loop, greatest difference."""
    for name, trainer, samples, wanted in (
        ("2-8-8-2", _spiral(), 500, 5),
        ("784-128-10", _pictures(), 500, 0.95),
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
        evaluator = Evaluator(SlicedObjective(objective, Slice(origin, axes)))
        losses = torch.cat(list(evaluator.losses(points)))
        chosen.append(evaluator.chosen)
        return losses

    loop = _loop(trainer, directions, points, samples)
    theirs = loop()
    # Of a loss above one, its share: far from the network losses are large, and float32 has seven digits.
    difference = float(((ours() - theirs).abs() / theirs.abs().clamp_min(1)).max())
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
    """The handwritten digits of scikit-learn, drawn as large as MNIST's: they need no download."""
    nodes = [
        {"kind": "flatten"},
        {"kind": "linear", "units": 128},
        {"kind": "relu"},
        {"kind": "linear", "units": None},
    ]
    digits = load_digits()
    images = torch.from_numpy(digits.images).float()[:, None] * (255 / 16)
    enlarged = functional.interpolate(images, size=(28, 28), mode="bilinear").round().to(torch.uint8)
    names = [str(name) for name in digits.target_names]
    blob = Collection(enlarged.numpy(), digits.target, names).packed()
    digest = hashlib.sha256(blob).hexdigest()
    shown = {"names": names, "size": 28, "channels": 1, "pictures": len(enlarged)}
    data = {"kind": "own_images", "blob": f"sha256:{digest}", **shown}
    document = {"data": data, "network": nodes, "training": {"batch_size": 64}}
    with TemporaryDirectory() as folder:
        file = Path(folder) / digest[:2] / digest
        file.parent.mkdir()
        file.write_bytes(blob)
        return _trained(Trainer(Experiment.parse(document), blobs=Blobs(Path(folder))))


def _trained(trainer: Trainer) -> Trainer:
    for _ in range(50):
        trainer.step()
    return trainer
