"""Softplus."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Smooth, positive, and its derivative is the sigmoid.",
            "A gradient everywhere: no unit dies.",
        ),
        cons=(
            "Never 0, so that nothing is sparse.",
            "An exponential and a logarithm; usually no better than ReLU.",
        ),
        use="Where an output must be positive, as a standard deviation.",
        example=Example(
            "The units' pictures are rounded folds: ReLU's without the crease.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \ln(1 + e^x)",
            r"f'(x) = \frac{1}{1 + e^{-x}} = \sigma(x)",
        ),
        domain="(−∞, ∞)",
        codomain="(0, ∞)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Softplus")
