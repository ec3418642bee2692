"""No schedule."""

from __future__ import annotations

from typing import Literal

from engine.schedules import Schedule


class Constant(Schedule):
    """Constant: the rate stays as it is."""

    kind: Literal["constant"] = "constant"

    def factor(self, step: int, steps_per_epoch: int, steps: int) -> float:
        return 1.0
