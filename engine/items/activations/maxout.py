"""Maxout."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Maxout(Activation):
    """Maxout: the greatest of k sums; k straight pieces make a convex function, and the unit learns which.

    Shapes: (units, …) → (units / k, …), where units i·k to i·k + k − 1 make unit i. The layer before has k
    times the weights. Goodfellow et al. 2013, equation 2.
    """

    kind: Literal["maxout"] = "maxout"
    elementwise: ClassVar[bool] = False
    folds: ClassVar[bool] = False
    multiple_of: ClassVar[int] = 2
    keeps_units: ClassVar[bool] = False
    formula: ClassVar[str] = "fᵢ(x) = max(xᵢₖ, …, xᵢₖ₊ₖ₋₁)"
    derivative: ClassVar[str] = "∂fᵢ/∂xⱼ = 1 for the greatest of unit i's k, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Learns its own shape: with enough pieces, any convex function.",
            "Linear almost everywhere: it does not saturate.",
        ),
        cons=("k times the weights in the layer before.",),
        use="With dropout, where parameters are cheap.",
        example=Example(
            ("Of each pair of sums the greater goes on: half the units, and a boundary of straight pieces."),
            preset="circle",
        ),
        tex=(
            r"f_i(x) = \max(x_{ik}, \ldots, x_{ik+k-1})",
            (
                r"\frac{\partial f_i}{\partial x_j} = \begin{cases} 1 & \text{for the greatest of unit } "
                r"i\text{'s } k \\ 0 & \text{else} \end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="(−∞, ∞)",
    )
    pieces: int = option(2, "k, how many sums each unit chooses from.", ge=2, le=64)

    def call(self, context: Context) -> Call:
        units = context.shape[0]
        if units % self.pieces:
            raise ValueError(
                f"{units} units cannot be divided among maxouts of {self.pieces} pieces; "
                f"expected a multiple of {self.pieces} from the layer before"
            )
        return Call(GreatestOf, self.pieces)


class GreatestOf(torch.nn.Module):
    """The greatest of each k consecutive units or channels."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pieces = x.reshape(x.shape[0], -1, self.pieces, *x.shape[2:])
        return torch.max(pieces, dim=2).values
