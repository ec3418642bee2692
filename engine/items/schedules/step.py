"""Falling by factors: in steps, or all the time."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem
from glassnet.engine.items.schedules import Schedule, use


class Step(Schedule):
    """Step: the rate is multiplied by a factor every so many epochs."""

    kind: Literal["step"] = "step"
    formula: ClassVar[str] = "η = η₀ · γ^⌊epoch / period⌋"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Simple, and each fall shows at once in the loss.",),
        cons=("When to fall must be known beforehand.",),
        use="For convolutional networks with a known number of epochs, as in AlexNet's and ResNet's papers.",
        example=Example(
            "At each fall of the rate the jitter of the loss becomes smaller.",
            preset="circle",
        ),
        tex=(r"\eta = \eta_0\,\gamma^{\lfloor \text{epoch} / \text{period} \rfloor}",),
    )
    period: int = option(30, "Epochs between two steps.", unit="epochs", ge=1, le=10**6, live=True)
    gamma: float = option(0.1, "γ, the factor of each step.", gt=0, le=1, live=True)

    def warning(self, rate: float, epochs: int, steps: int) -> Problem | None:
        if self.period < epochs:
            return None
        return Problem(
            "/period",
            f"the first step comes after {self.period:,} epochs, and there are {epochs:,}: "
            "the rate never falls",
            use("/period", max(1, epochs // 3), "epochs") if epochs > 1 else None,
        )

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Stairs, self.period * steps_per_epoch, self.gamma)

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        return Call(
            "torch.optim.lr_scheduler.StepLR",
            Name("optimizer"),
            step_size=self.period * steps_per_epoch,
            gamma=self.gamma,
        )


class Stairs:
    """η₀ γ^⌊t / period⌋."""

    def __init__(self, period: int, gamma: float) -> None:
        self.period, self.gamma = period, gamma

    def __call__(self, initial: float, step: int) -> float:
        return float(initial * self.gamma ** (step // self.period))


class Exponential(Schedule):
    """Exponential: the rate falls by the same factor in each epoch, a little with every step."""

    kind: Literal["exponential"] = "exponential"
    formula: ClassVar[str] = "η = η₀ · γ^epoch"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth: no moment at which all changes.",),
        cons=(
            (
                "It falls most in absolute terms at the start, where large steps are worth most; γ is "
                "hard to guess."
            ),
        ),
        use="Where training has no planned end.",
        example=Example(
            (
                "On a logarithmic scale the rate is a straight line; the loss stops moving when the "
                "rate is spent."
            ),
            preset="circle",
        ),
        tex=(r"\eta = \eta_0\,\gamma^{\text{epoch}}",),
    )
    gamma: float = option(0.99, "γ, the factor of each epoch.", gt=0, le=1, live=True)

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Decay, steps_per_epoch, self.gamma)


class Decay:
    """η₀ γ^(t / period)."""

    def __init__(self, period: int, gamma: float) -> None:
        self.period, self.gamma = period, gamma

    def __call__(self, initial: float, step: int) -> float:
        return float(initial * self.gamma ** (step / self.period))
