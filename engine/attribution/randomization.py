"""Randomisation of weights, for the sanity check of attribution methods. Adebayo et al. 2018."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from glassnet.engine.network.module import Network

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


def cascading_randomisation(trainer: Observed, seed: int = 0) -> Iterator[tuple[str | None, Network]]:
    """A copy of the network whose weights are randomised node by node, from the output down.

    Yields (None, the unchanged copy), then (name, the copy) after each node, whose weights are initialised
    with another seed. It is the same copy each time; the trainer's network is not changed. Section 3.1,
    cascading randomisation.
    """
    plan = trainer.plan
    kept: dict[int, object] = {id(trainer.dropout): trainer.dropout}
    network = copy.deepcopy(trainer.evaluation_network, kept)
    fresh = Network(plan, trainer.experiment.seed + 1 + seed, trainer.dropout)
    fresh = fresh.to(trainer.device, trainer.dtype)
    yield None, network
    for placed in reversed(plan.nodes):
        if placed.own:
            _take_over(placed.name, network, fresh)
            yield placed.name, network


def randomised_nodes(trainer: Observed) -> list[str]:
    """The nodes whose weights are randomised, in order."""
    return [placed.name for placed in reversed(trainer.plan.nodes) if placed.own]


@torch.no_grad()
def _take_over(node: str, network: Network, fresh: Network) -> None:
    module, other = network.get_submodule(node), fresh.get_submodule(node)
    theirs = dict(other.named_parameters()) | dict(other.named_buffers())
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        tensor.copy_(theirs[name])


def rank_correlation(one: Tensor, other: Tensor) -> float:
    """Spearman's ρ of two maps' magnitudes: 1 where they order the pixels alike, 0 where they do not.

    Ties have the mean of their ranks. NaN where a map is constant.
    """
    ranks = [_ranks(values.detach().abs().flatten().double()) for values in (one, other)]
    first, second = (rank - rank.mean() for rank in ranks)
    return float((first * second).sum() / (first.norm() * second.norm()))


def _ranks(values: Tensor) -> Tensor:
    _, places, counts = torch.unique(values, return_inverse=True, return_counts=True)
    ranks: Tensor = counts.cumsum(0).double() - (counts - 1) / 2
    return ranks[places]
