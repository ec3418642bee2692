"""Channels last against contiguous images, step by step of the same training; and a residual network against
a bare loop.

Processor time, because both run in this process. `memory_layout.py` has its thresholds from here: where the
ratio is above one, channels last is to be chosen.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn

from bench.compare import compare
from bench.training import take_steps
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.memory_layout import memory_format
from glassnet.engine.training import trainer as trainer_module
from glassnet.engine.training.trainer import Trainer

PRESETS = Path(__file__).resolve().parents[1] / "app" / "presets"

#: Presets with convolutions, by the side of their pictures.
TRAINED = (
    "08-digits-convolution",
    "09-digits-residual",
    "42-digits-fifty-layers-residual",
    "40-gratings",
    "20-shapes-convolution",
    "24-lenet5-shapes",
    "23-vgg-shapes",
)

#: Networks of their own on pictures of 32×32.
BUILT: dict[str, dict[str, Any]] = {
    "resnet-18 ×0.25": {"kind": "resnet", "depth": 18, "width": 0.25, "stem": "small"},
    "mobilenet v1 ×0.25": {"kind": "mobilenet_v1", "width": 0.25},
    "googlenet ×0.25": {"kind": "googlenet", "width": 0.25, "stem": "small"},
    "densenet-121 ×0.25": {"kind": "densenet", "width": 0.25, "stem": "small"},
}

FORMATS = torch.channels_last, torch.contiguous_format

STEPS = 3


def main() -> Iterator[str]:
    """A line for each network: the ratio, and what is chosen for it."""
    experiments = {name: _preset(name) for name in TRAINED} | {
        name: on_shapes(node) for name, node in BUILT.items()
    }
    for name, experiment in experiments.items():
        last, contiguous = (
            _with(experiment, form) for form in (torch.channels_last, torch.contiguous_format)
        )
        result = _compare(partial(take_steps, last, STEPS), partial(take_steps, contiguous, STEPS))
        chosen = str(memory_format(last.plan, "cpu", "float32")).removeprefix("torch.")
        yield f"{name:<32} channels last {result:.2f}× contiguous; chosen: {chosen}"
    residual = Trainer(on_shapes(BUILT["resnet-18 ×0.25"]))
    result = _compare(partial(take_steps, residual, STEPS), _bare_loop(residual))
    numbers = sum(parameter.numel() for parameter in residual.network.parameters())
    yield f"residual, {numbers:,} parameters, batch 32: {result:.2f}× the bare loop (at least 1)"


def on_shapes(node: dict[str, Any]) -> Experiment:
    """A network of one node on pictures of 32×32, in batches of 32."""
    data = {"kind": "shapes", "samples": 400, "size": 32}
    return Experiment.parse({"data": data, "network": [node], "training": {"batch_size": 32}})


def _preset(name: str) -> Experiment:
    return Experiment.parse(json.loads((PRESETS / f"{name}.json").read_text()))


def _with(experiment: Experiment, form: torch.memory_format) -> Trainer:
    with mock.patch.object(trainer_module, "memory_format", return_value=form):
        return Trainer(experiment)


def _bare_loop(trainer: Trainer) -> Callable[[], object]:
    """The plainest loop over a copy of a trainer's network."""
    network = copy.deepcopy(trainer.network)
    optimizer, criterion = torch.optim.SGD(network.parameters(), lr=0.03), nn.CrossEntropyLoss()
    train, size = trainer.data.train, trainer.order.batch_size
    inputs, judged = train.inputs[:].clone(), trainer.plan.loss_nodes[0]

    def run() -> None:
        for start in range(0, STEPS * size, size):
            optimizer.zero_grad()
            output = network(inputs[start : start + size])[judged]
            loss = criterion(output, train.targets[start : start + size])
            loss.backward()
            optimizer.step()

    return run


def _compare(ours: Callable[[], object], theirs: Callable[[], object]) -> float:
    return compare(ours, theirs, clock=time.process_time, seconds=0.5, rounds=7).ratio
