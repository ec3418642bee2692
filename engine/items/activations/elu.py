"""ELU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class ELU(Activation):
    """ELU: a rectifier whose negative side runs smoothly into −α, so that the mean stays near zero.

    Clevert et al. 2016.
    """

    kind: Literal["elu"] = "elu"
    formula: ClassVar[str] = "f(x) = x for x > 0, else α(eˣ − 1)"
    derivative: ClassVar[str] = "f′(x) = 1 for x > 0, else f(x) + α"
    alpha: float = option(1.0, "α, the depth of the negative side.", gt=0, le=100)

    def call(self, context: Context) -> Call:
        return Call("torch.nn.ELU", self.alpha)
