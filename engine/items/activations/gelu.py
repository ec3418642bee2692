"""GELU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class GELU(Activation):
    """GELU: x times the chance that a standard normal number lies below it; a smooth rectifier.

    Φ is the normal distribution function, φ its density. Hendrycks & Gimpel 2016.
    """

    kind: Literal["gelu"] = "gelu"
    formula: ClassVar[str] = "f(x) = x Φ(x)"
    derivative: ClassVar[str] = "f′(x) = Φ(x) + x φ(x)"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.GELU")
