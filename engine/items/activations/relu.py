"""ReLU and leaky ReLU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class ReLU(Activation):
    """ReLU: passes what is positive and cuts the rest to zero.

    Cheap, and it does not saturate on the right; a unit that is negative for every input receives no
    gradient any more and is dead. The slope at 0 is a convention: torch takes 0.
    """

    kind: Literal["relu"] = "relu"
    downward: ClassVar[Literal["rectified", "as_it_is"] | None] = "rectified"
    formula: ClassVar[str] = "f(x) = max(0, x)"
    derivative: ClassVar[str] = "f′(x) = 1 for x > 0, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Cheap, and its slope is 1 for all that is positive: deep networks train.",
            "Many units are exactly 0, which makes representations sparse.",
        ),
        cons=(
            "A unit whose sum is negative for every sample has no gradient and is dead.",
            "Outputs are not centred on 0.",
            "It has a corner at 0; which slope it has there is a convention.",
        ),
        use=(
            "The first choice for hidden layers of feed-forward and convolutional networks, with He's "
            "initialization."
        ),
        example=Example(
            "Each unit folds the plane along a line; the boundary is made of straight pieces.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "ReLU cannot be trained because it is not differentiable at 0.",
                "A single point does not matter: torch takes the slope 0 there.",
            ),
            Mistake(
                "AlexNet was quick because of ReLU alone.",
                (
                    "Its paper reports a six times shorter way to 25 % training error than with tanh on "
                    "CIFAR-10, for one network."
                ),
            ),
        ),
        tex=(
            r"f(x) = \max(0, x)",
            r"f'(x) = \begin{cases} 1 & \text{for } x > 0 \\ 0 & \text{else} \end{cases}",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.ReLU")


class LeakyReLU(Activation):
    """Leaky ReLU: a rectifier with a small slope on the negative side, so that no unit dies.

    Maas et al. 2013.
    """

    kind: Literal["leaky_relu"] = "leaky_relu"
    downward: ClassVar[Literal["rectified", "as_it_is"] | None] = "rectified"
    formula: ClassVar[str] = "f(x) = x for x ≥ 0, else a·x"
    derivative: ClassVar[str] = "f′(x) = 1 for x > 0, else a"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "No unit dies: the negative side has a slope as well.",
            "As cheap as ReLU.",
        ),
        cons=("One more number to choose; gains over ReLU are small and not always there.",),
        use="Where ReLU leaves many units dead, as with large rates.",
        example=Example(
            "Boundaries have corners, as with ReLU, but no unit's picture is empty.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \begin{cases} x & \text{for } x \ge 0 \\ a\,x & \text{else} \end{cases}",
            r"f'(x) = \begin{cases} 1 & \text{for } x > 0 \\ a & \text{else} \end{cases}",
        ),
        domain="(−∞, ∞)",
        codomain="(−∞, ∞)",
        monotone=True,
    )
    slope: float = option(0.01, "a, the slope on the negative side.", ge=0, le=1, live=True)

    def call(self, context: Context) -> Call:
        return Call("torch.nn.LeakyReLU", self.slope)


class PReLU(Activation):
    """PReLU: a leaky rectifier that learns the slope of its negative side.

    One slope for the whole layer, or one for each unit or channel. It is no weight: penalties leave it alone,
    as the paper does. He et al. 2015, equation 1.
    """

    kind: Literal["prelu"] = "prelu"
    downward: ClassVar[Literal["rectified", "as_it_is"] | None] = "rectified"
    formula: ClassVar[str] = "f(x) = x for x ≥ 0, else a·x, with a learned"
    derivative: ClassVar[str] = "f′(x) = 1 for x > 0, else a;  ∂f/∂a = x for x < 0, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            ("The slope of the negative side is learned with the weights, for one number a layer or a unit."),
        ),
        cons=(
            "A few more parameters, which can overfit small data.",
            "Weight decay on the slope would pull it to ReLU; it is left out of penalties here.",
        ),
        use="In deep convolutional networks with enough data.",
        example=Example(
            "Watch each layer's slope: it begins at 0.25 and goes its own way.",
            preset="circle",
        ),
        tex=(
            (
                r"f(x) = \begin{cases} x & \text{for } x \ge 0 \\ a\,x & \text{else} \end{cases} \quad "
                r"\text{with } a \text{ learned}"
            ),
            r"f'(x) = \begin{cases} 1 & \text{for } x > 0 \\ a & \text{else} \end{cases}",
            (
                r"\frac{\partial f}{\partial a} = \begin{cases} x & \text{for } x < 0 \\ 0 & \text{else} "
                r"\end{cases}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="(−∞, ∞)",
    )
    slope: float = option(0.25, "a at the start.", ge=-1, le=1)
    each: bool = option(False, "Whether each unit or channel has a slope of its own.")

    def call(self, context: Context) -> Call:
        slopes = context.shape[0] if self.each else 1
        return Call("torch.nn.PReLU", slopes, init=self.slope)


class ReLU6(Activation):
    """ReLU6: a rectifier that is cut off at 6, so that it keeps its precision in few bits.

    Krizhevsky 2010; MobileNet (Howard et al. 2017) uses it.
    """

    kind: Literal["relu6"] = "relu6"
    downward: ClassVar[Literal["rectified", "as_it_is"] | None] = "rectified"
    formula: ClassVar[str] = "f(x) = min(max(0, x), 6)"
    derivative: ClassVar[str] = "f′(x) = 1 for 0 < x < 6, else 0"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Bounded, so that it can be stored in few bits.",
            "Sparse and cheap as ReLU.",
        ),
        cons=("No gradient below 0 or above 6: it can die on either side.",),
        use="In networks meant for phones and fixed-point arithmetic, as MobileNet.",
        example=Example(
            (
                "On this scale of sums it is a ReLU: the cut at 6 is rarely reached. The histograms of "
                "activations show it."
            ),
            preset="circle",
        ),
        tex=(
            r"f(x) = \min(\max(0, x), 6)",
            r"f'(x) = \begin{cases} 1 & \text{for } 0 < x < 6 \\ 0 & \text{else} \end{cases}",
        ),
        domain="(−∞, ∞)",
        codomain="[0, 6]",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.ReLU6")
