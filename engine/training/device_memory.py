"""The limit of a process's GPU memory, because workers of several runs share a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.training.device import device_for
from glassnet.engine.training.memory_estimate import estimate
from glassnet.engine.training.together import GPU_SHARE
from glassnet.engine.training.trainer import Trainer

#: Bytes added for libraries' workspaces, graphs and probes.
SPARE = 1 << 30

#: The factor on the estimate: an edit holds two networks at once, and allocators leave gaps.
TIMES = 3


def memory_bounded(experiment: Experiment, *, host: str, **options: Any) -> Trainer:
    """A trainer on the device that the experiment asks for of the host's.

    Its process is limited to the experiment's estimated GPU memory plus a margin.

    One that needs far more runs out of memory itself, instead of the other workers on its card. Raises as
    Trainer does.
    """
    device = device_for(experiment, host)
    if torch.device(device).type == "cuda":
        _bound(device, estimate(experiment, planner.plan(experiment)).total)
    return Trainer(experiment, device=device, **options)


def bound_studies(subjects: Sequence[Experiment], host: str) -> None:
    """Limit a process that studies these experiments, on the devices that they ask for of the host's.

    By their estimates, as a run is, with room for trainings that are taken together (see together.py). A
    study that needs far more runs out of memory itself, instead of the runs on its card.
    """
    needs: dict[str, int] = {}
    for experiment in subjects:
        device = device_for(experiment, host)
        if torch.device(device).type == "cuda":
            needs[device] = needs.get(device, 0) + estimate(experiment, planner.plan(experiment)).total
    for device, need in needs.items():
        _bound(device, need, GPU_SHARE)


def _bound(device: str, need: int, further: float = 0.0) -> None:
    """Limit the process to a need and a margin, and a `further` share of the card."""
    whole = torch.cuda.get_device_properties(device).total_memory
    share = min(1.0, (SPARE + TIMES * need) / whole + further)
    torch.cuda.set_per_process_memory_fraction(share, torch.device(device).index)
