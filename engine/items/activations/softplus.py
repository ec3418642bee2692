"""Softplus."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Softplus(Activation):
    """Softplus: a rectifier without the corner, always positive; its slope is the sigmoid.

    Dugas et al. 2001.
    """

    kind: Literal["softplus"] = "softplus"
    formula: ClassVar[str] = "f(x) = ln(1 + eˣ)"
    derivative: ClassVar[str] = "f′(x) = 1 / (1 + e⁻ˣ)"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Softplus")
