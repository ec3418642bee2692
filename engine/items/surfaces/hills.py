"""Surfaces with several minima, or none."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from torch import Tensor

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.items.surfaces import Domain, Known, Place


class Himmelblau(Known):
    """Himmelblau: four minima, all zero; the start decides which. Himmelblau 1972."""

    kind: Literal["himmelblau"] = "himmelblau"
    formula: ClassVar[str] = "f = (x² + y − 11)² + (x + y² − 7)²"
    region: ClassVar[Domain] = ((-5.0, 5.0), (-5.0, 5.0))
    begin: ClassVar[Place] = (-0.3, -0.9)
    lowest: ClassVar[tuple[Place, ...]] = (
        (3.0, 2.0),
        (-2.8051180869527448, 3.1313125182505730),
        (-3.7793102533777469, -3.2831859912861694),
        (3.5844283403304917, -1.8481265269644034),
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=("Four equal minima: the start decides.",),
        cons=("All minima are as good, unlike in most problems.",),
        use="To see basins: which starts lead where.",
        example=Example(
            "Move the start a little across a ridge: the path ends elsewhere.",
            lab="descent",
        ),
        tex=(r"f = (x^2 + y - 11)^2 + (x + y^2 - 7)^2",),
    )

    def value(self, places: Tensor) -> Tensor:
        x, y = places.unbind(-1)
        return (x * x + y - 11).square() + (x + y * y - 7).square()


class Rastrigin(Known):
    """Rastrigin: a bowl of egg cartons; every dent is a local minimum. Rastrigin 1974."""

    kind: Literal["rastrigin"] = "rastrigin"
    formula: ClassVar[str] = "f = 20 + x² − 10 cos 2πx + y² − 10 cos 2πy"
    region: ClassVar[Domain] = ((-5.12, 5.12), (-5.12, 5.12))
    begin: ClassVar[Place] = (-3.7, 3.3)
    lowest: ClassVar[tuple[Place, ...]] = ((0.0, 0.0),)
    guide: ClassVar[Guide | None] = Guide(
        pros=("A local minimum in every dent: descent alone cannot win.",),
        cons=("More regular than any network's cost.",),
        use="To see local minima, and what noise and momentum do about them.",
        example=Example(
            "Most paths end in a dent near their start. Add noise to the gradients, or momentum.",
            lab="descent",
        ),
        tex=(r"f = 20 + x^2 - 10 \cos 2\pi x + y^2 - 10 \cos 2\pi y",),
    )

    def value(self, places: Tensor) -> Tensor:
        return (places.square() - 10 * (2 * math.pi * places).cos() + 10).sum(-1)


class Saddle(Known):
    """Saddle: down to either side, up before and behind; on the ridge the slope leads nowhere.

    It has no minimum: beside the ridge f falls without bound.
    """

    kind: Literal["saddle"] = "saddle"
    formula: ClassVar[str] = "f = x² − y²"
    region: ClassVar[Domain] = ((-2.0, 2.0), (-2.0, 2.0))
    begin: ClassVar[Place] = (-1.6, 0.001)
    guide: ClassVar[Guide | None] = Guide(
        pros=("The simplest saddle: a gradient of 0 that is no minimum.",),
        cons=("It falls without bound: no optimizer arrives.",),
        use="To see how long each stays near a saddle.",
        example=Example(
            "Started on the ridge, plain descent creeps to the saddle; a little noise pushes it off.",
            lab="descent",
        ),
        tex=(r"f = x^2 - y^2",),
    )

    def value(self, places: Tensor) -> Tensor:
        x, y = places.unbind(-1)
        return x * x - y * y


class MonkeySaddle(Known):
    """Monkey saddle: three ways down and three up, and even the curvature is zero in the middle."""

    kind: Literal["monkey_saddle"] = "monkey_saddle"
    formula: ClassVar[str] = "f = x³ − 3xy²"
    region: ClassVar[Domain] = ((-2.0, 2.0), (-2.0, 2.0))
    begin: ClassVar[Place] = (1.6, 0.02)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Flat to second order: even the curvature is 0 in the middle.",),
        cons=("It falls without bound.",),
        use="To see a saddle that Newton's method cannot tell from a plain.",
        example=Example(
            "Near the middle all paths slow down before they choose one of three ways.",
            lab="descent",
        ),
        tex=(r"f = x^3 - 3xy^2",),
    )

    def value(self, places: Tensor) -> Tensor:
        x, y = places.unbind(-1)
        return x * x * x - 3 * x * (y * y)
