"""Mean squared error."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import Encoding, Loss


class MSE(Loss):
    """MSE: the mean squared error, for regression; large errors count most.

    It also separates classes (targets −1 and 1), with gradients that vanish where a squashing output
    is confidently wrong.
    """

    kind: Literal["mse"] = "mse"
    labels: ClassVar[Encoding | None] = "plus_minus"
    values: ClassVar[bool] = True
    formula: ClassVar[str] = "L = mean (y − t)²"

    def call(self) -> Call:
        return Call("torch.nn.MSELoss")
