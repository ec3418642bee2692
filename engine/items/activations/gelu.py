"""GELU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class GELU(Activation):
    """GELU: x times the chance that a standard normal number lies below it; a smooth rectifier.

    Φ is the normal distribution function, φ its density. Hendrycks & Gimpel 2016.
    """

    kind: Literal["gelu"] = "gelu"
    formula: ClassVar[str] = "f(x) = x Φ(x)"
    derivative: ClassVar[str] = "f′(x) = Φ(x) + x φ(x)"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Smooth, with a gradient on both sides of 0.",
            "Works well in transformers, where it is customary.",
        ),
        cons=(
            "Dearer than ReLU.",
            "Not monotone: it dips to about −0.17 near x = −0.75.",
            "The deconvnet has no rule for it.",
        ),
        use="In transformers; elsewhere where a smooth rectifier is wanted.",
        example=Example(
            "The boundary bends smoothly where ReLU's has corners.",
            preset="circle",
        ),
        tex=(
            r"f(x) = x\,\Phi(x)",
            r"f'(x) = \Phi(x) + x\,\varphi(x)",
        ),
        domain="(−∞, ∞)",
        codomain="[−0.17, ∞)",
        monotone=False,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.GELU")
