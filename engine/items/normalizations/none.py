"""No normalisation."""

from __future__ import annotations

from typing import Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.normalizations import Normalization


class Unchanged(Normalization):
    """None: inputs are unchanged."""

    kind: Literal["none"] = "none"

    def fit(self) -> Call | None:
        return None
