"""Tanh."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake
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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Centred on 0, so that the next layer's inputs are too.",
            "Its slope at 0 is 1: deep stacks start better than with a sigmoid.",
        ),
        cons=(
            "It saturates on both sides; large sums stop learning.",
            "An exponential, dearer than a comparison.",
        ),
        use=(
            "For small networks whose boundaries are to be smooth, and for recurrent cells; with "
            "Xavier's initialization."
        ),
        example=Example(
            "The units' pictures are soft edges and waves; the boundary has no corners.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "Tanh has no vanishing gradients.",
                "It has: beyond |x| = 3 its slope is below 0.01. It only begins better than a sigmoid.",
            ),
        ),
        tex=(
            r"f(x) = \tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}",
            r"f'(x) = 1 - f(x)^2",
        ),
        domain="(−∞, ∞)",
        codomain="(−1, 1)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Tanh")


class HardTanh(Activation):
    """Hard tanh: the sum itself, cut off at −1 and 1; a tanh of three straight pieces.

    Cheap; beyond the cuts the gradient is exactly 0. Collobert 2004.
    """

    kind: Literal["hard_tanh"] = "hard_tanh"
    formula: ClassVar[str] = "f(x) = min(max(x, −1), 1)"
    derivative: ClassVar[str] = "f′(x) = 1 for −1 < x < 1, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Cheap: two comparisons.",
            "Exact at its bounds, which suits low precision.",
        ),
        cons=(
            (
                "Beyond −1 and 1 the gradient is exactly 0, not merely small: a unit out there is stuck "
                "until other weights bring it back."
            ),
        ),
        use="Where tanh is too dear, or activations must be bounded by clipping.",
        example=Example(
            (
                "Each unit's picture is a ramp between two flat parts; compare with tanh, whose ramp "
                "has no edges."
            ),
            preset="circle",
        ),
        tex=(
            r"f(x) = \min(\max(x, -1), 1)",
            r"f'(x) = \begin{cases} 1 & \text{for } -1 < x < 1 \\ 0 & \text{else} \end{cases}",
        ),
        domain="(−∞, ∞)",
        codomain="[−1, 1]",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Hardtanh")


class LeCunTanh(Activation):
    """LeCun's tanh: scaled so that ±1 stay ±1, and the curvature is greatest there.

    Inputs and targets of variance 1 then stay of variance 1 from layer to layer. LeCun et al. 1998,
    "Efficient BackProp", section 4.4.
    """

    kind: Literal["lecun_tanh"] = "lecun_tanh"
    formula: ClassVar[str] = "f(x) = 1.7159 tanh(2x/3)"
    derivative: ClassVar[str] = "f′(x) = 1.7159 · 2/3 · (1 − tanh²(2x/3))"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "±1 stay ±1, so that targets of ±1 lie where the curve still has slope.",
            "A signal of variance 1 stays near variance 1.",
        ),
        cons=(
            "It saturates like tanh.",
            "Its constants assume standardized inputs and LeCun's initialization.",
        ),
        use="With standardized inputs, targets of ±1 and LeCun's initializer, as in LeNet-5.",
        example=Example(
            (
                "It learns as tanh does: the difference is one of scale, and shows in how large the "
                "weights become."
            ),
            preset="circle",
        ),
        tex=(
            r"f(x) = 1.7159 \tanh\left(\tfrac{2}{3} x\right)",
            r"f'(x) = 1.7159 \cdot \tfrac{2}{3} \left(1 - \tanh^2 \tfrac{2x}{3}\right)",
        ),
        domain="(−∞, ∞)",
        codomain="(−1.7159, 1.7159)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call(ScaledTanh)


class ScaledTanh(torch.nn.Module):
    """1.7159 tanh(2x/3)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))
