"""Augmentations of light and colour."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.node import Shape

PICTURES, GENERATOR = Name("pictures"), Name("generator")


class Brightness(Augmentation):
    """Brightness: a number added to every pixel of a picture."""

    kind: Literal["brightness"] = "brightness"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that the light does not matter.",),
        cons=("Values beyond 0 and 1 are cut off.",),
        use="For photographs.",
        example=Example(
            "Set the amount high and look at the strip: white and black patches are lost information.",
            preset="shapes-convolution",
        ),
    )
    amount: float = option(0.2, "The greatest change; black to white is 1.", gt=0, le=1)

    def call(self) -> Call:
        return Call(brightness, PICTURES, self.amount, GENERATOR)


class Contrast(Augmentation):
    """Contrast: each picture's distance from its own mean grey multiplied, by 1 − amount to 1 + amount."""

    kind: Literal["contrast"] = "contrast"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that the camera does not matter.",),
        cons=("Strong changes flatten or clip.",),
        use="For photographs.",
        example=Example(
            "Training and test accuracy stay closer together than without it.",
            preset="shapes-convolution",
        ),
    )
    amount: float = option(0.3, "How far the factor may be from 1.", gt=0, le=1)

    def call(self) -> Call:
        return Call(contrast, PICTURES, self.amount, GENERATOR)


class ColourJitter(Augmentation):
    """Colour jitter: other hues, and colours paler or stronger. For pictures of three channels."""

    kind: Literal["colour_jitter"] = "colour_jitter"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that hue does not matter.",),
        cons=("Wrong where colour is the class, as ripe and unripe.",),
        use="For photographs in changing light.",
        example=Example(
            "In Shapes colour tells nothing: the filters lose theirs.",
            preset="shapes-convolution",
        ),
    )
    saturation: float = option(0.4, "How far the factor of the colours' strength may be from 1.", ge=0, le=1)
    hue: float = option(20.0, "How far a hue may turn on the colour circle.", unit="°", ge=0, le=180)

    def call(self) -> Call:
        return Call(colour_jitter, PICTURES, self.saturation, self.hue, GENERATOR)

    def check(self, shape: Shape) -> str | None:
        return super().check(shape) or _needs_colours(shape)


class ColourFilter(Augmentation):
    """Colour filter: each channel multiplied by a random factor, as through coloured glass."""

    kind: Literal["colour_filter"] = "colour_filter"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Light of different colours, as through glass.",),
        cons=("Wrong where colour is the class.",),
        use="For photographs in changing light.",
        example=Example(
            "The network learns from shape more than from colour.",
            preset="shapes-convolution",
        ),
    )
    strength: float = option(0.3, "The greatest share of a channel that is taken away.", gt=0, le=1)

    def call(self) -> Call:
        return Call(colour_filter, PICTURES, self.strength, GENERATOR)

    def check(self, shape: Shape) -> str | None:
        return super().check(shape) or _needs_colours(shape)


class Greyscale(Augmentation):
    """Greyscale: some of the pictures without colour, so that the network must learn from shape."""

    kind: Literal["greyscale"] = "greyscale"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Shape must do where colour is gone.",),
        cons=("Colour that helps is thrown away now and then.",),
        use="With a small share, for photographs.",
        example=Example(
            "The network learns from shape: its first filters are less colourful.",
            preset="shapes-convolution",
        ),
    )
    share: float = option(0.2, "The share of the pictures.", gt=0, le=1)

    def call(self) -> Call:
        return Call(greyscale, PICTURES, self.share, GENERATOR)

    def check(self, shape: Shape) -> str | None:
        return super().check(shape) or _needs_colours(shape)


def _needs_colours(shape: Shape) -> str | None:
    channels = shape[0]
    return None if channels == 3 else f"pictures of {channels} channel; expected 3: red, green and blue"


def brightness(pictures: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures, each plus one number from −amount to amount."""
    lots = torch.rand(len(pictures), 1, 1, 1, generator=generator, device=pictures.device)
    return pictures + amount * (2 * lots - 1)


def contrast(pictures: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures moved away from, or towards, their mean grey."""
    lots = torch.rand(len(pictures), 1, 1, 1, generator=generator, device=pictures.device)
    mean = (luma(pictures) if pictures.shape[1] == 3 else pictures).mean(dim=(1, 2, 3), keepdim=True)
    return mean + (1 + amount * (2 * lots - 1)) * (pictures - mean)


def colour_jitter(
    pictures: torch.Tensor, saturation: float, hue: float, generator: torch.Generator
) -> torch.Tensor:
    """The pictures with hues rotated about the grey diagonal and saturation scaled; luma is unchanged.

    The rotation is that of YIQ, where hue is an angle and luma a separate axis: no case distinctions.
    """
    lots = 2 * torch.rand(2, len(pictures), 1, 1, generator=generator, device=pictures.device) - 1
    factor, turn = 1 + saturation * lots[0], torch.deg2rad(hue * lots[1])
    grey = luma(pictures)
    red, blue = pictures[:, 0] - grey[:, 0], pictures[:, 2] - grey[:, 0]
    # I and Q from the differences to luma, and back: their plane is where colours turn.
    i, q = 0.7357 * red - 0.2684 * blue, 0.4778 * red + 0.4133 * blue
    cosine, sine = factor * torch.cos(turn), factor * torch.sin(turn)
    i, q = cosine * i - sine * q, sine * i + cosine * q
    red, blue = (0.4133 * i + 0.2684 * q) / 0.432306, (0.7357 * q - 0.4778 * i) / 0.432306
    green = -(0.299 * red + 0.114 * blue) / 0.587
    return grey + torch.stack([red, green, blue], dim=1)


def colour_filter(pictures: torch.Tensor, strength: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures with each channel multiplied by a factor from 1 − strength to 1."""
    shape = (len(pictures), pictures.shape[1], 1, 1)
    return pictures * (1 - strength * torch.rand(shape, generator=generator, device=pictures.device))


def greyscale(pictures: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures, a share of them with luma on all channels."""
    lots = torch.rand(len(pictures), 1, 1, 1, generator=generator, device=pictures.device)
    return torch.where(lots < share, luma(pictures), pictures)


def luma(pictures: torch.Tensor) -> torch.Tensor:
    """The luma of pictures, (n, 1, h, w), by the weights of ITU-R BT.601."""
    red, green, blue = pictures[:, 0:1], pictures[:, 1:2], pictures[:, 2:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue
