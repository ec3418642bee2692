"""How much of a GPU's memory a process may take: it shares the card with the workers of other runs."""

from __future__ import annotations

from typing import Any

import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.training.memory_estimate import estimate
from glassnet.engine.training.trainer import Trainer

#: Bytes for libraries' workspaces, graphs and what is looked at.
SPARE = 1 << 30

#: How many times the estimate: an edit has two networks beside each other, and an allocator leaves gaps.
TIMES = 3


def bounded(experiment: Experiment, *, device: str, **options: Any) -> Trainer:
    """A trainer in a process that may take what the experiment is estimated at, and some more.

    One that wants far more is out of memory itself, and leaves those alone that share its card. Raises as
    Trainer does.
    """
    if torch.device(device).type == "cuda":
        _bound(device, estimate(experiment, planner.plan(experiment)).total)
    return Trainer(experiment, device=device, **options)


def _bound(device: str, need: int) -> None:
    whole = torch.cuda.get_device_properties(device).total_memory
    share = min(1.0, (SPARE + TIMES * need) / whole)
    torch.cuda.set_per_process_memory_fraction(share, torch.device(device).index)
