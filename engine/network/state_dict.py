"""State dicts of other programs: tensors by name, matched to the nodes of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from glassnet.engine.errors import InvalidDocument, Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames
from glassnet.engine.items.layers import shape_text
from glassnet.engine.items.modules import module_of
from glassnet.engine.network.plan import Plan

#: Problems that are listed; a state dict of another network has one for each of its tensors.
MOST_PROBLEMS = 20

#: What older versions of torch left out, and nothing but a momentum of None reads.
OPTIONAL = "num_batches_tracked"


class UnfittingState(InvalidDocument):
    """A state dict that does not fit the network; each problem's pointer is `/` and the tensor's name."""


@dataclass(frozen=True)
class Wanted:
    """A tensor of the network: its shape and type, and the names that it may have in a state dict."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    names: tuple[str, ...]


def fitted(
    plan: Plan, experiment: Experiment, given: Mapping[str, Tensor], only: str | None = None
) -> dict[str, Tensor]:
    """The tensors of a state dict by their names in the network.

    Names are ours (`resnet.stage1.block1.conv1.weight`), or torchvision's where an architecture is the same
    network there (`layer1.0.conv1.weight`). With `only`, the name of a node or a block, nothing but its
    tensors are needed and taken, and others may be there.

    Raises UnfittingState, with a problem for each tensor that is missing, additional, of another shape, or
    not finite.
    """
    wanted = {
        name: one
        for name, one in wanted_tensors(plan, experiment).items()
        if only is None or name.startswith(f"{only}.")
    }
    if not wanted:
        raise UnfittingState.at("", f"'{only}' names no node with parameters; expected one of the network")
    found: dict[str, Tensor] = {}
    used: set[str] = set()
    problems = []
    for name, one in wanted.items():
        key = next((each for each in one.names if each in given), None)
        if key is None:
            if not name.endswith(OPTIONAL):
                problems.append(
                    Problem("", f"'{' or '.join(one.names)}' is missing; expected {_as_text(one)}")
                )
            continue
        used.add(key)
        problem = _misfit(given[key], one)
        if problem is None:
            found[name] = given[key].detach().to(one.dtype)
        else:
            problems.append(Problem(_pointer(key), f"'{key}': {problem}"))
    if only is None:
        problems += [
            Problem(_pointer(key), f"'{key}' is no tensor of the network; expected {len(wanted)} names of it")
            for key in given
            if key not in used
        ]
    if problems:
        more = len(problems) - MOST_PROBLEMS
        rest = [Problem("", f"… and {more} more")] if more > 0 else []
        raise UnfittingState([*problems[:MOST_PROBLEMS], *rest])
    return found


def wanted_tensors(plan: Plan, experiment: Experiment) -> dict[str, Wanted]:
    """The parameters and buffers of the network that a plan describes, by their names in it."""
    tables = dict(_tables(experiment))
    found = {}
    for placed in plan.nodes:
        if placed.ties is not None:
            continue
        with torch.device("meta"):
            module = module_of(placed.item, placed.context, None)
        node, _, inside = placed.name.partition(".")
        theirs = tables[node].of(inside) if node in tables else None
        for name, tensor in module.state_dict().items():
            names = (f"{placed.name}.{name}", *([f"{theirs}.{name}"] if theirs else []))
            found[names[0]] = Wanted(tuple(tensor.shape), tensor.dtype, names)
    return found


def _tables(experiment: Experiment) -> Iterator[tuple[str, TorchvisionNames]]:
    """torchvision's names for each architecture of a network that it has too."""
    for node in experiment.network:
        names = node.torchvision_names() if isinstance(node, Architecture) else None
        if names is not None:
            yield node.name or "", names


def _misfit(given: Tensor, wanted: Wanted) -> str | None:
    """Why a tensor cannot be used; None where it can."""
    if tuple(given.shape) != wanted.shape:
        return f"{shape_text(tuple(given.shape))}; expected {_as_text(wanted)}"
    if given.is_complex() or given.is_quantized:
        return f"numbers of {given.dtype}; expected real ones"
    if given.is_floating_point() and not bool(torch.isfinite(given).all()):
        return "it has numbers that are not finite; expected finite ones"
    return None


def _as_text(wanted: Wanted) -> str:
    return f"{shape_text(wanted.shape)} numbers" if wanted.shape else "a single number"


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
