"""Uniform in a fixed range."""

from __future__ import annotations

from typing import Literal

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Uniform(Initializer):
    """Uniform: w ~ U(−range, range), whatever the layer's width.

    Too large a range saturates sigmoids and tanh; too small a one lets the signal shrink layer by layer.
    """

    kind: Literal["uniform"] = "uniform"
    range: float = option(0.5, "Weights lie between −range and range.", gt=0, le=100, log=True)

    def call(self) -> Call:
        return Call(
            "torch.nn.init.uniform_", Name("tensor"), -self.range, self.range, generator=Name("generator")
        )
