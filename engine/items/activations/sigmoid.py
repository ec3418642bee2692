"""Sigmoid."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context
from glassnet.engine.items.outputs import Numbers


class Sigmoid(Activation):
    """Sigmoid: the logistic curve, from 0 to 1.

    Its slope is at most ¼, so a stack of n sigmoid layers shrinks gradients at least as fast as ¼ⁿ
    (for weights around one); it saturates on both sides and its outputs are not centred on zero.
    """

    kind: Literal["sigmoid"] = "sigmoid"
    gives: ClassVar[Numbers] = "probabilities"
    formula: ClassVar[str] = "f(x) = 1 / (1 + e⁻ˣ)"
    derivative: ClassVar[str] = "f′(x) = f(x) (1 − f(x))"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Sigmoid")
