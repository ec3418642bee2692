"""Points of the plane, and the features that a network can read of them.

The sets are those of TensorFlow Playground (dataset.ts), formula by formula; labels −1 and 1 there are
the classes 0 and 1 here, and the task encodes them as ±1 for the losses that need it.
"""

from __future__ import annotations

import math
from abc import ABC
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import AfterValidator

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Undivided
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.node import Shape

Feature = Literal["x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"]


def _once(features: list[Feature]) -> list[Feature]:
    for feature in features:
        if features.count(feature) > 1:
            raise ValueError(
                f"'{feature}' stands {features.count(feature)} times; expected every feature once"
            )
    return features


class Points(Undivided, ABC):
    """Points (x1, x2) of the square from −6 to 6."""

    samples: int = option(500, "How many points, training and test together.", ge=10, le=100_000)
    noise: float = option(0.0, "How far points stray from their pattern.", ge=0, le=1)
    test_share: float = option(0.5, "Share of the points kept for testing.", ge=0.01, le=0.99)
    features: Annotated[list[Feature], AfterValidator(_once)] = option(
        ["x1", "x2"], "What the network sees of a point.", min_length=1, max_length=7
    )

    @property
    def count(self) -> int:
        return self.samples

    @property
    def shape(self) -> Shape:
        return (len(self.features),)

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(self.features)

    @property
    def sees_place_alone(self) -> bool:
        """Whether the features are the two coordinates, or one of them."""
        return set(self.features) <= {"x1", "x2"}

    @property
    def raw_inputs(self) -> tuple[str, ...]:
        return ("x1", "x2")

    @property
    def plane(self) -> float | None:
        return 6.0

    def select(self) -> Call | None:
        if self.features == ["x1", "x2"]:
            return None
        return Call(point_features, Name("inputs"), list(self.features))


class TwoClasses(Labelled, Points, ABC):
    """Points of two classes; the second is the one that is positive as ±1."""

    classes: ClassVar[tuple[str, ...] | None] = ("−1", "+1")


class Plane(Points, ABC):
    """Points with a value between −1 and 1, for regression."""

    classes: ClassVar[tuple[str, ...] | None] = None


class Pairs(TwoClasses, ABC):
    """Points of two classes in equal number: an odd one is left out."""

    @property
    def count(self) -> int:
        return self.samples // 2 * 2


class Circle(Pairs):
    """Circle: a disc of one class inside a ring of the other; separable by x₁² and x₂², not by a line."""

    kind: Literal["circle"] = "circle"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Two numbers, so that every unit can be drawn; no line separates it.",),
        cons=("Easy: a few units do.",),
        use="To see how edges of units fence something in.",
        example=Example(
            "Each unit of the first layer is one edge; together they fence the disc in.",
            preset="circle",
            claim={"metric": "test_accuracy", "op": ">", "value": 0.95},
        ),
    )

    def generate(self) -> Call | None:
        return Call(circle, self.samples, self.noise, Name("generator"))


class Xor(TwoClasses):
    """Exclusive or: opposite quadrants are one class; separable by x₁·x₂, not by a line."""

    kind: Literal["xor"] = "xor"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The smallest problem that needs a hidden layer.",),
        cons=("With few units the start decides whether it is learned.",),
        use="To see why hidden layers are needed, and local minima.",
        example=Example(
            "With seed 0 it is learned; with seed 1 it stays at three in four.",
            preset="xor",
            claim={"metric": "train_accuracy", "op": ">", "value": 0.95},
        ),
    )

    @property
    def separable(self) -> bool | None:
        return False if self.sees_place_alone else None

    def generate(self) -> Call | None:
        return Call(xor, self.samples, self.noise, Name("generator"))


class Gauss(Pairs):
    """Two Gaussians: clouds around (2, 2) and (−2, −2), which overlap as noise grows."""

    kind: Literal["gauss"] = "gauss"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The best boundary is known: the line halfway between the centres.",),
        cons=("More than one layer has nothing to do.",),
        use="To see what noise alone costs, and overfitting when noise is large.",
        example=Example(
            "One unit draws one edge; what is wrong lies where the clouds overlap.",
            preset="gauss",
            claim={"metric": "test_accuracy", "op": ">", "value": 0.9},
        ),
    )

    def generate(self) -> Call | None:
        return Call(gauss, self.samples, self.noise, Name("generator"))


class Spiral(Pairs):
    """Spiral: two arms wound into each other, the hardest of the four for a small network."""

    kind: Literal["spiral"] = "spiral"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The hardest of the points: depth and features show.",),
        cons=("Small networks get stuck with some seeds.",),
        use="To compare depths, activations and features.",
        example=Example(
            "Point at units from left to right: waves and edges become a spiral.",
            preset="spiral",
            claim={"metric": "test_accuracy", "op": ">", "value": 0.9},
        ),
    )

    def generate(self) -> Call | None:
        return Call(spiral, self.samples, self.noise, Name("generator"))


