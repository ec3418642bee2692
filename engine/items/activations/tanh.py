"""Tanh."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

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


class HardTanh(Activation):
    """Hard tanh: the sum itself, cut off at −1 and 1; a tanh of three straight pieces.

    Cheap; beyond the cuts the gradient is exactly 0. Collobert 2004.
    """

    kind: Literal["hard_tanh"] = "hard_tanh"
    formula: ClassVar[str] = "f(x) = min(max(x, −1), 1)"
    derivative: ClassVar[str] = "f′(x) = 1 for −1 < x < 1, else 0"

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

    def call(self, context: Context) -> Call:
        return Call(ScaledTanh)


class ScaledTanh(torch.nn.Module):
    """1.7159 tanh(2x/3)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))
