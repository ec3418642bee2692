"""Identity."""

from __future__ import annotations

from typing import ClassVar, Literal

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

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Identity")
