"""Uniform in a fixed range."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Uniform(Initializer):
    """Uniform: w ~ U(−range, range), whatever the layer's width.

    Too large a range saturates sigmoids and tanh; too small a one lets the signal shrink layer by layer.
    """

    kind: Literal["uniform"] = "uniform"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Bounded: no weight is far from 0.",),
        cons=("Whatever the width: a range that suits one layer saturates or starves another.",),
        use="To see both troubles: too large a range saturates, too small a one lets the signal die.",
        example=Example(
            "Widen the range to 5 and reset: tanh units are ±1 almost everywhere and learn slowly.",
            preset="spiral",
        ),
        tex=(r"w \sim \mathcal{U}(-\text{range}, \text{range})",),
    )
    range: float = option(0.5, "Weights lie between −range and range.", gt=0, le=100, log=True)

    def call(self) -> Call:
        return Call(
            "torch.nn.init.uniform_", Name("tensor"), -self.range, self.range, generator=Name("generator")
        )
