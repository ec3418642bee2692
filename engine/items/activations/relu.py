"""ReLU and leaky ReLU."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import option
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

    def call(self, context: Context) -> Call:
        return Call("torch.nn.ReLU6")