class RegressionPlane(Plane):
    """Plane: heights (x₁ + x₂) / 10, which a single linear unit fits."""

    kind: Literal["regression_plane"] = "regression_plane"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A linear unit fits it exactly: the answer is known.",),
        cons=("Nothing for hidden layers to do.",),
        use="To see a regression come to an exact end.",
        example=Example(
            "Both weights come to 0.1, the bias to 0, and so does the loss.",
            preset="plane",
            claim={"metric": "test_loss", "op": "<", "value": 1e-05},
        ),
    )

    @property
    def two_sided(self) -> bool:
        return True

    def generate(self) -> Call | None:
        return Call(regression_plane, self.samples, self.noise, Name("generator"))


class RegressionGauss(Plane):
    """Six hills: heights of cones around six centres, alternately up and down."""

    kind: Literal["regression_gauss"] = "regression_gauss"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A surface of hills and hollows that can be seen whole.",),
        cons=("Its cones have corners, which smooth units round off.",),
        use="To see a network learn heights.",
        example=Example(
            "All three hills and all three hollows get the right sign.",
            preset="six-hills",
        ),
    )

    @property
    def two_sided(self) -> bool:
        return True

    def generate(self) -> Call | None:
        return Call(regression_gauss, self.samples, self.noise, Name("generator"))


def point_features(points: torch.Tensor, names: list[str]) -> torch.Tensor:
    """The named features of points (samples, 2), side by side: (samples, features)."""
    x1, x2 = points[:, 0], points[:, 1]
    features = {
        "x1": x1,
        "x2": x2,
        "x1_squared": x1**2,
        "x2_squared": x2**2,
        "x1_x2": x1 * x2,
        "sin_x1": torch.sin(x1),
        "sin_x2": torch.sin(x2),
    }
    return torch.stack([features[name] for name in names], dim=1)


def uniform(shape: tuple[int, ...], low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    """Numbers drawn uniformly between low and high."""
    return low + (high - low) * torch.rand(shape, generator=generator)


def circle(samples: int, noise: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Half the points with radius up to 2.5, half from 3.5 to 5; noise moves the point that is labelled."""
    half = samples // 2
    radius = torch.cat([uniform((half,), 0, 2.5, generator), uniform((half,), 3.5, 5, generator)])
    angle = uniform((2 * half,), 0, 2 * math.pi, generator)
    points = torch.stack([radius * torch.sin(angle), radius * torch.cos(angle)], dim=1)
    labelled = points + uniform((2 * half, 2), -5, 5, generator) * noise
    return points, (labelled.norm(dim=1) < 2.5).long()


def xor(samples: int, noise: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of ±5, pushed 0.3 away from the axes; the class is the sign of x1 · x2."""
    points = uniform((samples, 2), -5, 5, generator)
    points = points + torch.where(points > 0, 0.3, -0.3)
    labelled = points + uniform(tuple(points.shape), -5, 5, generator) * noise
    return points, (labelled[:, 0] * labelled[:, 1] >= 0).long()


def gauss(samples: int, noise: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Clouds around (2, 2) and (−2, −2) with a variance of 0.5 to 4 as noise goes from 0 to 0.5."""
    half = samples // 2
    labels = torch.cat([torch.ones(half), torch.zeros(half)]).long()
    centres = torch.where(labels == 1, 2.0, -2.0)[:, None]
    return centres + torch.randn(2 * half, 2, generator=generator) * math.sqrt(0.5 + 7 * noise), labels


def spiral(samples: int, noise: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two arms of radius 0 to 5, winding 1.75 times, half a turn apart; noise moves the points."""
    half = samples // 2
    share = torch.arange(half) / half
    labels = torch.cat([torch.ones(half), torch.zeros(half)]).long()
    angle = torch.cat([3.5 * math.pi * share, 3.5 * math.pi * share + math.pi])
    radius = 5 * torch.cat([share, share])
    points = torch.stack([radius * torch.sin(angle), radius * torch.cos(angle)], dim=1)
    return points + uniform((2 * half, 2), -1, 1, generator) * noise, labels


def regression_plane(
    samples: int, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of ±6 with height (x₁ + x₂) / 10, taken where noise of up to ±6 moved them."""
    points = uniform((samples, 2), -6, 6, generator)
    moved = points + uniform(tuple(points.shape), -6, 6, generator) * noise
    return points, moved.sum(dim=1, keepdim=True) / 10


def regression_gauss(
    samples: int, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of ±6; the height is that of the highest or deepest of six cones of radius 2 and height ±1."""
    points = uniform((samples, 2), -6, 6, generator)
    moved = points + uniform(tuple(points.shape), -6, 6, generator) * noise
    centres = torch.tensor([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    heights = signs * torch.clamp(1 - torch.cdist(moved, centres) / 2, 0, 1)
    strongest = heights.abs().argmax(dim=1, keepdim=True)
    return points, heights.gather(1, strongest)
