"""A checkerboard."""

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets.points import TwoClasses


class Checkerboard(TwoClasses):
    """Checkerboard: squares of two classes in turn. The more squares, the more units it takes."""

    kind: Literal["checkerboard"] = "checkerboard"
    guide: ClassVar[Guide | None] = Guide(
        pros=("As hard as one likes: the more squares, the more units it takes.",),
        cons=("Regular: a network with sines of the coordinates has it easy.",),
        use="To see how many units a boundary needs.",
        example=Example(
            "Each square needs edges of its own: add units until the corners are right.",
            preset="spiral",
            changes={
                "/data": {"kind": "checkerboard"},
            },
        ),
    )
    squares: int = option(4, "Squares along each side.", ge=2, le=12)

    def generate(self) -> Call | None:
        return Call(checkerboard, self.samples, self.noise, self.squares, Name("generator"))


def checkerboard(
    samples: int, noise: float, squares: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points (samples, 2) of ±6 and classes (samples,); noise moves the point that is labelled."""
    points = 12 * torch.rand(samples, 2, generator=generator) - 6
    labelled = points + noise * torch.randn(samples, 2, generator=generator)
    square = torch.floor((labelled + 6) / 12 * squares).long()
    return points, square.sum(dim=1) % 2
