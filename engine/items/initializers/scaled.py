"""Initializers whose spread follows the layer's fan: Xavier, He and LeCun."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer

Distribution = Literal["normal", "uniform"]


class Scaled(Initializer, ABC):
    """A spread that follows from how many numbers a unit reads (fan_in) and how many read it (fan_out)."""

    distribution: Distribution = option("normal", "Shape of the distribution; the spread is the same.")

    @abstractmethod
    def std(self, fan_in: int, fan_out: int) -> float:
        """The standard deviation."""

    def call_for_bias(self, weight: tuple[int, ...]) -> Call:
        field = math.prod(weight[2:])
        std = self.std(weight[1] * field, weight[0] * field)
        if self.distribution == "normal":
            return Call("torch.nn.init.normal_", Name("tensor"), 0.0, std, generator=Name("generator"))
        bound = math.sqrt(3) * std
        return Call("torch.nn.init.uniform_", Name("tensor"), -bound, bound, generator=Name("generator"))


class Xavier(Scaled):
    """Xavier: standard deviation √(2 / (fan_in + fan_out)), a spread that keeps signals as they are.

    A compromise between keeping the variance of activations and that of gradients, for activations that
    are linear around zero, such as tanh. Glorot & Bengio 2010, equation 16.
    """

    kind: Literal["xavier"] = "xavier"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Signals and gradients keep their size through layers that are linear around 0.",),
        cons=("ReLU cuts half of the signal away, which it does not make up for.",),
        use="For tanh and sigmoid layers.",
        example=Example(
            "The units of all three layers have pictures of like strength from the first step on.",
            preset="spiral",
        ),
        mistakes=(
            Mistake(
                "Xavier's rule is √(1 / n_in).",
                "That is LeCun's; Xavier's is √(2 / (n_in + n_out)), a mean over both directions.",
            ),
        ),
        tex=(r"\text{std} = \sqrt{\frac{2}{\text{fan}_{\text{in}} + \text{fan}_{\text{out}}}}",),
    )

    def call(self) -> Call:
        return Call(f"torch.nn.init.xavier_{self.distribution}_", Name("tensor"), generator=Name("generator"))

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(2 / (fan_in + fan_out))


class He(Scaled):
    """He: standard deviation √(2 / fan_in), which makes up for the half that a ReLU cuts away.

    He et al. 2015, equation 10.
    """

    kind: Literal["he"] = "he"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "Makes up for the half that ReLU cuts away: signals keep their size through deep ReLU "
                "networks."
            ),
        ),
        cons=("With tanh signals grow into saturation at first.",),
        use="For ReLU and its kin.",
        example=Example(
            (
                "The loss falls from the first epoch on; with a normal start of 0.01 it takes a while "
                "to begin."
            ),
            preset="digits",
        ),
        tex=(r"\text{std} = \sqrt{\frac{2}{\text{fan}_{\text{in}}}}",),
    )

    def call(self) -> Call:
        return Call(
            f"torch.nn.init.kaiming_{self.distribution}_",
            Name("tensor"),
            nonlinearity="relu",
            generator=Name("generator"),
        )

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(2 / fan_in)


class LeCun(Scaled):
    """LeCun: standard deviation √(1 / fan_in), which keeps the variance of a sum of independent inputs.

    What SELU needs. Some texts call this rule Xavier's, whose mean is over both fans. LeCun et al. 1998,
    "Efficient BackProp", equation 16.
    """

    kind: Literal["lecun"] = "lecun"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Keeps the variance of a sum of independent inputs: what SELU needs.",),
        cons=("Looks forward only: gradients may shrink or grow where widths change.",),
        use="With SELU, and with LeCun's tanh.",
        example=Example(
            (
                "Signals keep their size from layer to layer, as long as sums stay where tanh is nearly "
                "linear."
            ),
            preset="spiral",
        ),
        tex=(r"\text{std} = \sqrt{\frac{1}{\text{fan}_{\text{in}}}}",),
    )

    def call(self) -> Call:
        return Call(
            f"torch.nn.init.kaiming_{self.distribution}_",
            Name("tensor"),
            nonlinearity="linear",
            generator=Name("generator"),
        )

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(1 / fan_in)
