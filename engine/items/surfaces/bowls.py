"""Bowls and valleys: one minimum."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.surfaces import Domain, Known, Place


class Bowl(Known):
    """Bowl: the same slope in every direction.

    Plain descent from distance 1 is at |1 − ηλ|ⁿ after n steps: it converges below η = 2/λ, and
    diverges above.
    """

    kind: Literal["bowl"] = "bowl"
    formula: ClassVar[str] = "f = ½ λ (x² + y²)"
    region: ClassVar[Domain] = ((-3.0, 3.0), (-3.0, 3.0))
    begin: ClassVar[Place] = (-2.4, 1.6)
    lowest: ClassVar[tuple[Place, ...]] = ((0.0, 0.0),)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Everything can be worked out by hand: the error shrinks by |1 − ηλ| a step.",),
        cons=("No ravine, no saddle: all optimizers look alike on it.",),
        use="To see what a rate does: creeping, right, swinging, flying off.",
        example=Example(
            "Raise the rate: beyond 1/λ the path jumps over the minimum, beyond 2/λ it flies off.",
            lab="descent",
        ),
        tex=(r"f = \tfrac{1}{2} \lambda (x^2 + y^2)",),
    )
    curvature: float = option(1.0, "λ, the curvature in every direction.", gt=0, le=1000, log=True)

    def value(self, places: Tensor) -> Tensor:
        return 0.5 * self.curvature * places.square().sum(-1)


class Ravine(Known):
    """Ravine: steep across, gentle along; descent goes from wall to wall.

    κ is the condition number, the greatest curvature over the least. The best plain rate,
    2 / (1 + κ), shrinks the error by (κ − 1) / (κ + 1) a step; momentum makes √κ of κ.
    """

    kind: Literal["ravine"] = "ravine"
    formula: ClassVar[str] = "f = ½ (x² + κ y²)"
    region: ClassVar[Domain] = ((-3.0, 3.0), (-1.5, 1.5))
    begin: ClassVar[Place] = (-2.6, 0.8)
    lowest: ClassVar[tuple[Place, ...]] = ((0.0, 0.0),)
    guide: ClassVar[Guide | None] = Guide(
        pros=("The trouble of every badly scaled problem, in two numbers.",),
        cons=("Its axes lie along x and y, which suits optimizers with a rate for each.",),
        use="To see why momentum and normalized inputs help.",
        example=Example(
            "Plain descent swings across and creeps along; momentum cancels the swings.",
            lab="descent",
        ),
        tex=(r"f = \tfrac{1}{2} (x^2 + \kappa y^2)",),
    )
    condition: float = option(20.0, "κ, how many times steeper across than along.", ge=1, le=1e4, log=True)

    def value(self, places: Tensor) -> Tensor:
        x, y = places.unbind(-1)
        return 0.5 * (x * x + self.condition * (y * y))


class Rosenbrock(Known):
    """Rosenbrock: a bent valley, easy to find and long to follow. Rosenbrock 1960."""

    kind: Literal["rosenbrock"] = "rosenbrock"
    formula: ClassVar[str] = "f = (1 − x)² + 100 (y − x²)²"
    region: ClassVar[Domain] = ((-2.0, 2.0), (-1.0, 3.0))
    begin: ClassVar[Place] = (-1.5, 2.0)
    lowest: ClassVar[tuple[Place, ...]] = ((1.0, 1.0),)
    guide: ClassVar[Guide | None] = Guide(
        pros=("A bent valley: no fixed direction is right for long.",),
        cons=("Its walls are so steep that plain descent needs a tiny rate.",),
        use="To compare optimizers on a path that turns.",
        example=Example(
            "All find the valley at once; the way along it takes hundreds of steps.",
            lab="descent",
        ),
        tex=(r"f = (1 - x)^2 + 100\,(y - x^2)^2",),
    )

    def value(self, places: Tensor) -> Tensor:
        x, y = places.unbind(-1)
        return (1 - x).square() + 100 * (y - x * x).square()


class Beale(Known):
    """Beale: flat in the middle, with steep corners. Beale 1958."""

    kind: Literal["beale"] = "beale"
    formula: ClassVar[str] = "f = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²"
    region: ClassVar[Domain] = ((-4.5, 4.5), (-4.5, 4.5))
    begin: ClassVar[Place] = (1.0, 1.5)
    lowest: ClassVar[tuple[Place, ...]] = ((3.0, 0.5),)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Flat in the middle, steep at the corners: rates that suit one part fail in the other.",),
        cons=("Its steepness far out is unlike a network's cost.",),
        use="To race optimizers; it is the usual picture.",
        example=Example(
            "Six optimizers from one start: see which cross the flat part.",
            lab="descent",
        ),
        tex=(r"f = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",),
    )

    def value(self, places: Tensor) -> Tensor:
        x, y = places.unbind(-1)
        xy = x * y
        first = (1.5 - x + xy).square()
        return first + (2.25 - x + xy * y).square() + (2.625 - x + xy * y * y).square()


class Plateau(Known):
    """Plateau: a hollow in a plain; far from it the slope is next to nothing.

    An optimizer that divides by the size of its gradients walks all the same.
    """

    kind: Literal["plateau"] = "plateau"
    formula: ClassVar[str] = "f = 1 − exp(−(x² + y²) / 2w²)"
    region: ClassVar[Domain] = ((-4.0, 4.0), (-4.0, 4.0))
    begin: ClassVar[Place] = (-2.8, 2.2)
    lowest: ClassVar[tuple[Place, ...]] = ((0.0, 0.0),)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Shows what a vanishing gradient does to each rule.",),
        cons=("Without noise plain descent never leaves the plain.",),
        use="To see why dividing by the size of gradients helps.",
        example=Example(
            "Far from the hollow SGD stands still, while Adam walks.",
            lab="descent",
        ),
        tex=(r"f = 1 - e^{-(x^2 + y^2) / 2w^2}",),
    )
    width: float = option(0.9, "w, how wide the hollow is.", ge=0.3, le=4)

    def value(self, places: Tensor) -> Tensor:
        return 1 - (places.square().sum(-1) / (-2 * self.width**2)).exp()
