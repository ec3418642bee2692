"""Binary step and its ramp."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Remedy
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class BinaryStep(Activation):
    """Binary step: 1 where the sum is at least 0, else 0; the perceptron's activation.

    Its derivative is 0 everywhere but at the step, where it has none, so that gradient descent changes
    nothing below it: only layers behind the last step learn. McCulloch & Pitts 1943; Rosenblatt 1958.
    """

    kind: Literal["binary_step"] = "binary_step"
    flat: ClassVar[bool] = True
    formula: ClassVar[str] = "f(x) = 1 for x ≥ 0, else 0"
    derivative: ClassVar[str] = "f′(x) = 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "An answer of yes or no, as the first artificial neurons gave it.",
            "With the perceptron's rule it learns whatever a straight line separates.",
        ),
        cons=(
            (
                "Its derivative is 0 wherever it has one: no gradient passes it, and layers before it "
                "do not learn."
            ),
            "It does not say how near to the threshold a sample is.",
        ),
        use="To understand the perceptron; to train several layers, take a sigmoid, a tanh or a rectifier.",
        example=Example(
            (
                "The layers before the last step keep the weights they began with. Only what comes "
                "behind it changes."
            ),
            preset="circle",
            claim={"metric": "train_loss", "op": ">", "than": {"metric": "train_loss", "of": "preset"}},
        ),
        mistakes=(
            Mistake(
                "Turing built the first artificial neuron.",
                "McCulloch and Pitts described it in 1943.",
            ),
            Mistake(
                "Minsky showed that perceptrons cannot learn linear functions.",
                (
                    "They cannot learn what no line separates, such as exclusive or; that is about a "
                    "single layer."
                ),
            ),
        ),
        tex=(
            r"f(x) = \begin{cases} 1 & \text{for } x \ge 0 \\ 0 & \text{else} \end{cases}",
            r"f'(x) = 0",
        ),
        domain="(−∞, ∞)",
        codomain="{0, 1}",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call(Heaviside)


class Heaviside(torch.nn.Module):
    """1 for x ≥ 0, else 0, and no number where x is none.

    The gradient is 0 rather than missing, because autograd takes sign and ceil as constant.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x.isnan(), x, torch.ceil((torch.sign(x) + 1) / 2))


class PiecewiseLinear(Activation):
    """Piecewise linear: 0 below a range, 1 above it, and a straight line between.

    a and b are the ends of the range. A step that gradients can pass, where the sum lies within the range.
    """

    kind: Literal["piecewise_linear"] = "piecewise_linear"
    formula: ClassVar[str] = "f(x) = 0 for x < a, (x − a) / (b − a) for a ≤ x ≤ b, 1 for x > b"
    derivative: ClassVar[str] = "f′(x) = 1 / (b − a) for a < x < b, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "A step with a slope: the output is exactly 0 or 1 outside of the range, and gradients "
                "pass within it."
            ),
        ),
        cons=("Outside of the range there is no gradient.",),
        use=(
            "To see what lies between the binary step and the sigmoid: narrow the range, and learning "
            "slows down."
        ),
        example=Example(
            (
                "Make the range of one layer narrower: fewer samples fall into it, and its weights "
                "stand still."
            ),
            preset="circle",
        ),
        tex=(
            (
                r"f(x) = \begin{cases} 0 & \text{for } x < a \\ \frac{x - a}{b - a} & \text{for } a \le "
                r"x \le b \\ 1 & \text{for } x > b \end{cases}"
            ),
            (
                r"f'(x) = \begin{cases} \frac{1}{b - a} & \text{for } a < x < b \\ 0 & \text{else} "
                r"\end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, 1]",
        monotone=True,
    )
    low: float = option(-1.0, "a, where the line begins.", ge=-100, le=100)
    high: float = option(1.0, "b, where the line ends; above a.", ge=-100, le=100)

    @model_validator(mode="after")
    def _in_order(self) -> PiecewiseLinear:
        if self.high <= self.low:
            raise PydanticCustomError(
                "range_order",
                "high is {high}, not above low, {low}; expected a greater number",
                {"high": self.high, "low": self.low, "pointer": "/high", **self._swapped()},
            )
        return self

    def _swapped(self) -> dict[str, Remedy]:
        """The remedy that swaps the two ends, where that gives a range."""
        if self.high == self.low:
            return {}
        return {"remedy": Remedy.setting("Swap the two", {"/low": self.high, "/high": self.low})}

    def call(self, context: Context) -> Call:
        return Call(Ramp, self.low, self.high)


class Ramp(torch.nn.Module):
    """0 below `low`, 1 above `high`, linear between."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.clamp((x - self.low) / (self.high - self.low), 0, 1)
