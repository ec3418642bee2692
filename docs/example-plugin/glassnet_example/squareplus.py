"""Squareplus."""

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Squareplus(Activation):
    """Squareplus: a smooth rectifier that needs no exponential, half of x plus a hyperbola.

    Barron 2021, "Squareplus: A Softplus-Like Algebraic Rectifier", equation 1.
    """

    kind: Literal["squareplus"] = "squareplus"
    formula: ClassVar[str] = "f(x) = (x + √(x² + b)) / 2"
    derivative: ClassVar[str] = "f′(x) = (1 + x / √(x² + b)) / 2"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth like softplus, without an exponential.",),
        cons=("Its tails approach 0 and x slowly, as 1/x.",),
        use="In place of softplus where exponentials are dear.",
        example=Example(
            "The boundary bends smoothly where ReLU's has corners.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \frac{x + \sqrt{x^2 + b}}{2}",
            r"f'(x) = \frac{1}{2} \left(1 + \frac{x}{\sqrt{x^2 + b}}\right)",
        ),
        domain="(−∞, ∞)",
        codomain="(0, ∞)",
        monotone=True,
    )
    b: float = option(4.0, "How wide the bend at zero is; 0 is ReLU.", ge=0, le=100)

    def call(self, context: Context) -> Call:
        return Call(Hyperbola, self.b)


class Hyperbola(torch.nn.Module):
    """(x + √(x² + b)) / 2: exported scripts copy this class, so it uses nothing but torch and math."""

    def __init__(self, b: float) -> None:
        super().__init__()
        self.b = b

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x + torch.sqrt(x * x + self.b)) / 2
