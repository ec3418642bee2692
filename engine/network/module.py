"""The network as a PyTorch module: submodules carry the nodes' names, `forward` follows the graph."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from glassnet.engine.items.modules import module_of
from glassnet.engine.items.node import INPUT
from glassnet.engine.network.plan import Placed, Plan, Source
from glassnet.engine.random_streams import stream

#: Stands in for a node: (its module, *what it reads) → what it gives.
Around = Callable[..., Any]


class Network(nn.Module):
    """The nodes as one module: submodules carry the nodes' names, `forward` follows the graph."""

    def __init__(self, plan: Plan, seed: int, dropout: torch.Generator) -> None:
        """Starting weights follow from the seed, each node's from a stream of its own.

        torch's own generator, which other people's code may rely on, stays where it is.
        """
        super().__init__()
        # Underscored, because every other name may be a node's.
        self._steps = [(placed.name, placed.sources, len(placed.item.ports)) for placed in plan.nodes]
        self._nodes: dict[str, nn.Module] = {}
        self._dropout = dropout
        # Modules of torch draw weights of their own when they are made, which are not kept.
        with torch.random.fork_rng(devices=[]):
            for placed in plan.nodes:
                module = module_of(placed.item, placed.context, dropout)
                self._nodes[placed.name] = module
                _attach(self, placed.name, module)
                self._start(placed, module, seed)

    def rebuild(self, nodes: Sequence[Placed]) -> None:
        """Put new modules in the place of nodes, made from other options; parameters and buffers stay."""
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
                self._nodes[placed.name] = module.train(self.training)
                _attach(self, placed.name, module)

    def _start(self, placed: Placed, module: nn.Module, seed: int) -> None:
        """Initialise a node's parameters, each node from its own stream; or take another node's."""
        if placed.ties is not None:
            for name, _ in list(module.named_parameters(recurse=False)):
                setattr(module, name, getattr(self._nodes[placed.ties], name))
            return
        generator = stream(seed, f"initialisation/{placed.name}")
        with torch.no_grad():
            for name, initializer in placed.item.initial().items():
                initializer.call().build(tensor=module.get_parameter(name), generator=generator)

    def forward(
        self, x: Tensor, *, until: str | None = None, around: Mapping[str, Around] | None = None
    ) -> dict[str, Tensor]:
        """Every node's first output by name, for inputs (batch, …).

        `until` names the last node that is wanted: what it does not depend on is left out. `around` puts
        something in the place of nodes, which is called with the node's module and what it reads.
        """
        values: dict[str, tuple[Tensor, ...]] = {INPUT: (x,)}
        for name, sources, ports in self._steps if until is None else self._way_to(until):
            arrived = [values[source.name][source.port] for source in sources]
            module = self._nodes[name]
            instead = around.get(name) if around else None
            result = module(*arrived) if instead is None else instead(module, *arrived)
            values[name] = (result,) if ports == 1 else tuple(result)
        return {name: outputs[0] for name, outputs in values.items()}

    def needed(self, node: str) -> set[str]:
        """The nodes that a node depends on, and it."""
        found = {node}
        for name, sources, _ in reversed(self._steps):
            if name in found:
                found.update(source.name for source in sources)
        return found

    def _way_to(self, node: str) -> list[tuple[str, tuple[Source, ...], int]]:
        """What has to run for a node, in its order."""
        needed = self.needed(node)
        return [step for step in self._steps if step[0] in needed]


def _attach(root: nn.Module, name: str, module: nn.Module) -> None:
    """`stage2.block1.conv2` becomes an attribute of an attribute of an attribute."""
    *scopes, last = name.split(".")
    for scope in scopes:
        if not hasattr(root, scope):
            root.add_module(scope, nn.Module())
        root = cast(nn.Module, getattr(root, scope))
    root.add_module(last, module)


def in_evaluation(network: Network, dropout: torch.Generator) -> Network:
    """The same network, over the same tensors, in evaluation mode for good.

    Probes and evaluation use this twin, so that looking never switches the mode of what trains.
    """
    shared: list[object] = [*network.parameters(), *network.buffers(), dropout]
    twin = copy.deepcopy(network, {id(thing): thing for thing in shared})
    return twin.eval()
