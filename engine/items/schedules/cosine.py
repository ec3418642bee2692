"""Half a cosine, once or with restarts."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Problem
from glassnet.engine.items.schedules import Schedule, use


class Cosine(Schedule):
    """Cosine: half a cosine from the full rate to a last one over the whole training.

    e is the share left at the end, T the number of steps; level after T. Loshchilov & Hutter 2017,
    equation 5, without restarts.
    """

    kind: Literal["cosine"] = "cosine"
    formula: ClassVar[str] = "η = η₀ (e + ½ (1 − e)(1 + cos(π t / T)))"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Large for long, then down to almost nothing: one number at most to choose.",),
        cons=("The end must be planned: a training cut short has not had its small steps.",),
        use="The usual choice for a training of known length.",
        example=Example(
            "The jitter of the loss fades away towards the end.",
            preset="circle",
        ),
        tex=(r"\eta = \eta_0 \left(e + \tfrac{1}{2} (1 - e) \left(1 + \cos \frac{\pi t}{T}\right)\right)",),
    )
    end: float = option(0.0, "e, the share of the rate that is left at the end.", ge=0, le=1, live=True)

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(HalfCosine, steps, self.end)


class HalfCosine:
    """η₀ (e + ½ (1 − e)(1 + cos(π t / T))), level after T (torch's would rise again)."""

    def __init__(self, steps: int, end: float) -> None:
        self.steps, self.end = steps, end

    def __call__(self, initial: float, step: int) -> float:
        share = min(step / self.steps, 1.0)
        return initial * (self.end + 0.5 * (1 - self.end) * (1 + math.cos(math.pi * share)))


class WarmRestarts(Schedule):
    """Warm restarts (SGDR): half a cosine, begun anew after T₀ epochs, then after T₀ · T_mult, and so on.

    T_cur counts the epochs since the last restart, Tᵢ is the length of this cycle. Loshchilov & Hutter
    2017, equation 5; the paper tries T₀ = 50, 100 and 200 with T_mult = 1, and (1, 2) and (10, 2). The
    model to keep is the one at the end of a cycle, where the rate is least.
    """

    kind: Literal["warm_restarts"] = "warm_restarts"
    formula: ClassVar[str] = "η = η_min + ½ (η₀ − η_min)(1 + cos(π T_cur / Tᵢ)),  Tᵢ₊₁ = T_mult Tᵢ"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "A usable model at the end of each cycle, before the next restart.",
            "A restart can lead out of a poor minimum.",
        ),
        cons=(
            ("After each restart the loss is worse for a while: a model from there is not the one to keep."),
        ),
        use="Where training may stop at several times, or models of several cycles are to be averaged.",
        example=Example(
            "At each restart the loss jumps up, then falls below where it was.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "Keep the model of the last step.",
                "Keep the one at the end of a cycle, where the rate is least.",
            ),
        ),
        tex=(
            (
                r"\eta = \eta_{\min} + \tfrac{1}{2} (\eta_0 - \eta_{\min}) \left(1 + \cos "
                r"\frac{\pi\,T_{\text{cur}}}{T_i}\right)"
            ),
            r"T_{i+1} = T_{\text{mult}}\,T_i",
        ),
    )
    first: int = option(10, "T₀, the length of the first cycle.", unit="epochs", ge=1, le=10**6, live=True)
    growth: int = option(
        2, "T_mult, how many times longer each cycle is than the one before.", ge=1, le=100, live=True
    )
    end: float = option(
        0.0, "η_min as a share of the rate: what is left at the end of a cycle.", ge=0, le=1, live=True
    )

    def warning(self, rate: float, epochs: int, steps: int) -> Problem | None:
        if self.first <= epochs:
            return None
        return Problem(
            "/first",
            f"the first cycle takes {self.first:,} epochs, and there are {epochs:,}: "
            "the rate never comes to its least",
            use("/first", max(1, epochs // 3), "epochs"),
        )

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Restarts, self.first * steps_per_epoch, self.growth, self.end)

    def cycle_ended(self, step: int, steps_per_epoch: int) -> int:
        length, cycle = self.first * steps_per_epoch, 0
        if self.growth == 1:
            return step // length if step % length == 0 else 0
        while step > 0:
            step, length, cycle = step - length, length * self.growth, cycle + 1
        return cycle if step == 0 else 0


class Restarts:
    """η_min + ½ (η₀ − η_min)(1 + cos(π T_cur / Tᵢ)) in cycles of T₀, T₀ T_mult, T₀ T_mult², …"""

    def __init__(self, first: int, growth: int, end: float) -> None:
        self.first, self.growth, self.end = first, growth, end

    def __call__(self, initial: float, step: int) -> float:
        length = self.first
        if self.growth == 1:
            step %= length
        while step >= length:
            step -= length
            length *= self.growth
        least = self.end * initial
        return least + 0.5 * (initial - least) * (1 + math.cos(math.pi * step / length))
