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


class SELU(Activation):
    """SELU: an ELU scaled so that activations keep mean 0 and variance 1 from layer to layer.

    With weights from LeCun's initializer and no batch norm. Klambauer et al. 2017, equation 2.
    """

    kind: Literal["selu"] = "selu"
    formula: ClassVar[str] = "f(x) = λx for x > 0, else λα(eˣ − 1);  λ = 1.0507…, α = 1.6733…"
    derivative: ClassVar[str] = "f′(x) = λ for x > 0, else f(x) + λα"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.SELU")
