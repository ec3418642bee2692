"""Other curves that level off on both sides: arctan and softsign."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Arctan(Activation):
    """Arctan: the arc tangent, from −π/2 to π/2, centred on zero.

    It levels off more slowly than tanh: its slope falls with 1/x² rather than exponentially.
    """

    kind: Literal["arctan"] = "arctan"
    formula: ClassVar[str] = "f(x) = arctan x"
    derivative: ClassVar[str] = "f′(x) = 1 / (1 + x²)"

    def call(self, context: Context) -> Call:
        return Call(ArcTangent)


class ArcTangent(torch.nn.Module):
    """arctan x."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.atan(x)


class Softsign(Activation):
    """Softsign: x / (1 + |x|), from −1 to 1, centred on zero; it levels off more slowly than tanh.

    Bergstra et al. 2009.
    """

    kind: Literal["softsign"] = "softsign"
    formula: ClassVar[str] = "f(x) = x / (1 + |x|)"
    derivative: ClassVar[str] = "f′(x) = 1 / (1 + |x|)²"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Softsign")
