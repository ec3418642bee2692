"""Augmentations of detail: sharpness, blur, noise and cutout."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.augmentations import Augmentation

PICTURES, GENERATOR = Name("pictures"), Name("generator")


class Sharpness(Augmentation):
    """Sharpness: each picture's distance from its smoothed self multiplied, by 1 − amount to 1 + amount."""

    kind: Literal["sharpness"] = "sharpness"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that focus does not matter.",),
        cons=("Sharpening amplifies noise.",),
        use="For photographs from different cameras.",
        example=Example(
            "Training and test accuracy stay closer together than without it.",
            preset="shapes-convolution",
        ),
    )
    amount: float = option(0.8, "How far the factor may be from 1.", gt=0, le=4)

    def call(self) -> Call:
        return Call(sharpness, PICTURES, self.amount, GENERATOR)


class Blur(Augmentation):
    """Blur: each picture convolved with a Gaussian whose width is drawn uniformly."""

    kind: Literal["blur"] = "blur"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Takes away the texture that networks like to rely on.",),
        cons=("Small things vanish.",),
        use="Where test pictures may be out of focus.",
        example=Example(
            "The first filters become coarser.",
            preset="shapes-convolution",
        ),
    )
    width: float = option(1.0, "The greatest standard deviation.", unit="px", gt=0, le=8)

    def call(self) -> Call:
        return Call(blur, PICTURES, self.width, GENERATOR)


class PixelNoise(Augmentation):
    """Noise: a normally distributed number added to each value: of a pixel, a sound, a volume."""

    kind: Literal["pixel_noise"] = "pixel_noise"
    axes: ClassVar[tuple[int, ...]] = (1, 2, 3)
    guide: ClassVar[Guide | None] = Guide(
        pros=("No single pixel can be relied on: boundaries become smoother.",),
        cons=("Too much hides what is small.",),
        use="Against overfitting and noisy cameras.",
        example=Example(
            "The first filters become smoother.",
            preset="shapes-convolution",
        ),
    )
    deviation: float = option(0.05, "Standard deviation; black to white, and a full wave, is 1.", gt=0, le=1)

    def call(self) -> Call:
        return Call(pixel_noise, PICTURES, self.deviation, GENERATOR)


class Cutout(Augmentation):
    """Cutout: a square of each picture filled with its mean colour. DeVries & Taylor 2017.

    The square's centre may be anywhere, so that a part of it may lie outside.
    """

    kind: Literal["cutout"] = "cutout"
    guide: ClassVar[Guide | None] = Guide(
        pros=("No single part can be relied on; it is a dropout on the input.",),
        cons=("It may cover all of a small object.",),
        use="For photographs, beside flips and crops.",
        example=Example(
            "The network finds more than one sign of each class: look at attribution.",
            preset="shapes-convolution",
        ),
    )
    side: float = option(0.3, "The square's side, as a share of the picture's.", gt=0, le=1)

    def call(self) -> Call:
        return Call(cutout, PICTURES, self.side, GENERATOR)


def sharpness(pictures: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures moved away from, or towards, themselves smoothed by [1 1 1; 1 5 1; 1 1 1] / 13."""
    lots = torch.rand(len(pictures), 1, 1, 1, generator=generator, device=pictures.device)
    padded = torch.nn.functional.pad(pictures, (1, 1, 1, 1), mode="replicate")
    around = torch.nn.functional.avg_pool2d(padded, 3, stride=1) * 9
    smooth = (around + 4 * pictures) / 13
    return smooth + (1 + amount * (2 * lots - 1)) * (pictures - smooth)


def blur(pictures: torch.Tensor, width: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures blurred along rows, then columns, each with its own weights; edges are replicated."""
    n, channels, height, rows = pictures.shape
    deviation = width * torch.rand(n, 1, generator=generator, device=pictures.device).clamp(min=1e-3)
    reach = min(math.ceil(3 * width), height - 1, rows - 1)
    distance = torch.arange(-reach, reach + 1, device=pictures.device)
    # A deviation whose square underflows to zero leaves the picture as it is.
    weights = torch.softmax(-(distance**2) / (2 * deviation**2).clamp(min=1e-30), dim=1)
    weights = weights.to(pictures.dtype).repeat_interleave(channels, dim=0)[:, None, None, :]
    flat = pictures.reshape(1, n * channels, height, rows)
    flat = torch.nn.functional.pad(flat, (reach, reach, 0, 0), mode="replicate")
    flat = torch.nn.functional.conv2d(flat, weights, groups=n * channels)
    flat = torch.nn.functional.pad(flat, (0, 0, reach, reach), mode="replicate")
    flat = torch.nn.functional.conv2d(flat, weights.transpose(2, 3), groups=n * channels)
    return flat.view(n, channels, height, rows)


def pixel_noise(pictures: torch.Tensor, deviation: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures plus normal noise of this standard deviation."""
    return pictures + deviation * torch.randn(
        pictures.shape, generator=generator, device=pictures.device, dtype=pictures.dtype
    )


def cutout(pictures: torch.Tensor, side: float, generator: torch.Generator) -> torch.Tensor:
    """The pictures with a square of their mean colour, centred on a pixel drawn uniformly."""
    n, _, height, width = pictures.shape
    lots = torch.rand(2, n, 1, 1, generator=generator, device=pictures.device)
    down = torch.arange(height, device=pictures.device)[:, None] + 0.5 - lots[0] * height
    across = torch.arange(width, device=pictures.device) + 0.5 - lots[1] * width
    inside = (down.abs() <= side * height / 2) & (across.abs() <= side * width / 2)
    return torch.where(inside[:, None], pictures.mean(dim=(2, 3), keepdim=True), pictures)
