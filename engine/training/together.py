"""Trainings of one experiment that differ in seeds or samples alone, as replicas of one trainer.

A step of a small network is calls of kernels, hardly arithmetic: those of several such networks are as many
calls as those of one. Arithmetic of larger ones is slower together, because products of many small matrices
are not what a CPU's kernels are made for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from glassnet.engine.data.load import Data
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.probe import MOST_REPLICAS
from glassnet.engine.network.limits import Limits, check_limits
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.replica_checks import check_replicas
from glassnet.engine.training.memory_estimate import estimate
from glassnet.engine.training.observed import Observed
from glassnet.engine.training.replicas.passes import is_vectorized
from glassnet.engine.training.trainer import Trainer

#: Trainings from which on they are taken together.
FEWEST = 6

#: Forward multiply-adds of a step of one of them up to which they are, on a CPU: ten are quicker by 2.3 at
#: 1,600 of these, by 1.4 at 170,000, not at 670,000.
MOST_WORK = 400_000

#: Bytes of samples, states and activations of all that are trained at once: on a CPU, and on a GPU as a share
#: of its free memory, because others have theirs there and passes leave more than is estimated.
MEMORY, GPU_SHARE = 256 << 20, 1 / 8


def at_once(parent: Observed, wanted: int) -> int:
    """How many of the wanted trainings of a trainer's experiment are to be taken together; 1: each alone.

    Together they are the same but for rounding. Where that would not be so, because of batch norm (see
    `is_vectorized`), or where an item cannot be computed for several at once, it is 1.
    """
    plan, one = parent.plan, parent.experiment.of_replica(0)
    size = min(one.training.batch_size, len(parent.data.train))
    each = estimate(one, plan)
    memory = _memory(parent.device) // max(each.total - each.base, 1)
    count = min(wanted, MOST_REPLICAS, memory, _within(parent.limits, plan, size))
    if count < FEWEST or not _leaves_room(plan, size, parent.device):
        return 1
    if not is_vectorized(plan, replicated(one, 2)):
        return 1
    try:
        check_replicas(plan, replicated(one, count))
        check_limits(plan, size, parent.limits, count)
    except InvalidExperiment:
        return 1
    return count


def _memory(device: str) -> int:
    """The bytes that all trainings at once may take."""
    if torch.device(device).type == "cpu":
        return MEMORY
    return int(torch.cuda.mem_get_info()[0] * GPU_SHARE)


def _within(limits: Limits, plan: Plan, size: int) -> int:
    """How many trainings at once the limits of a network's size allow."""
    bounds = (limits.parameters, plan.parameters), (limits.activations, plan.activations * size)
    return min((most // max(each, 1) for most, each in bounds if most is not None), default=MOST_REPLICAS)


def _leaves_room(plan: Plan, size: int, device: str) -> bool:
    """Whether a step of one training leaves so much of the device idle that several at once are quicker.

    A GPU computes a number a thread: a layer with fewer than its threads does not fill it.
    """
    if torch.device(device).type == "cpu":
        return plan.macs * size <= MOST_WORK
    card = torch.cuda.get_device_properties(device)
    widest = max(math.prod(placed.shape) for placed in plan.nodes)
    return widest * size <= card.multi_processor_count * card.max_threads_per_multi_processor


def replicated(experiment: Experiment, count: int) -> Experiment:
    """The experiment with so many replicas."""
    training = experiment.training.model_copy(update={"replicas": count})
    return experiment.model_copy(update={"training": training})


def on_samples(parent: Trainer, samples: Sequence[Data]) -> Trainer:
    """A training of the parent's experiment from its beginning on each of several samples of it, together.

    All have the parent's seed: they start with the same weights, and draw the same orders.
    """
    one = parent.experiment.of_replica(0)

    def made(experiment: Experiment, data: Sequence[Data]) -> Trainer:
        return Trainer(experiment, device=parent.device, limits=parent.limits, blobs=parent.blobs, data=data)

    first = made(one, samples[:1])
    together = made(replicated(one, len(samples)), samples)
    state = {name: tensor.expand(len(samples), *tensor.shape) for name, tensor in first.state().items()}
    together.load(state)
    return together
