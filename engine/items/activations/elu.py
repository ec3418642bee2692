"""ELU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "The negative side keeps a gradient, and the mean of activations stays near 0.",
            "With α = 1 it is smooth at 0.",
        ),
        cons=(
            "An exponential on the negative side.",
            "The negative side saturates at −α.",
        ),
        use="In place of ReLU in deep networks without batch normalization.",
        example=Example(
            "The boundary is smoother than with ReLU, and no unit is dead.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \begin{cases} x & \text{for } x > 0 \\ \alpha\,(e^x - 1) & \text{else} \end{cases}",
            r"f'(x) = \begin{cases} 1 & \text{for } x > 0 \\ f(x) + \alpha & \text{else} \end{cases}",
        ),
        domain="(−∞, ∞)",
        codomain="(−α, ∞)",
        monotone=True,
    )
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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            ("Keeps activations near mean 0 and variance 1 through many layers without any normalization."),
        ),
        cons=(
            (
                "Only with LeCun's initializer, dense layers and standardized inputs; ordinary dropout "
                "and shortcuts break it."
            ),
        ),
        use="In deep dense networks on tables.",
        example=Example(
            (
                "With LeCun's initializer in each layer the spread of activations stays the same from "
                "layer to layer."
            ),
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "SELU is an ELU with a better α.",
                ("λ and α are not tuned: they are the fixed point for which mean 0 and variance 1 are kept."),
            ),
        ),
        tex=(
            (
                r"f(x) = \lambda \begin{cases} x & \text{for } x > 0 \\ \alpha\,(e^x - 1) & \text{else} "
                r"\end{cases}"
            ),
            r"\lambda = 1.0507\ldots, \quad \alpha = 1.6733\ldots",
            (
                r"f'(x) = \begin{cases} \lambda & \text{for } x > 0 \\ f(x) + \lambda\alpha & "
                r"\text{else} \end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="(−1.7581, ∞)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.SELU")
