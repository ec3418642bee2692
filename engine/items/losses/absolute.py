"""Losses for values in which large errors count less than in the mean square."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import Encoding, Loss


class MAE(Loss):
    """MAE: the mean absolute error; every unit of error counts alike, so that outliers pull little.

    Its best constant is the median. The slope has the same size however near the target is, so that with a
    constant rate the end of training jitters.
    """

    kind: Literal["mae"] = "mae"
    labels: ClassVar[Encoding | None] = None
    values: ClassVar[bool] = True
    formula: ClassVar[str] = "L = mean |y − t|"

    def call(self) -> Call:
        return Call("torch.nn.L1Loss")


class Huber(Loss):
    """Huber: a parabola for small errors, a straight line for large ones.

    With e = y − t. The condition is on |e|, not on e: a common mistake. Huber 1964, equation 1.
    """

    kind: Literal["huber"] = "huber"
    labels: ClassVar[Encoding | None] = None
    values: ClassVar[bool] = True
    formula: ClassVar[str] = "L = ½ e² for |e| ≤ δ, else δ |e| − ½ δ²"
    delta: float = option(1.0, "δ, where the line begins.", gt=0, le=1e6, log=True, live=True)

    def call(self) -> Call:
        return Call("torch.nn.HuberLoss", delta=self.delta)


class SmoothL1(Loss):
    """Smooth L1: the absolute error with a rounded corner; Huber's loss divided by β.

    With e = y − t. Detectors learn boxes by it. Girshick 2015, equation 3.
    """

    kind: Literal["smooth_l1"] = "smooth_l1"
    labels: ClassVar[Encoding | None] = None
    values: ClassVar[bool] = True
    formula: ClassVar[str] = "L = ½ e² / β for |e| < β, else |e| − ½ β"
    beta: float = option(1.0, "β, how wide the rounded corner is.", gt=0, le=1e6, log=True, live=True)

    def call(self) -> Call:
        return Call("torch.nn.SmoothL1Loss", beta=self.beta)
