"""Stochastic gradient descent, with and without momentum."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.optimizers import Optimizer, is_on
from glassnet.engine.items.optimizers.exported import ByParameter


class SGD(Optimizer):
    """SGD: straight down the gradient, with momentum if wanted.

    Momentum is torch's form, v ← μv + g, without a factor (1 − μ): the step grows up to 1 / (1 − μ)
    times the learning rate. Nesterov looks ahead by using g + μv. Sutskever et al. 2013.

    A common mistake: to take over a rate from a text that writes v ← βv + (1 − β)g. With β = 0.9 the
    same path needs ten times the rate there.
    """

    kind: Literal["sgd"] = "sgd"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    inertia: ClassVar[str | None] = "momentum"
    formula: ClassVar[str] = "v ← μ v + g;  θ ← θ − η v   (Nesterov: θ ← θ − η (g + μ v))"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "One number to choose, no state: the least memory.",
            "With a good schedule and momentum it generalizes as well as any.",
        ),
        cons=(
            "The same rate for every weight: in a ravine it goes from wall to wall.",
            "It halts on plateaus and saddle points.",
        ),
        use=(
            "With momentum 0.9 and a falling rate for convolutional networks; without, to see what the "
            "others mend."
        ),
        example=Example(
            (
                "With momentum 0 the loss falls slowly and evenly. Raise momentum to 0.9: it swings, "
                "and arrives much sooner."
            ),
            preset="circle",
            claim={"metric": "train_loss", "op": ">", "than": {"metric": "train_loss", "of": "preset"}},
        ),
        mistakes=(
            Mistake(
                "Stochastic gradient descent takes one sample at a time.",
                (
                    "That is one end: of a batch of all it is batch descent, of some mini-batch "
                    "descent; updates per epoch are 1, N or N / batch."
                ),
            ),
            Mistake(
                "Batch sizes must be powers of two.",
                "Any size works; a power of two is habit.",
            ),
        ),
        tex=(
            r"v \leftarrow \mu v + g",
            r"\theta \leftarrow \theta - \eta v",
            r"\text{Nesterov: } \theta \leftarrow \theta - \eta (g + \mu v)",
        ),
    )
    momentum: float = option(
        0.0, "μ, the share of the last step's velocity that is kept.", ge=0, lt=1, live=True
    )
    nesterov: bool = option(False, "Whether the gradient is corrected by looking ahead.", live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        if is_on(self.momentum):
            velocity = state["velocity"].mul_(self.momentum).add_(gradient)
            gradient = gradient.add_(velocity * self.momentum) if self.nesterov else velocity
        parameter.sub_(gradient * rate)

    def warning(self) -> Problem | None:
        if not self.nesterov or self.momentum > 0:
            return None
        return Problem(
            "/nesterov",
            "without momentum there is nothing to look ahead by: it is plain SGD",
            Remedy.setting("Use momentum 0.9", {"/momentum": 0.9}),
        )

    def stability_edge(self, rate: float) -> float:
        """2/η, (2 + 2μ)/η with momentum, (2 + 2μ)/((1 + 2μ)η) with Nesterov's.

        Cohen et al. 2021, appendix B.
        """
        if rate == 0:
            return math.nan
        ahead = 1 + 2 * self.momentum if self.nesterov else 1
        return (2 + 2 * self.momentum) / (ahead * rate)

    def call(self) -> Call:
        return Call(
            "torch.optim.SGD",
            Name("parameters"),
            lr=self.learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov and self.momentum > 0,
        )


class Momentum(Optimizer):
    """Momentum: a running mean of the gradients in place of the gradient.

    The form with a factor (1 − β), in which the step's length depends on the rate alone, whatever β is.
    torch.optim.SGD leaves the factor out, and starts with v = g: that form is the item SGD.
    Polyak 1964 (heavy ball), as an exponential mean.
    """

    kind: Literal["momentum"] = "momentum"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    inertia: ClassVar[str | None] = "beta"
    formula: ClassVar[str] = "v ← β v + (1 − β) g;  θ ← θ − η v"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Swings across a ravine cancel, steps along it add up.",
            "With the factor 1 − β the step's length does not depend on β.",
        ),
        cons=(
            "It overshoots minima and swings around them.",
            "A rate from a text with torch's form is ten times too small here for β = 0.9.",
        ),
        use="To follow texts that write the factor 1 − β; torch's own form is SGD with momentum.",
        example=Example(
            (
                "The loss falls in waves: the mean of past gradients carries the weights past the "
                "bottom and back."
            ),
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "Every library writes momentum alike.",
                (
                    "torch writes v ← μv + g; with v ← βv + (1 − β)g the same path needs a rate 1 / (1 "
                    "− β) times as large."
                ),
            ),
        ),
        tex=(
            r"v \leftarrow \beta v + (1 - \beta)\,g",
            r"\theta \leftarrow \theta - \eta v",
        ),
    )
    beta: float = option(0.9, "β, the share of the mean gradient that is kept.", ge=0, lt=1, live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        velocity = state["velocity"].lerp_(gradient, 1 - self.beta)
        parameter.sub_(velocity * rate)

    def call(self) -> Call:
        return Call(MeanMomentum, Name("parameters"), lr=self.learning_rate, beta=self.beta)


class MeanMomentum(ByParameter):
    """v ← β v + (1 − β) g;  θ ← θ − η v."""

    def move(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], options: dict[str, Any]
    ) -> None:
        velocity = state.setdefault("velocity", torch.zeros_like(parameter))
        velocity.lerp_(gradient, 1 - options["beta"])
        parameter.sub_(velocity * options["lr"])


class NAG(Optimizer):
    """NAG: Nesterov's accelerated gradient as published, with the gradient taken at a point ahead.

    The gradient is taken at θ − βV. Here the network's weights are at that place; θ itself is βV
    back from it. torch's form (SGD with Nesterov) keeps gradients in v rather than steps: the two are
    the same as long as the rate stays the same. Nesterov 1983; Bengio et al. 2013, section 3.5.
    """

    kind: Literal["nag"] = "nag"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    inertia: ClassVar[str | None] = "beta"
    formula: ClassVar[str] = "V ← β V + η ∇J(θ − β V);  θ ← θ − V"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            ("Looks where momentum will carry it, and brakes in time: less overshoot than plain momentum."),
        ),
        cons=("With noisy gradients the gain is small.",),
        use="Where momentum overshoots; on smooth convex costs its rate is provably better.",
        example=Example(
            "Compare it with momentum: the waves in the loss are flatter.",
            preset="circle",
        ),
        tex=(
            r"V \leftarrow \beta V + \eta \nabla J(\theta - \beta V)",
            r"\theta \leftarrow \theta - V",
        ),
    )
    beta: float = option(0.9, "β, the share of the last step that is kept.", ge=0, lt=1, live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        step = gradient * rate
        velocity = state["velocity"].mul_(self.beta).add_(step)
        parameter.sub_(step.add_(velocity * self.beta))

    def position(self, parameter: Tensor, state: dict[str, Tensor]) -> Tensor:
        return parameter + state["velocity"] * self.beta

    def call(self) -> Call:
        return Call(NesterovAhead, Name("parameters"), lr=self.learning_rate, beta=self.beta)


class NesterovAhead(ByParameter):
    """V ← β V + η ∇J(θ − β V);  θ ← θ − V, with parameters that hold θ − β V."""

    def move(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], options: dict[str, Any]
    ) -> None:
        velocity = state.setdefault("velocity", torch.zeros_like(parameter))
        step = gradient * options["lr"]
        velocity.mul_(options["beta"]).add_(step)
        parameter.sub_(step + velocity * options["beta"])
