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
