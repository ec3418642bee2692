"""The device that an experiment trains on, and its facts for display."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache

import torch

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment

log = logging.getLogger(__name__)

#: The environment variable with the cards, or their instances, that CUDA shows a process.
VISIBLE = "CUDA_VISIBLE_DEVICES"


def device_for(experiment: Experiment, host: str) -> str:
    """The device that an experiment trains on, where its host has `host`: cpu, or cuda.

    A document that asks for a GPU trains on the CPU of a host without one, as it may come from another host.
    """
    return "cpu" if experiment.training.device == "cpu" else host


def asked_for(experiment: Experiment, device: str) -> Experiment:
    """An experiment with the device of an option beside it; `auto` leaves its own."""
    if device == "auto":
        return experiment
    training = experiment.training.model_copy(update={"device": device})
    return experiment.model_copy(update={"training": training})


def check_device(experiment: Experiment, host: str) -> None:
    """Raise InvalidExperiment where an edit asks for a GPU that the host does not have."""
    if experiment.training.device == "cuda" and host == "cpu":
        raise InvalidExperiment.at(
            "/training/device", "'cuda': this run's host trains on the CPU; expected auto or cpu"
        )


@dataclass(frozen=True)
class DeviceUse:
    """A card and its memory, in bytes."""

    name: str
    #: What this process has reserved.
    own: int
    #: What all processes use.
    used: int
    total: int


def device_use(device: str) -> DeviceUse | None:
    """The card that a device is, and how much of its memory is used; None for the CPU.

    None as well where the card cannot be asked, as one that has failed: the next step says what is wrong.
    """
    if torch.device(device).type != "cuda":
        return None
    try:
        free, total = torch.cuda.mem_get_info()
        return DeviceUse(_name(), torch.cuda.memory_reserved(), total - free, total)
    except (RuntimeError, AssertionError) as error:
        log.info("the card cannot be asked for its memory: %s", error)
        return None


def use_card(number: int) -> None:
    """Take one of the machine's cards for this process: the next for each next number, and so round.

    Where CUDA_VISIBLE_DEVICES names several, one of those, before CUDA starts: of the instances of a card
    (MIG), a process sees one alone. Without a card nothing happens.
    """
    named = [name for name in os.environ.get(VISIBLE, "").split(",") if name]
    if len(named) > 1 and not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        os.environ[VISIBLE] = named[number % len(named)]
    elif (count := torch.cuda.device_count()) > 1:
        torch.cuda.set_device(number % count)


def leave_unused(before: str, now: str) -> None:
    """Give back what torch keeps of a card's memory, where a process has moved from it."""
    if before != now:
        torch.cuda.empty_cache()


@cache
def _name() -> str:
    """The name of this process's card."""
    return torch.cuda.get_device_name()
