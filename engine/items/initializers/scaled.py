"""Initializers whose spread follows the layer's fan: Xavier and He."""

from __future__ import annotations

from typing import Literal

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer

Distribution = Literal["normal", "uniform"]


class Xavier(Initializer):
    """Xavier: standard deviation √(2 / (fan_in + fan_out)), a spread that keeps signals as they are.

    A compromise between keeping the variance of activations and that of gradients, for activations that
    are linear around zero, such as tanh. Glorot & Bengio 2010, equation 16.
    """

    kind: Literal["xavier"] = "xavier"
    distribution: Distribution = option("normal", "Shape of the distribution; the spread is the same.")

    def call(self) -> Call:
        return Call(f"torch.nn.init.xavier_{self.distribution}_", Name("tensor"), generator=Name("generator"))


class He(Initializer):
    """He: standard deviation √(2 / fan_in), which makes up for the half that a ReLU cuts away.

    He et al. 2015, equation 10.
    """

    kind: Literal["he"] = "he"
    distribution: Distribution = option("normal", "Shape of the distribution; the spread is the same.")

    def call(self) -> Call:
        return Call(
            f"torch.nn.init.kaiming_{self.distribution}_",
            Name("tensor"),
            nonlinearity="relu",
            generator=Name("generator"),
        )
