"""Losses for values in which large errors count less than in the mean square."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
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
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Outliers pull no harder than other errors.",
            "Its unit is that of the target.",
        ),
        cons=(
            (
                "The gradient has the same size however near the target is: with a constant rate the "
                "end jitters."
            ),
            "It has a corner at 0.",
        ),
        use="For regression with outliers; its best constant is the median.",
        example=Example(
            ("The loss goes on jittering at the end. Let the rate fall by a cosine, and it comes to rest."),
            preset="diabetes",
        ),
        tex=(
            r"L = \frac{1}{n} \sum_i |y_i - t_i|",
            r"\frac{\partial L}{\partial y_i} = \frac{1}{n} \operatorname{sign}(y_i - t_i)",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )

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
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth at 0 like the squared error, and calm about outliers like the absolute one.",),
        cons=("δ must suit the unit of the target.",),
        use="For regression where a few targets are far off.",
        example=Example(
            "Lower δ: more of the errors count by their size alone, and the farthest pull less.",
            preset="diabetes",
        ),
        mistakes=(
            Mistake(
                "The parabola holds where e ≤ δ.",
                "Where |e| ≤ δ: without the absolute value large negative errors would be squared.",
            ),
        ),
        tex=(
            (
                r"L = \begin{cases} \frac{1}{2} e^2 & \text{for } |e| \le \delta \\ \delta |e| - "
                r"\frac{1}{2} \delta^2 & \text{else} \end{cases}"
            ),
            (
                r"\frac{\partial L}{\partial e} = \begin{cases} e & \text{for } |e| \le \delta \\ \delta "
                r"\operatorname{sign} e & \text{else} \end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
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
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth at 0; its slope is at most 1, whatever β is.",),
        cons=("For small β it is nearly the absolute error, with its jitter.",),
        use="For the corners of boxes in detectors; it is Huber's loss divided by β.",
        example=Example(
            "With β = 1 it is Huber's loss: the curves are the same.",
            preset="diabetes",
        ),
        tex=(
            (
                r"L = \begin{cases} \frac{1}{2} e^2 / \beta & \text{for } |e| < \beta \\ |e| - "
                r"\frac{1}{2} \beta & \text{else} \end{cases}"
            ),
            (
                r"\frac{\partial L}{\partial e} = \begin{cases} e / \beta & \text{for } |e| < \beta \\ "
                r"\operatorname{sign} e & \text{else} \end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    beta: float = option(1.0, "β, how wide the rounded corner is.", gt=0, le=1e6, log=True, live=True)

    def call(self) -> Call:
        return Call("torch.nn.SmoothL1Loss", beta=self.beta)
