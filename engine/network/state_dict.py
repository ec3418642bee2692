"""State dicts of other programs: tensors by name, matched to the nodes of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from glassnet.engine.errors import InvalidDocument, Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames
from glassnet.engine.items.layers import shape_text
from glassnet.engine.items.modules import module_of
from glassnet.engine.network.graph import matches
from glassnet.engine.network.plan import Plan

#: Problems that are listed; a state dict of another network has one for each of its tensors.
MOST_PROBLEMS = 20

#: What older versions of torch left out, and nothing but a momentum of None reads.
OPTIONAL = "num_batches_tracked"

#: The patterns of all nodes.
EVERY = ("*",)


class UnfittingState(InvalidDocument):
    """A state dict that does not fit the network; each problem's pointer is `/` and the tensor's name."""


@dataclass(frozen=True)
class Wanted:
    """A tensor of the network: its node, shape and type, and the names that it may have in a state dict."""

    node: str
    shape: tuple[int, ...]
    dtype: torch.dtype
    names: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A state dict beside a network."""

    #: The names in the state dict, by the names in the network.
    taken: dict[str, str]
    #: What does not fit, each with the pointer `/` and the tensor's name.
    problems: list[Problem]
    #: The nodes whose tensors are missing, or do not fit.
    unfit: list[str]
    #: The names in the network that keep their initial values.
    fresh: list[str]
    #: The names in the state dict that nothing takes.
    unused: list[str]

    def check(self) -> None:
        """Raise UnfittingState where something does not fit."""
        if self.problems:
            more = len(self.problems) - MOST_PROBLEMS
            rest = [Problem("", f"… and {more} more")] if more > 0 else []
            raise UnfittingState([*self.problems[:MOST_PROBLEMS], *rest])


def fitted(
    plan: Plan,
    experiment: Experiment,
    given: Mapping[str, Tensor],
    *,
    nodes: Sequence[str] = EVERY,
    without: Sequence[str] = (),
) -> dict[str, Tensor]:
    """The tensors of a state dict by their names in the network, in its types (see `compared`).

    Raises UnfittingState, with a problem for each tensor that is missing, additional, of another shape, or
    not finite.
    """
    comparison = compared(plan, experiment, given, nodes=nodes, without=without)
    comparison.check()
    wanted = wanted_tensors(plan, experiment)
    return {name: given[key].detach().to(wanted[name].dtype) for name, key in comparison.taken.items()}


def compared(
    plan: Plan,
    experiment: Experiment,
    given: Mapping[str, Tensor],
    *,
    nodes: Sequence[str] = EVERY,
    without: Sequence[str] = (),
) -> Comparison:
    """What the tensors of a state dict are in the network. Of tensors on the meta device, shapes alone.

    Names are ours (`resnet.stage1.block1.conv1.weight`), or torchvision's where an architecture is the same
    network there (`layer1.0.conv1.weight`). Tensors are needed of the nodes that match a pattern of `nodes`
    and none of `without`; unless that is every node, others may be there. What a node shares with another is
    that node's: under its own name, where torch writes it once more, it is not read. Raises UnfittingState
    where a pattern matches no node with tensors.
    """
    wanted = wanted_tensors(plan, experiment)
    _check_patterns([*nodes, *without], wanted)
    taken: dict[str, str] = {}
    problems: list[Problem] = []
    unfit: list[str] = []
    fresh: list[str] = []
    used: set[str] = set()
    for name, one in wanted.items():
        key = next((each for each in one.names if each in given), None)
        if not _any_matches(nodes, one.node) or _any_matches(without, one.node):
            fresh.append(name)
        elif key is not None:
            used.add(key)
            problem = _misfit(given[key], one)
            taken |= {name: key} if problem is None else {}
            problems += [] if problem is None else [Problem(_pointer(key), f"'{key}': {problem}")]
            unfit += [] if problem is None else [one.node]
        elif name.endswith(OPTIONAL):
            fresh.append(name)
        else:
            either = " or ".join(f"'{name}'" for name in one.names)
            problems.append(Problem("", f"{either} is missing; expected {_as_text(one)}"))
            unfit.append(one.node)
    written_again = _shared_names(plan)
    unused = [key for key in given if key not in used and key not in written_again and not _counts(key, used)]
    if not without and "*" in nodes:
        problems += [
            Problem(_pointer(key), f"'{key}' is no tensor of the network; expected its {len(wanted)} alone")
            for key in unused
        ]
    return Comparison(taken, problems, list(dict.fromkeys(unfit)), fresh, unused)


def _counts(key: str, used: set[str]) -> bool:
    """Whether a tensor is the count of a batch norm whose averages are used, which a frozen one has not."""
    return key.endswith(OPTIONAL) and key.removesuffix(OPTIONAL) + "running_mean" in used


def _check_patterns(patterns: Iterable[str], wanted: Mapping[str, Wanted]) -> None:
    """Raise UnfittingState for a pattern that matches no node with tensors."""
    for pattern in patterns:
        if wanted and not any(matches(pattern, one.node) for one in wanted.values()):
            raise UnfittingState.at(
                "", f"'{pattern}' names no node with parameters; expected one of the network"
            )


def _any_matches(patterns: Sequence[str], node: str) -> bool:
    return any(matches(pattern, node) for pattern in patterns)


def wanted_tensors(plan: Plan, experiment: Experiment) -> dict[str, Wanted]:
    """The parameters and buffers of the network that a plan describes, by their names in it."""
    tables = dict(_tables(experiment))
    shared = _shared_names(plan)
    found = {}
    for placed in plan.nodes:
        with torch.device("meta"):
            module = module_of(placed.item, placed.context, None)
        node, _, inside = placed.name.partition(".")
        theirs = tables[node].of(inside) if node in tables else None
        for name, tensor in module.state_dict().items():
            if f"{placed.name}.{name}" in shared:
                continue
            names = (f"{placed.name}.{name}", *([f"{theirs}.{name}"] if theirs else []))
            found[names[0]] = Wanted(placed.name, tuple(tensor.shape), tensor.dtype, names)
    return found


def _shared_names(plan: Plan) -> set[str]:
    """The names of parameters that are another node's; buffers, such as averages, are each node's own."""
    found = set[str]()
    for placed in plan.nodes:
        if placed.ties is not None:
            with torch.device("meta"):
                module = module_of(placed.item, placed.context, None)
            found.update(f"{placed.name}.{name}" for name, _ in module.named_parameters(recurse=False))
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
    if given.is_floating_point() and not given.is_meta and not bool(torch.isfinite(given).all()):
        return "it has numbers that are not finite; expected finite ones"
    return None


def _as_text(wanted: Wanted) -> str:
    return f"{shape_text(wanted.shape)} numbers" if wanted.shape else "a single number"


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
