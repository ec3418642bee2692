"""Even functions: absolute value, cosine, and the radial basis functions."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import option
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
