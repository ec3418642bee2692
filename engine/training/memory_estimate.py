"""The estimated memory of a run, from its plan, before anything is built."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.graph import is_frozen, matches
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.checkpoint import LARGE
from glassnet.engine.training.evaluator import EVALUATION_BATCH, EVALUATION_NUMBERS

#: Bytes of a worker without a network: Python, torch and its kernels.
BASE = 320 << 20

#: The factor on a batch's activations: gradients of the backward pass are as large.
PASSES = 1.5


@dataclass(frozen=True)
class MemoryEstimate:
    """The peak memory of a run in bytes, by part."""

    base: int
    #: Parameters, gradients (twice: as computed and as collected), the last updates, where a probe of the
    #: experiment follows them, and optimizer state.
    parameters: int
    #: The recovery copy of the state, and the best state, where they are in memory.
    copies: int
    #: The activations of one batch, in training or in evaluation.
    activations: int
    #: The samples.
    data: int

    @property
    def total(self) -> int:
        return self.base + self.parameters + self.copies + self.activations + self.data


def estimate(experiment: Experiment, plan: Plan) -> MemoryEstimate:
    """The estimated memory of training an experiment on the CPU, within about a third."""
    width = _width(experiment)
    moved = slots = 0
    for update in experiment.training.updates:
        mine = sum(
            placed.parameters
            for placed in plan.nodes
            if matches(update.nodes, placed.name) and not is_frozen(placed.name, experiment.training.frozen)
        )
        moved += mine
        # An update over several batches also keeps the sum of their gradients.
        slots += mine * (len(update.optimizer.slots) + (update.every > 1))
    state = (plan.parameters + slots) * width * experiment.training.replicas
    replicas = experiment.training.replicas
    follows = any(probe.follows_updates for probe in (*experiment.watch, *experiment.collect))
    return MemoryEstimate(
        BASE,
        state + (2 + follows) * moved * width * replicas,
        0 if state > LARGE else 2 * state,
        activations(experiment, plan, experiment.training.batch_size),
        _samples(experiment, width) * replicas,
    )


def activations(experiment: Experiment, plan: Plan, batch_size: int) -> int:
    """The bytes of activations of one training batch, or of an evaluation batch where that is more."""
    count = experiment.data.count
    looked_at = max(1, min(EVALUATION_BATCH, EVALUATION_NUMBERS // max(plan.activations, 1), count))
    replicas = experiment.training.replicas
    together = max(1, min(looked_at, EVALUATION_NUMBERS // max(plan.activations * replicas, 1))) * replicas
    most = max(PASSES * min(batch_size, count) * replicas, looked_at, together)
    return round(most * plan.activations * _width(experiment))


def _width(experiment: Experiment) -> int:
    return 8 if experiment.training.precision == "float64" else 4


def _samples(experiment: Experiment, width: int) -> int:
    """The bytes of the samples: as loaded, split into sets, and as the network's inputs."""
    data = experiment.data
    numbers = data.count * math.prod(data.shape)
    if data.family == "masks":
        numbers += data.count * math.prod(data.shape[1:])
    return numbers * (2 if data.whole_numbers else 8 + width)
