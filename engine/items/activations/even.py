"""Even functions: absolute value, cosine, and the radial basis functions."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context


class Absolute(Activation):
    """Absolute value: the size of the sum, whatever its sign.

    It rectifies without losing what is negative (Jarrett et al. 2009). torch takes the slope 0 at 0.
    """

    kind: Literal["absolute"] = "absolute"
    formula: ClassVar[str] = "f(x) = |x|"
    derivative: ClassVar[str] = "f′(x) = sign x"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Rectifies without losing how large a negative sum was.",
            "Its slope is ±1: gradients keep their size.",
        ),
        cons=(
            "It forgets the sign, so that x and −x look alike.",
            "Not monotone: one output has two causes, which makes costs bumpier.",
        ),
        use="After filters whose sign does not matter, as edges of either polarity.",
        example=Example(
            "Each unit folds the plane onto itself along a line: pictures are symmetric to it.",
            preset="circle",
        ),
        tex=(
            r"f(x) = |x|",
            r"f'(x) = \operatorname{sign} x",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
        monotone=False,
    )

    def call(self, context: Context) -> Call:
        return Call(AbsoluteValue)


class AbsoluteValue(torch.nn.Module):
    """|x|."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.abs(x)


class CosineWave(Activation):
    """Cosine: a wave, from −1 to 1, that never levels off.

    Units repeat themselves, which suits what is periodic; elsewhere the cost has many local minima.
    """

    kind: Literal["cosine"] = "cosine"
    formula: ClassVar[str] = "f(x) = cos x"
    derivative: ClassVar[str] = "f′(x) = −sin x"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Never saturates for good: there is always slope a little further on.",
            "Suits signals that repeat.",
        ),
        cons=(
            "Periodic, so that the cost has many local minima.",
            "Large weights make high frequencies, which fit noise.",
        ),
        use="For periodic signals and coordinates, with small weights to begin with.",
        example=Example(
            "The units' pictures are stripes; the boundary may wiggle far away from the points.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \cos x",
            r"f'(x) = -\sin x",
        ),
        domain="(−∞, ∞)",
        codomain="[−1, 1]",
        monotone=False,
    )

    def call(self, context: Context) -> Call:
        return Call(CosineFunction)


class CosineFunction(torch.nn.Module):
    """cos x."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cos(x)


class Gaussian(Activation):
    """Gaussian: a bell of height 1 around zero; far from it a unit is silent and learns nothing.

    The usual radial basis function. Broomhead & Lowe 1988.
    """

    kind: Literal["gaussian"] = "gaussian"
    formula: ClassVar[str] = "f(x) = e^(−x²)"
    derivative: ClassVar[str] = "f′(x) = −2x e^(−x²)"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Local: a unit answers near its line only, and leaves the rest alone.",),
        cons=(
            "Far away it is silent and has no gradient.",
            "Sums must begin near 0, or nothing learns.",
        ),
        use="In radial basis networks, and on low-dimensional inputs.",
        example=Example(
            "The units' pictures are ridges: bright along a line, dark on both sides.",
            preset="circle",
        ),
        tex=(
            r"f(x) = e^{-x^2}",
            r"f'(x) = -2x\,e^{-x^2}",
        ),
        domain="(−∞, ∞)",
        codomain="(0, 1]",
        monotone=False,
    )

    def call(self, context: Context) -> Call:
        return Call(Bell)


class Bell(torch.nn.Module):
    """e^(−x²)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.exp(-(x * x))


class Multiquadric(Activation):
    """Multiquadric: the length of (x, c), a smooth absolute value that is at least c.

    Hardy 1971; as a radial basis function Broomhead & Lowe 1988.
    """

    kind: Literal["multiquadric"] = "multiquadric"
    formula: ClassVar[str] = "f(x) = √(x² + c²)"
    derivative: ClassVar[str] = "f′(x) = x / √(x² + c²)"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth everywhere, and like |x| far away: gradients keep their size.",),
        cons=("Unbounded, and it grows in both directions: outputs can become large.",),
        use="For interpolation of scattered points by radial basis functions.",
        example=Example(
            "The units' pictures are troughs with a round bottom of width c.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \sqrt{x^2 + c^2}",
            r"f'(x) = \frac{x}{\sqrt{x^2 + c^2}}",
        ),
        domain="(−∞, ∞)",
        codomain="[c, ∞)",
        monotone=False,
    )
    c: float = option(1.0, "c, the least value, and the width of the round bottom.", gt=0, le=100)

    def call(self, context: Context) -> Call:
        return Call(Hyperbola, self.c)


class Hyperbola(torch.nn.Module):
    """√(x² + c²)."""

    def __init__(self, c: float) -> None:
        super().__init__()
        self.c = c

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sqrt(x * x + self.c**2)


class InverseMultiquadric(Activation):
    """Inverse multiquadric: a hill of height 1/c around zero with long flanks.

    Broomhead & Lowe 1988.
    """

    kind: Literal["inverse_multiquadric"] = "inverse_multiquadric"
    formula: ClassVar[str] = "f(x) = 1 / √(x² + c²)"
    derivative: ClassVar[str] = "f′(x) = −x / (x² + c²)^(3/2)"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Local as the Gaussian, with longer flanks that keep some gradient.",),
        cons=("Its height and width are one number, c.",),
        use="In place of the Gaussian where units fall silent.",
        example=Example(
            "The units' pictures are ridges whose flanks reach far.",
            preset="circle",
        ),
        tex=(
            r"f(x) = \frac{1}{\sqrt{x^2 + c^2}}",
            r"f'(x) = -\frac{x}{(x^2 + c^2)^{3/2}}",
        ),
        domain="(−∞, ∞)",
        codomain="(0, 1/c]",
        monotone=False,
    )
    c: float = option(1.0, "c, the width of the hill; its height is 1/c.", gt=0, le=100)

    def call(self, context: Context) -> Call:
        return Call(InverseHyperbola, self.c)


class InverseHyperbola(torch.nn.Module):
    """1 / √(x² + c²)."""

    def __init__(self, c: float) -> None:
        super().__init__()
        self.c = c

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.rsqrt(x * x + self.c**2)
