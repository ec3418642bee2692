"""SiLU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class SiLU(Activation):
    """SiLU: x times its own sigmoid, a smooth rectifier with a dip below zero; also called swish.

    Elfwing et al. 2017; Ramachandran et al. 2017.
    """

    kind: Literal["silu"] = "silu"
    formula: ClassVar[str] = "f(x) = x σ(x)"
    derivative: ClassVar[str] = "f′(x) = f(x) + σ(x) (1 − f(x))"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.SiLU")


class Mish(Activation):
    """Mish: x times the tanh of its softplus, a smooth rectifier with a dip below zero.

    ς is the softplus, σ the sigmoid. Misra 2019.
    """

    kind: Literal["mish"] = "mish"
    formula: ClassVar[str] = "f(x) = x tanh ς(x)"
    derivative: ClassVar[str] = "f′(x) = tanh ς(x) + x σ(x) (1 − tanh² ς(x))"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Mish")


class HardSwish(Activation):
    """Hard swish: x times a ramp in place of the sigmoid, a swish of straight pieces and a parabola.

    Howard et al. 2019 (MobileNet v3), section 5.2.
    """

    kind: Literal["hard_swish"] = "hard_swish"
    formula: ClassVar[str] = "f(x) = x · min(max(0, x + 3), 6) / 6"
    derivative: ClassVar[str] = "f′(x) = 0 for x ≤ −3, 1 for x ≥ 3, else (2x + 3) / 6"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Hardswish")
