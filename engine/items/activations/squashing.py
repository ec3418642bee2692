"""Other curves that level off on both sides: arctan and softsign."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide
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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Centred on 0, with slope 1 there.",
            "Its tails are heavy: the slope falls with 1/x², so that far sums still learn a little.",
        ),
        cons=(
            "It saturates, if slowly.",
            "Its bounds ±π/2 are odd targets.",
        ),
        use="In place of tanh where sums become large.",
        example=Example(
            "Boundaries are soft as with tanh, and units rarely fall silent.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \arctan x",
            r"f'(x) = \frac{1}{1 + x^2}",
        ),
        domain="(−∞, ∞)",
        codomain="(−1.5708, 1.5708)",
        monotone=True,
    )

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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "No exponential: one division.",
            "Its slope falls with 1/x², more slowly than tanh's.",
        ),
        cons=("It saturates, and reaches its bounds so slowly that outputs near ±1 need large sums.",),
        use="In place of tanh where saturation has been seen.",
        example=Example(
            "Compare the spread of activations with tanh: fewer of them sit at the bounds.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \frac{x}{1 + |x|}",
            r"f'(x) = \frac{1}{(1 + |x|)^2}",
        ),
        domain="(−∞, ∞)",
        codomain="(−1, 1)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Softsign")
