"""Tanh."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Tanh(Activation):
    """Tanh: the hyperbolic tangent, from −1 to 1, centred on zero.

    A stretched sigmoid, 2σ(2x) − 1, with slope 1 at the origin; it still saturates on both sides.
    """

    kind: Literal["tanh"] = "tanh"
    preferred: ClassVar[bool] = True
    formula: ClassVar[str] = "f(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)"
    derivative: ClassVar[str] = "f′(x) = 1 − f(x)²"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Tanh")
