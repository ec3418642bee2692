"""Training against a bare PyTorch loop.

*Visible epoch*: 25 steps of batch 10 with shuffling and loss recording, then a frame of the surface and
100×100 heatmaps of every unit. The bare loop does the 25 steps and nothing else: `nn.Sequential`,
`MSELoss`, default `torch.optim.SGD`, `zero_grad`, `backward`, `step` on slices.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from bench.compare import compare
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import encode
from glassnet.engine.probes.surface import Surface
from glassnet.engine.training.trainer import Trainer

STEPS = 25

#: Points along a side of the heatmaps that the page asks for where a column has many units.
PAGE = 60

MLPS = {"2-4-2-1": ([4, 2], 1.2), "2-8-8-8-1": ([8, 8, 8], 0.95), "2-64-64-1": ([64, 64], 0.9)}


def main() -> Iterator[str]:
    """A line for each measurement: visible epochs a second, ratio to the bare loop, the ratio wanted."""
    for name, (hidden, wanted) in MLPS.items():
        trainer = Trainer(_mlp(hidden))
        result = compare(_visible_epoch(trainer), bare_loop(trainer, nn.MSELoss(), STEPS))
        rate = 1 / statistics.median(result.ours)
        ratio = f"{result.ratio:.2f}× the bare loop (at least {wanted})"
        yield f"visible epochs  {name:<10} {rate:6.0f}/s   {ratio}"
        steps = compare(partial(take_steps, trainer, STEPS), bare_loop(trainer, nn.MSELoss(), STEPS))
        rate = 1 / statistics.median(steps.ours)
        yield f"training alone  {name:<10} {rate:6.0f}/s   {steps.ratio:.2f}× the bare loop"
    trainer = Trainer(_mlp([64, 64]))
    result = compare(_visible_epoch(trainer, PAGE), bare_loop(trainer, nn.MSELoss(), STEPS))
    rate = 1 / statistics.median(result.ours)
    ratio = f"{result.ratio:.2f}× the bare loop (at least 1)"
    yield f"  at {PAGE}×{PAGE}       2-64-64-1  {rate:6.0f}/s   {ratio}"
    for batch_size in (20, 128):
        trainer = Trainer(digits_cnn(batch_size))
        result = compare(partial(take_steps, trainer, 10), bare_loop(trainer, nn.CrossEntropyLoss(), 10))
        rate = 10 * batch_size / statistics.median(result.ours)
        yield (
            f"digits CNN      batch {batch_size:<4} {rate:6.0f} samples/s   "
            f"{result.ratio:.2f}× the bare loop (at least 0.95)"
        )
    trainer = Trainer(_two_players())
    result = compare(partial(take_steps, trainer, STEPS), _bare_turns(trainer, STEPS))
    rate = STEPS / statistics.median(result.ours)
    yield f"two updates     2-32-2    {rate:7.0f} steps/s {result.ratio:.2f}× the bare loop (at least 1)"


def _visible_epoch(trainer: Trainer, resolution: int = 100) -> Callable[[], object]:
    look = Surface(resolution=resolution).prepare(trainer)

    def epoch() -> bytes:
        take_steps(trainer, STEPS)
        trainer.take_loss()
        return encode({}, look())

    return epoch


def take_steps(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        trainer.step()


def bare_loop(trainer: Trainer, criterion: nn.Module, steps: int) -> Callable[[], object]:
    """The same network and data in the plainest loop; it starts over when the data end."""
    modules = [placed.item.call(placed.context).build() for placed in trainer.plan.nodes]
    network = nn.Sequential(*modules)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.03)
    inputs, targets = trainer.data.train.inputs[:].clone(), _plain_targets(trainer)
    size = trainer.order.batch_size
    starts = [i % (len(inputs) // size) * size for i in range(steps)]

    def run() -> None:
        for start in starts:
            optimizer.zero_grad()
            loss = criterion(network(inputs[start : start + size]), targets[start : start + size])
            loss.backward()
            optimizer.step()

    return run


def _plain_targets(trainer: Trainer) -> Tensor:
    task, data = trainer.experiment.task, trainer.experiment.data
    targets: Tensor = task.targets(task.losses[0], data).build(targets=trainer.data.train.targets)
    return targets


def _mlp(hidden: list[int]) -> Experiment:
    nodes: list[dict[str, Any]] = []
    for units in [*hidden, None]:
        nodes += [{"kind": "linear", "units": units}, {"kind": "tanh"}]
    return Experiment.parse(
        {
            "data": {"kind": "spiral"},
            "task": {"kind": "classification", "losses": [{"kind": "mse"}]},
            "network": nodes,
            "training": {"updates": [{"optimizer": {"kind": "sgd", "learning_rate": 0.03}}]},
        }
    )


def _two_players() -> Experiment:
    """A maker and a critic that pull against each other, each with an update of its own, on points."""
    losses = [
        {"kind": "cross_entropy", "name": "critic"},
        {"kind": "cross_entropy", "name": "maker", "label_smoothing": 0.9},
    ]
    adam = {"kind": "adam", "learning_rate": 0.001}
    return Experiment.parse(
        {
            "data": {"kind": "spiral"},
            "task": {"kind": "classification", "losses": losses},
            "network": [
                {"kind": "linear", "name": "maker1", "units": 32},
                {"kind": "relu"},
                {"kind": "linear", "name": "maker2", "units": 2},
                {"kind": "linear", "name": "critic1", "units": 32},
                {"kind": "relu"},
                {"kind": "linear", "name": "critic2", "units": None},
            ],
            "training": {
                "batch_size": 32,
                "last_batch": "drop",
                "updates": [
                    {"nodes": "critic*", "losses": ["critic"], "optimizer": adam},
                    {"nodes": "maker*", "losses": ["maker"], "optimizer": adam},
                ],
            },
        }
    )


def _bare_turns(trainer: Trainer, steps: int) -> Callable[[], object]:
    """The same two updates in the plainest loop, each with a forward and a backward pass of its own."""
    modules = [placed.item.call(placed.context).build() for placed in trainer.plan.nodes]
    maker, critic = nn.Sequential(*modules[:3]), nn.Sequential(*modules[3:])
    turns = [
        (torch.optim.Adam(player.parameters(), lr=0.001), list(player.parameters()), criterion)
        for player, criterion in (
            (critic, nn.CrossEntropyLoss()),
            (maker, nn.CrossEntropyLoss(label_smoothing=0.9)),
        )
    ]
    inputs, targets = trainer.data.train.inputs[:].clone(), _plain_targets(trainer)
    size = trainer.order.batch_size
    starts = [i % (len(inputs) // size) * size for i in range(steps)]

    def run() -> None:
        for start in starts:
            for optimizer, own, criterion in turns:
                optimizer.zero_grad()
                loss = criterion(critic(maker(inputs[start : start + size])), targets[start : start + size])
                loss.backward(inputs=own)
                optimizer.step()

    return run


def digits_cnn(batch_size: int) -> Experiment:
    """ConvNetJS's digits network: two convolutions of 5×5, each pooled, and a softmax."""
    convolution = {"kind": "conv2d", "kernel": 5, "padding": 2}
    return Experiment.parse(
        {
            "data": {"kind": "digits"},
            "network": [
                {**convolution, "filters": 8},
                {"kind": "relu"},
                {"kind": "max_pool2d"},
                {**convolution, "filters": 16},
                {"kind": "relu"},
                {"kind": "max_pool2d"},
                {"kind": "flatten"},
                {"kind": "linear", "units": None},
            ],
            "training": {
                "batch_size": batch_size,
                "updates": [{"optimizer": {"kind": "sgd", "learning_rate": 0.03}}],
            },
        }
    )
