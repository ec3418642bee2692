"""Adam and its relatives."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.optimizers import Optimizer


class Moments(Optimizer, ABC):
    """An optimizer with running means of the gradients and of their size."""

    slots: ClassVar[tuple[str, ...]] = ("mean", "square")
    inertia: ClassVar[str | None] = "beta1"
    beta1: float = option(0.9, "β₁, the share of the mean gradient that is kept.", ge=0, lt=1, live=True)
    beta2: float = option(0.999, "β₂, the share of the mean square that is kept.", ge=0, lt=1, live=True)
    epsilon: float = option(1e-8, "ε, added to the root.", gt=0, le=1, log=True, live=True)

    def warning(self) -> Problem | None:
        if self.beta1 <= self.beta2:
            return None
        return Problem(
            "/beta1",
            f"β₁ {self.beta1:g} is above β₂ {self.beta2:g}: a large gradient drives steps on "
            "after its square, which shortens them, is forgotten",
            Remedy.setting("Swap the two", {"/beta1": self.beta2, "/beta2": self.beta1}),
        )

    def _torchs(self, name: str, **further: Any) -> Call:
        return Call(
            f"torch.optim.{name}",
            Name("parameters"),
            lr=self.learning_rate,
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
            **further,
        )

    def _move(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        """Adam's step."""
        mean = state["mean"].lerp_(gradient, 1 - self.beta1)
        square = state["square"].mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
        mean_correction = 1 - self.beta1**count
        square_correction = 1 - self.beta2**count
        root = square.sqrt().div_(square_correction.sqrt()).add_(self.epsilon)
        parameter.sub_((mean * (rate / mean_correction)).div_(root))


class Adam(Moments):
    """Adam: momentum and RMSprop together, both corrected for starting at zero.

    Kingma & Ba 2015, algorithm 1; m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).

    A common mistake: ε is 10⁻⁸, not 10·e⁻⁸. Another: Adam is not Adagrad with momentum; its mean
    square forgets, as RMSprop's does.
    """

    kind: Literal["adam"] = "adam"
    formula: ClassVar[str] = "m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − η m̂ / (√v̂ + ε)"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Works with its defaults on most things: momentum and a rate for each weight.",
            "The first steps are right, because both means are corrected for starting at 0.",
        ),
        cons=(
            "Two numbers of state for each weight.",
            "On images SGD with momentum often ends better.",
            "L2 penalties do not act evenly under it: use AdamW.",
        ),
        use="The first choice for a new network, with a rate of 0.001 to 0.01.",
        example=Example(
            "The loss is low after a few epochs, with no rate tuned.",
            preset="circle",
            claim={"metric": "train_loss", "op": "<", "value": 0.1},
        ),
        mistakes=(
            Mistake(
                "ε is 10·e⁻⁸.",
                "It is 10⁻⁸; β₁ = 0.9 and β₂ = 0.999.",
            ),
            Mistake(
                "Adam is Adagrad with momentum.",
                "It is RMSprop with momentum, both corrected for their start: its mean square forgets.",
            ),
        ),
        tex=(
            r"m \leftarrow \beta_1 m + (1 - \beta_1)\,g",
            r"v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2",
            r"\hat m = \frac{m}{1 - \beta_1^t}, \quad \hat v = \frac{v}{1 - \beta_2^t}",
            r"\theta \leftarrow \theta - \eta \frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
        ),
    )

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        self._move(parameter, gradient, state, rate, count)

    def call(self) -> Call:
        return self._torchs("Adam")


class AdamW(Moments):
    """AdamW: Adam, with weight decay that is not divided by the root of the squares.

    Loshchilov & Hutter 2019, algorithm 2. An L2 penalty under Adam shrinks weights with large
    gradients less than others; decay beside the step shrinks all alike.
    """

    kind: Literal["adamw"] = "adamw"
    formula: ClassVar[str] = "θ ← θ − η λ θ;  then as Adam:  θ ← θ − η m̂ / (√v̂ + ε)"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Decay shrinks all weights by the same share, as it does under plain SGD.",
            "The usual optimizer of transformers.",
        ),
        cons=("One more number to choose, and it acts together with the rate.",),
        use="Wherever Adam is used together with weight decay.",
        example=Example(
            ("Thirty points and seven hundred weights: raise the decay and the boundary becomes smoother."),
            preset="few-points",
        ),
        mistakes=(
            Mistake(
                "Weight decay and L2 are the same.",
                (
                    "Only under plain SGD: Adam divides the penalty's gradient as every other, so that "
                    "weights with large gradients shrink least."
                ),
            ),
        ),
        tex=(
            r"\theta \leftarrow \theta - \eta \lambda \theta",
            r"\theta \leftarrow \theta - \eta \frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
        ),
    )
    weight_decay: float = option(
        0.01, "λ, the share of each weight that is taken off, times the rate.", ge=0, le=1, live=True
    )

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        parameter.mul_(1 - rate * self.weight_decay)
        self._move(parameter, gradient, state, rate, count)

    def call(self) -> Call:
        return self._torchs("AdamW", weight_decay=self.weight_decay)


