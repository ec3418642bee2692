"""Gaussian of a fixed spread."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Normal(Initializer):
    """Normal: w ~ N(0, std²), whatever the layer's width.

    What networks started from before Xavier and He, with 0.01: in a deep or a narrow one the signal
    shrinks layer by layer until nothing learns. Krizhevsky et al. 2012, section 5.
    """

    kind: Literal["normal"] = "normal"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Simple; what networks started from before Xavier and He.",),
        cons=("Whatever the width: in deep networks the signal shrinks or grows layer by layer.",),
        use="For small networks, and to reproduce papers that used 0.01.",
        example=Example(
            "In six layers the signal dies out: the output hardly depends on the input.",
            preset="deep-sigmoid",
        ),
        mistakes=(
            Mistake(
                "Small weights saturate sigmoids.",
                "They keep sums near 0, where the slope is greatest; it is the signal that shrinks.",
            ),
        ),
        tex=(r"w \sim \mathcal{N}(0, \text{std}^2)",),
    )
    std: float = option(0.01, "Standard deviation of the weights.", gt=0, le=100, log=True)

    def call(self) -> Call:
        return Call("torch.nn.init.normal_", Name("tensor"), 0.0, self.std, generator=Name("generator"))
