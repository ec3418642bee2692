"""The network of an experiment before its first step: initial values, or a state dict's; frozen nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from glassnet.engine.errors import BlobMissing, DataError, InvalidExperiment, Problem, Remedy
from glassnet.engine.experiment.experiment import MOST_PATTERNS, Experiment, StartFrom
from glassnet.engine.files import weights
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.graph import is_frozen
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.remedies import put
from glassnet.engine.network.state_dict import Comparison, UnfittingState, compared, fitted, wanted_tensors

#: Where an experiment says what its training starts from.
POINTER = "/training/start_from"


def started_network(
    plan: Plan, experiment: Experiment, dropout: torch.Generator, blobs: Blobs | None = None
) -> Network:
    """The network before the first step. Raises InvalidExperiment where a state dict does not fit it."""
    network = Network(plan, experiment.seed, dropout)
    given = starting_tensors(plan, experiment, blobs or Blobs())
    own = network.state_dict()
    with torch.no_grad():
        for name, tensor in given.items():
            own[name].copy_(tensor)
    frozen = experiment.training.frozen
    network.freeze([placed.name for placed in plan.nodes if is_frozen(placed.name, frozen)])
    return network


def starting_tensors(plan: Plan, experiment: Experiment, blobs: Blobs) -> dict[str, Tensor]:
    """The tensors that a training starts from instead of initial values, by their names in the network.

    Only what is taken is read, and only once all of it fits. Raises InvalidExperiment.
    """
    start = experiment.training.start_from
    if start is None:
        return {}
    taken = check_start(plan, experiment, blobs).taken
    try:
        given = weights.tensors(blobs.path(start.weights), taken.values())
        return fitted(plan, experiment, given, nodes=start.nodes, without=start.without)
    except UnfittingState as error:
        raise _refused(error) from None
    except (BlobMissing, DataError) as error:
        raise InvalidExperiment.at(f"{POINTER}/weights", str(error)) from None


def check_start(plan: Plan, experiment: Experiment, blobs: Blobs) -> Comparison:
    """The state dict of a training's start beside its network, by shapes alone. Raises InvalidExperiment."""
    start = experiment.training.start_from
    if start is None:
        return Comparison({}, [], [], [], [])
    try:
        found = comparison(plan, experiment, start, blobs)
    except UnfittingState as error:
        raise _refused(error) from None
    except (BlobMissing, DataError) as error:
        raise InvalidExperiment.at(f"{POINTER}/weights", str(error)) from None
    try:
        found.check()
    except UnfittingState as error:
        raise _refused(error, _without(start, found)) from None
    return found


def start_beside(plan: Plan, experiment: Experiment, blobs: Blobs) -> dict[str, Any]:
    """The state dict of a training's start beside its network, as JSON values (see Comparison).

    Raises InvalidExperiment where there is none, or it cannot be read.
    """
    start = experiment.training.start_from
    if start is None:
        raise InvalidExperiment.at(POINTER, "nothing to compare; expected the weights to start from")
    try:
        found = comparison(plan, experiment, start, blobs)
    except UnfittingState as error:
        raise _refused(error) from None
    except (BlobMissing, DataError) as error:
        raise InvalidExperiment.at(f"{POINTER}/weights", str(error)) from None
    wanted = wanted_tensors(plan, experiment)
    taken = [{"name": n, "key": k, "shape": list(wanted[n].shape)} for n, k in found.taken.items()]
    refused = [problem.message for problem in found.problems]
    return {
        "total": len(wanted),
        "taken": taken,
        "refused": refused,
        "fresh": found.fresh,
        "unused": found.unused,
        "unfit": found.unfit,
    }


def comparison(plan: Plan, experiment: Experiment, start: StartFrom, blobs: Blobs) -> Comparison:
    """A state dict beside a network. Raises BlobMissing, DataError, UnfittingState for a faulty pattern."""
    outlines = weights.described(blobs.path(start.weights))
    return compared(plan, experiment, outlines, nodes=start.nodes, without=start.without)


def _without(start: StartFrom, found: Comparison) -> Remedy | None:
    """Initial values for the nodes that do not fit, where others do."""
    left = [*start.without, *found.unfit]
    if not found.unfit or not found.taken or len(left) > MOST_PATTERNS:
        return None
    return Remedy("Start what does not fit with initial values", [put(f"{POINTER}/without", left)])


def _refused(error: UnfittingState, remedy: Remedy | None = None) -> InvalidExperiment:
    """The error of the experiment: the tensor, which is no part of the document, is in the message."""
    first, *others = [Problem(POINTER, problem.message) for problem in error.problems]
    return InvalidExperiment([replace(first, remedy=remedy), *others])
