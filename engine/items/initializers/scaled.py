"""Initializers whose spread follows the layer's fan: Xavier, He and LeCun."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Literal

from glassnet.engine.catalog import option
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

    def call(self) -> Call:
        return Call(f"torch.nn.init.xavier_{self.distribution}_", Name("tensor"), generator=Name("generator"))

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(2 / (fan_in + fan_out))


class He(Scaled):
    """He: standard deviation √(2 / fan_in), which makes up for the half that a ReLU cuts away.

    He et al. 2015, equation 10.
    """

    kind: Literal["he"] = "he"

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

    def call(self) -> Call:
        return Call(
            f"torch.nn.init.kaiming_{self.distribution}_",
            Name("tensor"),
            nonlinearity="linear",
            generator=Name("generator"),
        )

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(1 / fan_in)
