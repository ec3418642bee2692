"""What nodes draw at random in a training pass of replicas, each replica from a generator of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from glassnet.engine.network.module import Network, Substitute


class Draws:
    """The draws of a pass: by node (replicas, …), in the order in which a single training draws them."""

    def __init__(self, needed: dict[str, Tensor], generators: Sequence[torch.Generator]) -> None:
        """`needed` has for each node that draws a tensor shaped as one replica draws it."""
        self._generators = generators
        self.of_nodes = {name: like.new_empty(len(generators), *like.shape) for name, like in needed.items()}

    def draw(self) -> None:
        """Draw anew."""
        for index, generator in enumerate(self._generators):
            for drawn in self.of_nodes.values():
                drawn[index].uniform_(generator=generator)


def substitutes(drawn: dict[str, Tensor]) -> dict[str, Substitute]:
    """Substitutes for nodes that draw: with what was drawn for them."""
    return {name: partial(_with, draw) for name, draw in drawn.items()}


def _with(draw: Tensor, module: nn.Module, x: Tensor) -> Tensor:
    result: Tensor = module(x, draw)
    return result


def needed_draws(
    network: Network, drawing: Sequence[str], run: Callable[[dict[str, Substitute]], object]
) -> dict[str, Tensor]:
    """For each of the nodes that draw and train, a tensor like what it draws, in the order of a pass.

    `run` runs a pass of one replica with substitutes, which leaves no trace.
    """
    found: dict[str, Tensor] = {}

    def seen(name: str, module: nn.Module, x: Tensor) -> Tensor:
        if module.training:
            found[name] = torch.empty_like(x)
        return x

    run({name: partial(seen, name) for name in drawing})
    return found
