"""No schedule."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.schedules import Schedule


class Constant(Schedule):
    """Constant: the rate does not change."""

    kind: Literal["constant"] = "constant"
    formula: ClassVar[str] = "η = η₀"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Nothing to choose, and training can go on for as long as one likes.",),
        cons=(
            ("A rate that is right at the start is too large at the end: the loss jitters around a minimum."),
        ),
        use="For first experiments, and to see what the others do.",
        example=Example(
            "At the end the loss goes up and down without getting lower.",
            preset="circle",
        ),
        tex=(r"\eta = \eta_0",),
    )

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Level)

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        return None


class Level:
    """The constant curve η₀."""

    def __call__(self, initial: float, step: int) -> float:
        return initial
