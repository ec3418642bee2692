"""No schedule."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.schedules import Schedule


class Constant(Schedule):
    """Constant: the rate does not change."""

    kind: Literal["constant"] = "constant"
    formula: ClassVar[str] = "η = η₀"

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Level)

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        return None


class Level:
    """The constant curve η₀."""

    def __call__(self, initial: float, step: int) -> float:
        return initial
