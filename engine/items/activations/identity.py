"""Identity."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Identity(Activation):
    """Identity: passes the weighted sum on unchanged.

    Stacked linear layers with the identity between them are one linear layer: this is why networks
    need something non-linear.
    """

    kind: Literal["identity"] = "identity"
    downward: ClassVar[Literal["rectified", "as_it_is"] | None] = "as_it_is"
    formula: ClassVar[str] = "f(x) = x"
    derivative: ClassVar[str] = "f′(x) = 1"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "No gradient is lost in it: its slope is 1 everywhere.",
            "The output of a regression may be any number.",
        ),
        cons=("A stack of linear layers with nothing else between them is one linear layer, however deep.",),
        use="At the output of a regression, or wherever a part of a network is to stay linear.",
        example=Example(
            "However long it trains, the boundary is one straight edge: three layers are one.",
            preset="circle",
            claim={"metric": "train_accuracy", "op": "<", "value": 0.8},
        ),
        mistakes=(
            Mistake(
                "The activation computes the weighted sum.",
                "The layer before computes the sum; the activation only transforms it.",
            ),
        ),
        tex=(
            r"f(x) = x",
            r"f'(x) = 1",
        ),
        domain="(−∞, ∞)",
        codomain="(−∞, ∞)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Identity")
