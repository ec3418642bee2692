"""No normalisation."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.normalizations import Normalization


class Unchanged(Normalization):
    """None: inputs are unchanged."""

    kind: Literal["none"] = "none"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Nothing is fitted, nothing can leak.",),
        cons=("The input with the largest numbers rules: the cost is a ravine.",),
        use="Where inputs have one scale already, as the points of the plane.",
        example=Example(
            "Raw columns: the loss hardly falls, because one column is a thousand times the others.",
            preset="wine-raw",
        ),
        tex=(r"x' = x",),
    )

    def fit(self) -> Call | None:
        return None
