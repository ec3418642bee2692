"""Cyclical and one-cycle rates."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.schedules import Schedule, use


class Cyclical(Schedule):
    """Cyclical: the rate goes up and down between two bounds in straight lines.

    Cycle c = 1 + ⌊t / 2s⌋ and x = |t / s − 2c + 1|, with s steps up and s down. k = 1 for triangular,
    2^(1 − c) for triangular2, γᵗ for exp_range. The bounds are found by a learning-rate range test.
    The optimizer's own rate is not used. Smith 2017, section 3.

    A common mistake: triangular2 halves the amplitude max − base in each cycle, not max.
    """

    kind: Literal["cyclical"] = "cyclical"
    formula: ClassVar[str] = "η = base + (max − base) · max(0, 1 − x) · k"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Two bounds that a range test finds take the place of a tuned rate.",
            "Large rates now and then lead over saddle points.",
        ),
        cons=(
            "Four numbers in place of one.",
            "The loss goes up and down with the rate, which is hard to read.",
        ),
        use=(
            "With bounds from the range test: base where the loss begins to fall, max where it stops falling."
        ),
        example=Example(
            "The loss breathes with the rate; judge it where the rate is least.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "triangular2 halves max_lr in each cycle.",
                "It halves the amplitude, max − base: the peak comes down to base, not to 0.",
            ),
        ),
        tex=(
            (
                r"c = 1 + \left\lfloor \frac{t}{2s} \right\rfloor, \quad x = \left|\frac{t}{s} - 2c + "
                r"1\right|"
            ),
            r"\eta = \text{base} + (\text{max} - \text{base}) \max(0, 1 - x)\,k",
            (
                r"k = 1 \text{ (triangular)}, \quad 2^{1-c} \text{ (triangular2)}, \quad \gamma^t \text{ "
                r"(exp\_range)}"
            ),
        ),
    )
    mode: Literal["triangular", "triangular2", "exp_range"] = option(
        "triangular",
        "Whether the amplitude stays, halves in each cycle, or falls by γ in each step.",
        live=True,
    )
    base_rate: float = option(0.001, "The least rate.", gt=0, le=100, log=True, live=True)
    max_rate: float = option(0.01, "The greatest rate.", gt=0, le=100, log=True, live=True)
    step_size: int = option(
        200, "s, half a cycle; two to ten epochs' worth is usual.", unit="steps", ge=1, le=10**9, live=True
    )
    gamma: float = option(0.999, "γ, of exp_range alone.", gt=0, le=1, live=True)

    @model_validator(mode="after")
    def _in_order(self) -> Cyclical:
        if self.max_rate < self.base_rate:
            raise PydanticCustomError(
                "rates_in_order",
                "max_rate {max} is below base_rate {base}; expected at least that",
                {
                    "max": self.max_rate,
                    "base": self.base_rate,
                    "pointer": "/max_rate",
                    "remedy": Remedy.setting(
                        "Swap the two rates", {"/base_rate": self.max_rate, "/max_rate": self.base_rate}
                    ),
                },
            )
        return self

    def warning(self, rate: float, epochs: int, steps: int) -> Problem | None:
        if self.step_size < steps:
            return None
        return Problem(
            "/step_size",
            f"half a cycle takes {self.step_size:,} steps, and there are {steps:,}: "
            "the rate never comes to max_rate",
            use("/step_size", max(1, steps // 4), "steps"),
        )

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Triangles, self.mode, self.base_rate, self.max_rate, self.step_size, self.gamma)


class Triangles:
    """base + (max − base) · max(0, 1 − x) · k."""

    def __init__(self, mode: str, base: float, greatest: float, half: int, gamma: float) -> None:
        self.mode, self.base, self.greatest, self.half, self.gamma = mode, base, greatest, half, gamma

    def __call__(self, initial: float, step: int) -> float:
        cycle = 1 + step // (2 * self.half)
        x = abs(step / self.half - 2 * cycle + 1)
        scale = {"triangular": 1.0, "triangular2": 0.5 ** (cycle - 1), "exp_range": self.gamma**step}
        return float(self.base + (self.greatest - self.base) * max(0.0, 1 - x) * scale[self.mode])


class OneCycle(Schedule):
    """One-cycle: the rate rises to the optimizer's own, the greatest, and falls to almost zero.

    It starts at η₀ / d, is η₀ after a share p of the training, and ends at η₀ / (d · f), in half cosines
    or straight lines; level after the end. Smith & Topin 2019; as in torch, which anneals by cosines.
    """

    kind: Literal["one_cycle"] = "one_cycle"
    formula: ClassVar[str] = "η: η₀ / d → η₀ at p T → η₀ / (d f) at T"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "A much larger rate in the middle than a constant one could have: short trainings.",
            "The start is gentle, the end is fine.",
        ),
        cons=(
            "The end must be planned.",
            "The greatest rate must be known, from a range test.",
        ),
        use="For short trainings with a known number of epochs.",
        example=Example(
            "The loss is worst around the peak and falls steeply after it.",
            preset="circle",
        ),
        tex=(r"\eta:\ \frac{\eta_0}{d} \to \eta_0 \text{ at } p\,T \to \frac{\eta_0}{d\,f} \text{ at } T",),
    )
    rise: float = option(0.3, "p, the share of the training in which the rate climbs.", gt=0, lt=1, live=True)
    start_divisor: float = option(
        25.0, "d, how many times smaller the first rate is.", ge=1, le=1e6, live=True
    )
    end_divisor: float = option(
        1e4, "f, how many times smaller than the first the last rate is.", ge=1, le=1e9, log=True, live=True
    )
    shape: Literal["cosine", "linear"] = option("cosine", "The way from one rate to the next.", live=True)

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Hill, steps, self.rise, self.start_divisor, self.end_divisor, self.shape == "cosine")


class Hill:
    """Up from η₀ / d to η₀ in p of the steps, down to η₀ / (d f) at the last one."""

    def __init__(self, steps: int, rise: float, start: float, end: float, curved: bool) -> None:
        self.last, self.top, self.curved = steps - 1, rise * steps - 1, curved
        self.start, self.end = start, end

    def __call__(self, initial: float, step: int) -> float:
        first, last = initial / self.start, initial / self.start / self.end
        if step < self.top:
            return self.between(first, initial, step / self.top)
        if step >= self.last:
            return last
        return self.between(initial, last, (step - self.top) / (self.last - self.top))

    def between(self, one: float, other: float, share: float) -> float:
        way = (1 - math.cos(math.pi * share)) / 2 if self.curved else share
        return one + (other - one) * way
