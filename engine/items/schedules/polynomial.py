"""A polynomial decay."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.schedules import Schedule


class Polynomial(Schedule):
    """Polynomial: from the full rate to a last one over the whole training, by a power of what is left of it.

    e is the share left at the end, T the number of steps, p the power: 1 is a straight line, 0.9 what
    segmentation networks are trained by (Chen et al. 2017, section 4.1). Level after T.
    """

    kind: Literal["polynomial"] = "polynomial"
    formula: ClassVar[str] = "η = η₀ (e + (1 − e)(1 − t / T)ᵖ)"
    guide: ClassVar[Guide | None] = Guide(
        pros=("One number between a straight line (p = 1) and a steep fall.",),
        cons=("The end must be planned.",),
        use="For segmentation networks, with p = 0.9.",
        example=Example(
            "With p = 1 the jitter of the loss shrinks evenly; with p = 3 it is gone halfway.",
            preset="circle",
        ),
        tex=(r"\eta = \eta_0 \left(e + (1 - e) \left(1 - \frac{t}{T}\right)^p\right)",),
    )
    power: float = option(1.0, "p, the power.", gt=0, le=20, live=True)
    end: float = option(0.0, "e, the share of the rate that is left at the end.", ge=0, le=1, live=True)

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Power, steps, self.power, self.end)


class Power:
    """η₀ (e + (1 − e)(1 − t / T)ᵖ), level after T."""

    def __init__(self, steps: int, power: float, end: float) -> None:
        self.steps, self.power, self.end = steps, power, end

    def __call__(self, initial: float, step: int) -> float:
        left = max(0.0, 1 - step / self.steps)
        return float(initial * (self.end + (1 - self.end) * left**self.power))
