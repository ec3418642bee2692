"""No normalisation."""

from __future__ import annotations

from typing import Literal

from engine.call import Call
from engine.normalizations import Normalization


class Unchanged(Normalization):
    """None: inputs as they come."""

    kind: Literal["none"] = "none"

    def fit(self) -> Call | None:
        return None
