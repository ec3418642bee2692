"""Warm starts: layer-wise pre-training, and weights of a smaller network, against a cold start."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Panel, option
from glassnet.engine.errors import Diverged, InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.studies.layer_stack import LayerStack
from glassnet.engine.training.trainer import Trainer

#: The starts that are compared.
STARTS = ("cold", "layer_wise", "grown")

#: Seconds between two frames.
EVERY = 0.25

State = dict[str, Tensor]


class WarmStart(NetworkStudy):
    """Warm starts: the network trained from pre-trained weights, and from its own first ones.

    Of a chain of H hidden layers. `cold` begins with the initial weights. `layer_wise`: one hidden layer
    after the other is trained below an output of its own, those below it fixed, then the whole network
    (greedy supervised pre-training, Bengio et al. 2007, section 4.3). `grown`: a network of the first half
    of the layers is trained, and the whole one starts with its weights wherever name and shape are the same,
    as VGG's deeper networks did from configuration A (Simonyan & Zisserman 2015, section 3.1). Both have
    H − 1 times `pretraining` steps before, which count: curves are over the steps of all networks of a start.
    Arrays: `steps` int32 (rows,), `before` int32 (), the steps before the whole network; for each start and
    each series of an evaluation `START.SERIES` float32 (rows,), such as `layer_wise.train_loss`, of the whole
    network, NaN where it does not train yet, or diverged; `START.taken` int32 (), the numbers of weights
    that it began with from elsewhere.
    """

    kind: Literal["warm_start"] = "warm_start"
    panel = Panel("Warm start", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("All starts have as many steps, those of pre-training included.",),
        cons=("One seed. Better initialisation and batch norm made it unnecessary for most networks.",),
        use="To see how deep networks were trained before, and what a trained part is worth.",
        example=Example(
            "Eight sigmoid layers, whose gradient vanishes: which start gets below the loss of a guess?",
            preset="digits-eight-sigmoids",
            claim={
                "metric": "layer_wise.train_loss",
                "op": "<",
                "than": {"metric": "cold.train_loss", "times": 0.5},
            },
        ),
        shows=("cold.train_loss@steps", "layer_wise.train_loss@steps", "grown.train_loss@steps"),
    )
    pretraining: int = option(100, "The steps of each layer's pre-training.", unit="steps", ge=1, le=10**5)
    steps: int = option(300, "The steps of the whole network after it.", unit="steps", ge=1, le=10**6)
    rows: int = option(40, "The number of evaluations.", ge=2, le=200)

    def check_experiment(self, experiment: Experiment) -> None:
        try:
            stack = LayerStack(experiment)
            for count in range(1, len(stack.layers)):
                stack.up_to(count)
        except ValueError as error:
            raise InvalidCommand.at("/study", str(error)) from None

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        stack = LayerStack(trainer.experiment)
        before = self.pretraining * (len(stack.layers) - 1)
        last = before + self.steps
        found = _Found(np.unique(np.linspace(0, last, self.rows + 1).astype(np.int32)).tolist(), before)
        due = time.monotonic()
        for number, start in enumerate(STARTS):
            for taken in self._started(start, stack, trainer, found):
                if time.monotonic() >= due:
                    yield StudyFrame((number + taken / last) / len(STARTS), found.arrays())
                    due = time.monotonic() + EVERY
        yield StudyFrame(1.0, found.arrays())

    def _started(self, start: str, stack: LayerStack, parent: Trainer, found: _Found) -> Iterator[int]:
        """Pre-train and train the networks of a start; yields the steps taken by all of them."""
        try:
            weights: State = {}
            offset = 0
            for experiment, steps in self._stages(start, stack):
                smaller = _network(experiment, parent)
                take(smaller, weights)
                for taken in _steps(smaller, steps):
                    yield offset + taken
                offset += steps
                weights = _weights(smaller, stack.of_head if start == "layer_wise" else lambda _: False)
            whole = _network(parent.experiment, parent)
            found.taken[start] = take(whole, weights)
            for row, step in enumerate(found.steps):
                if step >= offset:
                    for taken in _steps(whole, step - offset):
                        yield offset + taken
                    found.put(start, row, whole.evaluate())
        except Diverged:
            return

    def _stages(self, start: str, stack: LayerStack) -> Iterator[tuple[Experiment, int]]:
        """The networks that are trained before the whole one, with the steps of each."""
        depth = len(stack.layers)
        if start == "layer_wise":
            for count in range(1, depth):
                yield stack.up_to(count, last_alone=True), self.pretraining
        if start == "grown":
            yield stack.up_to((depth + 1) // 2), self.pretraining * (depth - 1)


class _Found:
    """The rows of each start."""

    def __init__(self, steps: list[int], before: int) -> None:
        self.steps, self._before = steps, before
        self.taken: dict[str, int] = {}
        self._series: dict[str, Tensor] = {}

    def put(self, start: str, row: int, metrics: Mapping[str, float]) -> None:
        """Set the metrics of a start at a row."""
        for name, value in metrics.items():
            series = self._series.setdefault(f"{start}.{name}", torch.full((len(self.steps),), torch.nan))
            series[row] = value

    def arrays(self) -> Arrays:
        """The arrays so far (see WarmStart)."""
        return {
            "steps": torch.tensor(self.steps, dtype=torch.int32),
            "before": torch.tensor(self._before, dtype=torch.int32),
            **{
                f"{start}.taken": torch.tensor(count, dtype=torch.int32)
                for start, count in self.taken.items()
            },
            **{name: series.clone() for name, series in self._series.items()},
        }


def _network(experiment: Experiment, parent: Trainer) -> Trainer:
    return Trainer(
        experiment, device=parent.device, limits=parent.limits, blobs=parent.blobs, share_data_with=parent
    )


def _steps(trainer: Trainer, until: int) -> Iterator[int]:
    """Train up to a step; yields the steps taken."""
    while trainer.steps_taken < until:
        trainer.step()
        yield trainer.steps_taken


def _weights(trainer: Trainer, but: Callable[[str], bool]) -> State:
    """Parameters and buffers of a network by name, but for some."""
    state = trainer.state()
    return {
        name: tensor
        for name, tensor in state.items()
        if name.startswith(("parameters/", "buffers/")) and not but(name)
    }


def take(trainer: Trainer, weights: State) -> int:
    """Start a network with the tensors that have a name and shape of its own; returns how many numbers."""
    own = trainer.state()
    fitting = {
        name: tensor for name, tensor in weights.items() if name in own and own[name].shape == tensor.shape
    }
    trainer.load({**own, **fitting})
    return sum(tensor.numel() for tensor in fitting.values())
