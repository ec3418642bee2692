"""Augmentations of geometry: flips, rotations, scalings, shifts and crops."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.augmentations import Augmentation, Outside
from glassnet.engine.items.targets import Move

PICTURES, GENERATOR, PLACE = Name("pictures"), Name("generator"), Name("place")


class Flip(Augmentation):
    """Flip: half of the pictures mirrored. Not for digits and letters, whose mirror images mean nothing."""

    kind: Literal["flip"] = "flip"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Doubles the data where left and right mean the same.",),
        cons=("Wrong where they do not: digits, letters, text.",),
        use="For photographs of things.",
        example=Example(
            "Training and test accuracy stay closer together than without it.",
            preset="shapes-convolution",
        ),
        mistakes=(
            Mistake(
                "Augmentation replaces data.",
                "It says what does not matter; what it does not know it cannot add.",
            ),
        ),
    )
    direction: Literal["left_right", "up_down", "both"] = option("left_right", "The sides exchanged.")

    def call(self) -> Call:
        return Call(flip, PICTURES, self.direction, GENERATOR)

    def move(self) -> Move:
        return Move(Call(mirroring, PICTURES, self.direction, GENERATOR), Call(mirrored, PICTURES, PLACE))


class Rotate(Augmentation):
    """Rotate: each picture turned about its centre, by an angle drawn uniformly from both sides of 0."""

    kind: Literal["rotate"] = "rotate"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that a turn does not matter.",),
        cons=("Large angles confuse what is told apart by its turn, as 6 and 9; corners must be filled.",),
        use="With a few degrees, nearly everywhere.",
        example=Example(
            "The filters of the first layer take on more directions.",
            preset="shapes-convolution",
        ),
    )
    angle: float = option(15.0, "The greatest angle.", unit="°", gt=0, le=180)
    outside: Outside = option("edge", "What stands where the picture was moved away from.")

    def call(self) -> Call:
        return Call(rotate, PICTURES, self.angle, self.outside, GENERATOR)

    def move(self) -> Move:
        return _warping(Call(turned, PICTURES, self.angle, GENERATOR), self.outside)


class Scale(Augmentation):
    """Scale: each picture made larger or smaller about its centre; twice and half are equally likely."""

    kind: Literal["scale"] = "scale"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that distance does not matter.",),
        cons=("Details vanish when made small.",),
        use="For things seen from different distances.",
        example=Example(
            "Training and test accuracy stay closer together than without it.",
            preset="shapes-convolution",
        ),
    )
    factor: float = option(1.25, "The greatest factor; the least is one over it.", gt=1, le=4)
    outside: Outside = option("edge", "How pixels beyond the picture's edge are filled.")

    def call(self) -> Call:
        return Call(scale, PICTURES, self.factor, self.outside, GENERATOR)

    def move(self) -> Move:
        return _warping(Call(scaled, PICTURES, self.factor, GENERATOR), self.outside)


class Shift(Augmentation):
    """Shift: each picture moved by a share of its size, along both sides; a sound along time."""

    kind: Literal["shift"] = "shift"
    axes: ClassVar[tuple[int, ...]] = (1, 2, 3)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that the place does not matter, which dense layers do not know.",),
        cons=("What leaves the picture is lost.",),
        use="For dense networks, and before any dense layer.",
        example=Example(
            "Training and test accuracy stay closer together than without it.",
            preset="shapes-convolution",
        ),
        mistakes=(
            Mistake(
                "Convolutions are translation invariant.",
                (
                    "They are equivariant: the map shifts along. Pooling and augmentation bring some "
                    "invariance."
                ),
            ),
        ),
    )
    share: float = option(0.1, "The greatest shift, as a share of the side.", gt=0, le=1)
    outside: Outside = option("edge", "How pixels beyond the picture's edge are filled.")

    def call(self) -> Call:
        return Call(shift, PICTURES, self.share, self.outside, GENERATOR)

    def move(self) -> Move:
        return _warping(Call(shifted, PICTURES, self.share, GENERATOR), self.outside)


class Crop(Augmentation):
    """Crop: a part of each picture, enlarged to the whole. Szegedy et al. 2015, section 6."""

    kind: Literal["crop"] = "crop"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Place and size at once, as in most published trainings.",),
        cons=("A crop may miss the object: the label is then wrong.",),
        use="For photographs with one main object.",
        example=Example(
            "Training and test accuracy stay closer together than without it.",
            preset="shapes-convolution",
        ),
    )
    least: float = option(0.7, "The smallest part's side, as a share of the picture's.", gt=0, lt=1)

    def call(self) -> Call:
        return Call(crop, PICTURES, self.least, GENERATOR)

    def move(self) -> Move:
        return _warping(Call(cropped, PICTURES, self.least, GENERATOR), "edge")


def _warping(drawn: Call, outside: Outside) -> Move:
    return Move(drawn, Call(warped, PICTURES, PLACE, outside))


def flip(pictures: torch.Tensor, direction: str, generator: torch.Generator) -> torch.Tensor:
    """The pictures, half of them mirrored; for both directions, two independent halves."""
    return mirrored(pictures, mirroring(pictures, direction, generator))


def rotate(pictures: torch.Tensor, angle: float, outside: str, generator: torch.Generator) -> torch.Tensor:
    """The pictures rotated by up to `angle` degrees either way; positive is clockwise."""
    return warped(pictures, turned(pictures, angle, generator), outside)


def scale(pictures: torch.Tensor, factor: float, outside: str, generator: torch.Generator) -> torch.Tensor:
    """The pictures scaled by 1 / factor to factor, drawn uniformly in the logarithm."""
    return warped(pictures, scaled(pictures, factor, generator), outside)


def shift(pictures: torch.Tensor, share: float, outside: str, generator: torch.Generator) -> torch.Tensor:
    """The pictures moved by up to a share of either side; signals along time, clips alike in each frame."""
    place = shifted(pictures, share, generator)
    if pictures.ndim == 3:
        place[:, 1, 2] = 0  # one row high: up and down there is nothing
    flat = pictures[:, :, None] if pictures.ndim == 3 else pictures.flatten(1, -3)
    return warped(flat, place, outside).reshape(pictures.shape)


def crop(pictures: torch.Tensor, least: float, generator: torch.Generator) -> torch.Tensor:
    """A square part of each picture, `least` to 1 of its side, anywhere within, enlarged to the whole."""
    return warped(pictures, cropped(pictures, least, generator), "edge")


# The affine maps (n, 2, 3) from each pixel's place to its source's: from −1 to 1 along either side ----------


def mirroring(pictures: torch.Tensor, direction: str, generator: torch.Generator) -> torch.Tensor:
    """Maps that mirror half of the pictures."""
    lots = torch.rand(2, len(pictures), 1, 1, 1, generator=generator, device=pictures.device) < 0.5
    across, down = 1 - 2 * lots.flatten(1).float()
    one, zero = torch.ones_like(across), torch.zeros_like(across)
    if direction == "up_down":
        across = one
    if direction == "left_right":
        down = one
    return affine([across, zero, zero, zero, down, zero])


def turned(pictures: torch.Tensor, angle: float, generator: torch.Generator) -> torch.Tensor:
    """Maps that rotate by up to `angle` degrees either way, of sides that may differ in length."""
    turns = torch.deg2rad(angle * signed(len(pictures), generator))
    height, width = pictures.shape[2:]
    cosine, sine, zero = torch.cos(turns), torch.sin(turns), torch.zeros_like(turns)
    return affine([cosine, sine * height / width, zero, -sine * width / height, cosine, zero])


def scaled(pictures: torch.Tensor, factor: float, generator: torch.Generator) -> torch.Tensor:
    """Maps that scale by 1 / factor to factor."""
    smaller = factor ** -signed(len(pictures), generator)
    zero = torch.zeros_like(smaller)
    return affine([smaller, zero, zero, zero, smaller, zero])


def shifted(pictures: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """Maps that move by up to a share of either side."""
    across, down = 2 * share * signed(len(pictures), generator), 2 * share * signed(len(pictures), generator)
    one, zero = torch.ones_like(across), torch.zeros_like(across)
    return affine([one, zero, -across, zero, one, -down])


def cropped(pictures: torch.Tensor, least: float, generator: torch.Generator) -> torch.Tensor:
    """Maps that enlarge a part of each picture to the whole."""
    lots = torch.rand(3, len(pictures), generator=generator, device=pictures.device)
    side = least + (1 - least) * lots[0]
    across, down = (1 - side) * (2 * lots[1] - 1), (1 - side) * (2 * lots[2] - 1)
    zero = torch.zeros_like(side)
    return affine([side, zero, across, zero, side, down])


def affine(entries: list[torch.Tensor]) -> torch.Tensor:
    """Maps (n, 2, 3) of six entries (n,), row by row."""
    return torch.stack(entries, dim=1).view(-1, 2, 3)


def signed(count: int, generator: torch.Generator) -> torch.Tensor:
    """Numbers drawn uniformly from −1 to 1: (count,)."""
    return 2 * torch.rand(count, generator=generator, device=generator.device) - 1


def mirrored(pictures: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    """The pictures mirrored where the maps say so."""
    across, down = place[:, 0, 0] < 0, place[:, 1, 1] < 0
    pictures = torch.where(across[:, None, None, None], pictures.flip(3), pictures)
    return torch.where(down[:, None, None, None], pictures.flip(2), pictures)


def warped(pictures: torch.Tensor, place: torch.Tensor, outside: str) -> torch.Tensor:
    """The pictures resampled by one affine map (n, 2, 3) each, bilinear."""
    padding = {"edge": "border", "mirror": "reflection", "black": "zeros"}[outside]
    theta = place.to(pictures.dtype)
    grid = torch.nn.functional.affine_grid(theta, list(pictures.shape), align_corners=False)
    return torch.nn.functional.grid_sample(
        pictures, grid, mode="bilinear", padding_mode=padding, align_corners=False
    )