class AdaMax(Moments):
    """AdaMax: Adam, with the greatest recent gradient in place of the root mean square.

    Kingma & Ba 2015, algorithm 2: no step is longer than about η. ε is torch's, against 0 / 0; the
    paper has none, nor a correction of u.
    """

    kind: Literal["adamax"] = "adamax"
    slots: ClassVar[tuple[str, ...]] = ("mean", "peak")
    formula: ClassVar[str] = "m ← β₁ m + (1 − β₁) g;  u ← max(β₂ u, |g| + ε);  θ ← θ − η m̂ / u"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "No step is longer than about η: the greatest recent gradient divides it.",
            "Calm where gradients are now and then huge.",
        ),
        cons=("One large gradient keeps steps small for a thousand steps.",),
        use="In place of Adam where gradients spike, as with embeddings.",
        example=Example(
            "Its curve is Adam's, a little slower: compare them with the same seed.",
            preset="circle",
        ),
        tex=(
            r"m \leftarrow \beta_1 m + (1 - \beta_1)\,g",
            r"u \leftarrow \max(\beta_2 u, |g| + \varepsilon)",
            r"\theta \leftarrow \theta - \eta \frac{\hat m}{u}",
        ),
    )

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        mean = state["mean"].lerp_(gradient, 1 - self.beta1)
        peak = state["peak"].mul_(self.beta2)
        torch.maximum(peak, gradient.abs().add_(self.epsilon), out=peak)
        parameter.sub_((mean * (rate / (1 - self.beta1**count))).div_(peak))

    def call(self) -> Call:
        return self._torchs("Adamax")


class NAdam(Moments):
    """NAdam: Adam that looks ahead, as Nesterov's momentum does.

    Dozat 2016, algorithm 2, with a momentum μ that warms up: μₜ = β₁ (1 − ½ · 0.96^(ψt)), and Πμ
    the product of those until now.
    """

    kind: Literal["nadam"] = "nadam"
    scalars: ClassVar[tuple[str, ...]] = ("log_product",)
    formula: ClassVar[str] = (
        "m, v as Adam;  θ ← θ − η (μₜ₊₁ m / (1 − Πμ μₜ₊₁) + (1 − μₜ) g / (1 − Πμ)) / (√v̂ + ε)"
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=("Adam that looks ahead as Nesterov does: often a little quicker at the start.",),
        cons=("A gain that is often within the noise of the seed.",),
        use="Where Adam is used and every epoch counts.",
        example=Example(
            "Run it and Adam with the same seed: the difference is in the first epochs.",
            preset="circle",
        ),
        tex=(
            r"\mu_t = \beta_1 \left(1 - \tfrac{1}{2} \cdot 0.96^{\psi t}\right)",
            (
                r"\theta \leftarrow \theta - \frac{\eta}{\sqrt{\hat v} + \varepsilon} "
                r"\left(\frac{\mu_{t+1}\,m}{1 - \prod_{i \le t+1} \mu_i} + \frac{(1 - \mu_t)\,g}{1 - "
                r"\prod_{i \le t} \mu_i}\right)"
            ),
        ),
    )
    momentum_decay: float = option(0.004, "ψ, how soon the momentum has warmed up.", ge=0, le=1, live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        now = self.beta1 * (1 - 0.5 * 0.96 ** (count * self.momentum_decay))
        ahead = self.beta1 * (1 - 0.5 * 0.96 ** ((count + 1) * self.momentum_decay))
        product = state["log_product"].add_(now.log()).exp()
        mean = state["mean"].lerp_(gradient, 1 - self.beta1)
        square = state["square"].mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
        root = square.div(1 - self.beta2**count).sqrt_().add_(self.epsilon)
        step = gradient * (rate * (1 - now) / (1 - product))
        step += mean * (rate * ahead / (1 - product * ahead))
        parameter.sub_(step.div_(root))

    def call(self) -> Call:
        return self._torchs("NAdam", momentum_decay=self.momentum_decay)
