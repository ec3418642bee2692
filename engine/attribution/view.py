"""SignalView: a network up to a node, with a backward rule for local normalisations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan

Normalisations = Literal["identity", "gradient"]


@dataclass(frozen=True)
class SignalView:
    """A network in evaluation mode, with a rule for signals that pass local normalisations backward.

    `identity` leaves them unchanged, as in Zeiler & Fergus; `gradient` is the true backward pass.
    """

    network: Network
    plan: Plan
    normalisations: Normalisations = "gradient"

    def __call__(self, x: Tensor, node: str) -> Tensor:
        """The output of a node for inputs (batch, …); nodes after it are not computed."""
        return self.activations(x, node)[node]

    def activations(self, x: Tensor, until: str) -> dict[str, Tensor]:
        """The outputs of the nodes before `until`, itself included, by name."""
        substitutes: dict[str, Callable[..., Any]] = {}
        if self.normalisations == "identity":
            substitutes = {
                placed.name: _straight
                for placed in self.plan.nodes
                if placed.item.role == "local_normalization"
            }
        outputs: dict[str, Tensor] = self.network(laid_out(x), until=until, substitutes=substitutes)
        return outputs

    def numbers(self, node: str) -> int:
        """The number of activations up to a node for one sample."""
        names = self.network.needed(node)
        shapes = [self.plan.input_shape, *(p.shape for p in self.plan.nodes if p.name in names)]
        return sum(torch.Size(shape).numel() for shape in shapes)

    def macs(self, node: str) -> int:
        """The multiply-adds up to a node for one sample."""
        names = self.network.needed(node)
        return sum(placed.macs for placed in self.plan.nodes if placed.name in names)


def laid_out(x: Tensor) -> Tensor:
    """Samples (batch, channels, …) in the order of memory that convolutions read fastest.

    Of images it is channels last: convolutions take a third to a half of the time.
    """
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x.contiguous()


def _straight(module: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        normalised = module(x)
    return _Straight.apply(x, normalised)  # type: ignore[no-any-return, no-untyped-call]


class _Straight(torch.autograd.Function):
    """A function that returns its second argument, with the gradient of the identity for the first."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, shown: Tensor) -> Tensor:
        return shown.clone()

    @staticmethod
    def backward(ctx: Any, *signals: Tensor) -> tuple[Tensor, None]:
        return signals[0], None
