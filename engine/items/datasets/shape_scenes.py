"""Scenes of shapes with boxes: generated pictures in which every object's box is known."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.boxes.overlap import overlap
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets.several_shapes import SeveralShapes
from glassnet.engine.items.datasets.shapes import coverage, covered_boxes, unevenness
from glassnet.engine.items.targets import Family


class ShapeScenes(SeveralShapes):
    """Scenes of shapes: several discs, squares, triangles, crosses, rings and stars, and the box of each.

    Drawn as the data set Shapes is. Boxes are float32 (samples, objects, 5): left, top, right, bottom in
    pixels, right and bottom exclusive, and the class; those that are not there are −1. A shape whose box
    would overlap that of one before it by more than a twentieth is left out. Shape: (3, size, size).
    """

    kind: Literal["shape_scenes"] = "shape_scenes"
    classes: ClassVar[tuple[str, ...] | None] = ("disc", "square", "triangle", "cross", "ring", "star")
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "The box of every object is known exactly, which no hand draws.",
            "As many scenes as are wanted, without a download; scenes without an object too.",
        ),
        cons=("Cleaner than photographs: no texture, no clutter, hardly any object before another.",),
        use="For first experiments with detectors.",
        example=Example(
            "Boxes come up over the pictures while it trains: first many and vague, then one an object.",
        ),
        mistakes=(
            Mistake(
                "A picture without an object teaches nothing.",
                "It teaches where to be silent: detectors are judged by what they answer there, too.",
            ),
        ),
    )

    empty: float = option(0.0, "Share of the scenes in which there is nothing.", ge=0, le=0.9)

    @property
    def family(self) -> Family:
        return "boxes"

    def generate(self) -> Call | None:
        return Call(
            boxed_shapes,
            self._scene(),
            self.samples,
            self.size,
            self.empty,
            self.ground,
            self.noise,
            Name("generator"),
        )


def boxed_shapes(
    seen: dict[str, torch.Tensor],
    samples: int,
    size: int,
    empty: float,
    ground: str,
    noise: float,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (samples, 3, size, size) uint8 and boxes (samples, objects, 5) float32 of a scene's shapes.

    The scene's shapes are dealt out over the pictures, one after the other, each with a chance of ¾ after
    the first, which is there unless the picture is to be empty.
    """
    rounds = len(seen["class"]) // samples
    seen = {**seen, "class": torch.randint(6, (rounds * samples,), generator=generator)}
    chance = torch.rand(rounds, samples, generator=generator) < 0.75
    chance[0] = True
    chance &= torch.rand(samples, generator=generator) >= empty
    pictures = torch.empty(samples, 3, size, size, dtype=torch.uint8)
    boxes = torch.full((samples, rounds, 5), -1.0)
    for start in range(0, samples, 250):  # in chunks, because the intermediate tensors are large
        here = slice(start, min(start + 250, samples))
        count = here.stop - start
        behind = seen["ground"][here, :, None, None] + unevenness(count, size, ground, generator)
        picture = behind.clamp(0, 1).expand(-1, -1, size, size)
        for number in range(rounds):
            first = number * samples
            part = {name: values[first + start : first + here.stop] for name, values in seen.items()}
            inside = coverage(part, size)
            there = chance[number, here] & is_apart(covered_boxes(inside), boxes[here, :number])
            there &= (inside >= 0.5).flatten(1).any(dim=1)  # of a small ring no pixel may be half covered
            own = torch.cat([covered_boxes(inside), part["class"][:, None]], dim=1)
            boxes[here, number] = torch.where(there[:, None], own, -1.0)
            inside = (inside * there[:, None, None])[:, None]
            picture = picture * (1 - inside) + part["colour"][:, :, None, None] * inside
        if noise > 0:
            picture = picture + noise * torch.randn(picture.shape, generator=generator)
        pictures[here] = (picture.clamp(0, 1) * 255).round().to(torch.uint8)
    return pictures, boxes


def is_apart(corners: torch.Tensor, placed: torch.Tensor) -> torch.Tensor:
    """Whether boxes (n, 4) hardly overlap those of their pictures (n, m, 5), padded with −1: bool (n,)."""
    shared = overlap(corners[:, None], placed[..., :4])
    return ~((placed[..., 4] >= 0) & (shared > 0.05)).any(dim=1)
