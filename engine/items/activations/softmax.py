"""Softmax."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context
from glassnet.engine.items.outputs import Numbers


class Softmax(Activation):
    """Softmax: turns all units, or all channels at a place, into shares that add up to 1.

    Not before cross-entropy, which takes logits and applies softmax itself: applied twice, gradients fade.
    δᵢⱼ is 1 for i = j, else 0.
    """

    kind: Literal["softmax"] = "softmax"
    gives: ClassVar[Numbers] = "probabilities"
    elementwise: ClassVar[bool] = False
    formula: ClassVar[str] = "fᵢ(x) = eˣⁱ / Σⱼ eˣʲ"
    derivative: ClassVar[str] = "∂fᵢ/∂xⱼ = fᵢ (δᵢⱼ − fⱼ)"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Softmax", dim=1)


class LogSoftmax(Activation):
    """Log-softmax: the logarithms of softmax, exact where the shares round to 0.

    What negative log-likelihood (`nll`) reads.
    """

    kind: Literal["log_softmax"] = "log_softmax"
    gives: ClassVar[Numbers] = "log_probabilities"
    elementwise: ClassVar[bool] = False
    formula: ClassVar[str] = "fᵢ(x) = xᵢ − log Σⱼ eˣʲ"
    derivative: ClassVar[str] = "∂fᵢ/∂xⱼ = δᵢⱼ − softmaxⱼ(x)"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.LogSoftmax", dim=1)
