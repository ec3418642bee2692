"""RMSprop."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.optimizers import Optimizer, is_on


class RMSprop(Optimizer):
    """RMSprop: each weight's step is divided by a running root mean square of its gradients.

    Hinton 2012, lecture 6e. ε stands outside the root, as in torch.

    A common mistake: RMSprop is an optimizer, not an error function; the mean square is of gradients.
    """

    kind: Literal["rmsprop"] = "rmsprop"
    slots: ClassVar[tuple[str, ...]] = ("square", "velocity")
    inertia: ClassVar[str | None] = "momentum"
    formula: ClassVar[str] = "s ← α s + (1 − α) g²;  v ← μ v + g / (√s + ε);  θ ← θ − η v"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "A rate of its own for each weight, which forgets: it does not die as Adagrad's does.",
            "Works well with noisy gradients and recurrent networks.",
        ),
        cons=("Near a minimum steps stay about as long as the rate: it jitters unless the rate falls.",),
        use="For recurrent networks and reinforcement learning.",
        example=Example(
            "The loss falls quickly and then jitters; with a falling rate it comes to rest.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "RMSprop is an error function.",
                "It is an optimizer; the mean square is of gradients.",
            ),
        ),
        tex=(
            r"s \leftarrow \alpha s + (1 - \alpha)\,g^2",
            r"v \leftarrow \mu v + \frac{g}{\sqrt{s} + \varepsilon}",
            r"\theta \leftarrow \theta - \eta v",
        ),
    )
    alpha: float = option(0.99, "α, the share of the running mean that is kept.", ge=0, lt=1, live=True)
    epsilon: float = option(1e-8, "ε, added to the root.", gt=0, le=1, log=True, live=True)
    momentum: float = option(
        0.0, "μ, the share of the last step's velocity that is kept.", ge=0, lt=1, live=True
    )

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        square = state["square"].mul_(self.alpha).addcmul_(gradient, gradient, value=1 - self.alpha)
        step = gradient.div_(square.sqrt().add_(self.epsilon))
        if is_on(self.momentum):
            step = state["velocity"].mul_(self.momentum).add_(step)
        parameter.sub_(step * rate)

    def call(self) -> Call:
        return Call(
            "torch.optim.RMSprop",
            Name("parameters"),
            lr=self.learning_rate,
            alpha=self.alpha,
            eps=self.epsilon,
            momentum=self.momentum,
        )
