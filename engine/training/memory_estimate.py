"""How much memory a run will take, from its plan alone, before anything is built."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.graph import matches
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.trainer import EVALUATION_BATCH, EVALUATION_NUMBERS, LARGE

#: What a worker takes before it has a network: Python, torch and its kernels.
BASE = 320 << 20

#: How many times what a batch leaves in the network: also the gradients on their way back.
PASSES = 1.5


@dataclass(frozen=True)
class Need:
    """Bytes that a run takes at its peak, part by part."""

    base: int
    #: Parameters, gradients (twice: as they come and as they are kept) and what optimizers keep.
    parameters: int
    #: The copy to go back to after a divergence, and the best state, where they are in memory.
    copies: int
    #: What one batch leaves, in training or in evaluation.
    activations: int
    #: The samples.
    data: int

    @property
    def total(self) -> int:
        return self.base + self.parameters + self.copies + self.activations + self.data


def estimate(experiment: Experiment, plan: Plan) -> Need:
    """What training an experiment takes on the CPU, within about a third."""
    width = _width(experiment)
    moved = slots = 0
    for update in experiment.training.updates:
        mine = sum(placed.parameters for placed in plan.nodes if matches(update.nodes, placed.name))
        moved += mine
        # Where an update stands for several batches, the sum of their gradients is kept as well.
        slots += mine * (len(update.optimizer.slots) + (update.every > 1))
    state = (plan.parameters + slots) * width
    return Need(
        BASE,
        state + 2 * moved * width,
        0 if state > LARGE else 2 * state,
        activations(experiment, plan, experiment.training.batch_size),
        _samples(experiment, width),
    )


def activations(experiment: Experiment, plan: Plan, batch_size: int) -> int:
    """Bytes that the pass of one batch leaves, or that of an evaluation where that is more."""
    count = experiment.data.count
    looked_at = max(1, min(EVALUATION_BATCH, EVALUATION_NUMBERS // max(plan.activations, 1), count))
    most = max(PASSES * min(batch_size, count), looked_at)
    return round(most * plan.activations * _width(experiment))


def _width(experiment: Experiment) -> int:
    return 8 if experiment.training.precision == "float64" else 4


def _samples(experiment: Experiment, width: int) -> int:
    """Samples as the data set has them, once more split into sets, and as the network gets them."""
    data = experiment.data
    numbers = data.count * math.prod(data.shape)
    return numbers * (2 if data.whole_numbers else 8 + width)
