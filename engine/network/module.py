"""Network: the PyTorch module of a plan."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, cast

import torch
from torch import Tensor, nn

from glassnet.engine.items.modules import module_of
from glassnet.engine.items.node import INPUT
from glassnet.engine.network.plan import Plan, PlannedNode, Source
from glassnet.engine.random_streams import stream

#: A substitute for a node: called with the node's module and its inputs, it returns the output.
Substitute = Callable[..., Any]


class Network(nn.Module):
    """The nodes of a plan as one module: submodules have the nodes' names, `forward` follows the graph."""

    def __init__(self, plan: Plan, seed: int, dropout: torch.Generator) -> None:
        """Initialise the weights of each node from a generator that is derived from the seed.

        torch's global generator, which other code may rely on, is left unchanged.
        """
        super().__init__()
        # Attributes begin with an underscore, because every other name may be a node's.
        self._steps = [(placed.name, placed.sources, len(placed.item.ports)) for placed in plan.nodes]
        self._nodes: dict[str, nn.Module] = {}
        self._dropout = dropout
        self._frozen: list[str] = []
        # torch's modules initialise their weights when they are constructed; those are not kept.
        with torch.random.fork_rng(devices=[]):
            for placed in plan.nodes:
                module = module_of(placed.item, placed.context, dropout)
                self._nodes[placed.name] = module
                _attach(self, placed.name, module)
                self._start(placed, module, seed)

    def start(self, nodes: Sequence[PlannedNode], seed: int) -> None:
        """Initialise the weights of these nodes anew, from another seed."""
        for placed in nodes:
            self._start(placed, self._nodes[placed.name], seed)

    def freeze(self, nodes: Sequence[str]) -> None:
        """Have these nodes compute as in evaluation for good; that their parameters stay is the updates'."""
        self._frozen = list(nodes)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        for name in self._frozen:
            self._nodes[name].eval()
        return self

    def rebuild(self, nodes: Sequence[PlannedNode]) -> None:
        """Replace the modules of nodes whose options have changed; parameters and buffers are kept."""
        with torch.random.fork_rng(devices=[]):
            for placed in nodes:
                old = self._nodes[placed.name]
                module = module_of(placed.item, placed.context, self._dropout)
                for name, _ in list(module.named_parameters()):
                    owner, _, last = name.rpartition(".")
                    setattr(module.get_submodule(owner), last, old.get_parameter(name))
                for name, _ in list(module.named_buffers()):
                    owner, _, last = name.rpartition(".")
                    setattr(module.get_submodule(owner), last, old.get_buffer(name))
                self._nodes[placed.name] = module.train(self.training and placed.name not in self._frozen)
                _attach(self, placed.name, module)

    def _start(self, placed: PlannedNode, module: nn.Module, seed: int) -> None:
        """Initialise a node's parameters from its own generator, or share another node's."""
        if placed.ties is not None:
            for name, _ in list(module.named_parameters(recurse=False)):
                setattr(module, name, getattr(self._nodes[placed.ties], name))
            return
        generator = stream(seed, f"initialisation/{placed.name}")
        with torch.no_grad():
            for name, initializer in placed.item.initial().items():
                call = initializer.call_for(name, placed.own)
                call.build(tensor=module.get_parameter(name), generator=generator)

    def forward(
        self, x: Tensor, *, until: str | None = None, substitutes: Mapping[str, Substitute] | None = None
    ) -> dict[str, Tensor]:
        """Every node's first output by name, for inputs (batch, …).

        `until` names the last node needed: nodes that it does not depend on are skipped. `around` maps names
        of nodes to substitutes, which are called with the node's module and its inputs.
        """
        values: dict[str, tuple[Tensor, ...]] = {INPUT: (x,)}
        for name, sources, ports in self._steps if until is None else self._way_to(until):
            arrived = [values[source.name][source.port] for source in sources]
            module = self._nodes[name]
            instead = substitutes.get(name) if substitutes else None
            result = module(*arrived) if instead is None else instead(module, *arrived)
            values[name] = (result,) if ports == 1 else tuple(result)
        return {name: outputs[0] for name, outputs in values.items()}

    def needed(self, node: str) -> set[str]:
        """The nodes that a node depends on, itself included."""
        found = {node}
        for name, sources, _ in reversed(self._steps):
            if name in found:
                found.update(source.name for source in sources)
        return found

    def _way_to(self, node: str) -> list[tuple[str, tuple[Source, ...], int]]:
        """The nodes to run for a node's output, in order, with their sources."""
        needed = self.needed(node)
        return [step for step in self._steps if step[0] in needed]


def _attach(root: nn.Module, name: str, module: nn.Module) -> None:
    """Attach a module under a dotted name as nested attributes."""
    *scopes, last = name.split(".")
    for scope in scopes:
        if not hasattr(root, scope):
            root.add_module(scope, nn.Module())
        root = cast(nn.Module, getattr(root, scope))
    root.add_module(last, module)


def evaluation_network(network: Network, dropout: torch.Generator) -> Network:
    """A copy of the network that shares its tensors and is permanently in evaluation mode.

    Probes and evaluation use this copy, so that they never switch the mode of the network in training.
    """
    shared: list[object] = [*network.parameters(), *network.buffers(), dropout]
    twin = copy.deepcopy(network, {id(thing): thing for thing in shared})
    return twin.eval()
