"""Gaussian of a fixed spread."""

from __future__ import annotations

from typing import Literal

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Normal(Initializer):
    """Normal: w ~ N(0, std²), whatever the layer's width.

    What networks started from before Xavier and He, with 0.01: in a deep or a narrow one the signal
    shrinks layer by layer until nothing learns. Krizhevsky et al. 2012, section 5.
    """

    kind: Literal["normal"] = "normal"
    std: float = option(0.01, "Standard deviation of the weights.", gt=0, le=100, log=True)

    def call(self) -> Call:
        return Call("torch.nn.init.normal_", Name("tensor"), 0.0, self.std, generator=Name("generator"))
