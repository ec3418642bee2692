"""Zeros."""

from __future__ import annotations

from typing import Literal

from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Zeros(Initializer):
    """Zeros: every weight starts at 0.

    Right for biases; for weights it is the classic mistake: units that start equal receive equal
    gradients and stay equal (the symmetry never breaks).
    """

    kind: Literal["zeros"] = "zeros"

    def call(self) -> Call:
        return Call("torch.nn.init.zeros_", Name("tensor"))
