"""Augmentations along time: of sounds, motions and clips."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.augmentations import Augmentation, Outside

PICTURES, GENERATOR = Name("pictures"), Name("generator")


class Speed(Augmentation):
    """Speed: each sound, motion or clip played faster or slower; twice and half are equally likely.

    Resampled along time about its middle, by a straight line between two neighbours: a faster sound is also
    higher. Of a volume the depth is stretched. Ko et al. 2015.
    """

    kind: Literal["speed"] = "speed"
    axes: ClassVar[tuple[int, ...]] = (1, 3)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Teaches that the pace does not matter: speech and steps come at many.",),
        cons=(
            "Pitch moves along with it: wrong where pitch is the class.",
            "Straight lines between neighbours weaken what is near half the rate; slower cuts off both ends.",
        ),
        use="With a factor near 1, for recordings of speech and of motion.",
        example=Example(
            "Chirps stay chirps at any speed: training and test accuracy stay closer together.",
            preset="waveforms",
        ),
        mistakes=(
            Mistake(
                "A recording played faster is the same at another pace.",
                "Every pitch in it rises by the same factor; to keep the pitch takes another method.",
            ),
        ),
    )
    factor: float = option(1.1, "The greatest factor; the least is one over it.", gt=1, le=4)
    outside: Outside = option("mirror", "What stands before and after what is over sooner; black is silence.")

    def call(self) -> Call:
        return Call(speed, PICTURES, self.factor, self.outside, GENERATOR)


def speed(samples: torch.Tensor, factor: float, outside: str, generator: torch.Generator) -> torch.Tensor:
    """The samples played at 1 / factor to factor times their speed, drawn uniformly in the logarithm.

    Signals (n, channels, time) and clips (n, channels, time, h, w).
    """
    count, length = len(samples), samples.shape[2]
    lots = 2 * torch.rand(count, 1, generator=generator, device=samples.device) - 1
    middle = (length - 1) / 2
    moments = torch.arange(length, device=samples.device) - middle
    source = moments * factor**lots + middle  # (n, time): where each moment is read
    if outside == "mirror":  # over and over, without reading the ends twice
        last = max(length - 1, 1)
        source = last - (source.remainder(2 * last) - last).abs()
    before = source.floor().clamp(0, length - 1)
    after = (before + 1).clamp(max=length - 1)
    spread = (count, 1, length, *(1 for _ in samples.shape[3:]))
    share = (source - before).clamp(0, 1).view(spread).to(samples.dtype)
    found = [samples.gather(2, place.long().view(spread).expand(samples.shape)) for place in (before, after)]
    changed = torch.lerp(found[0], found[1], share)
    if outside == "black":
        inside = ((source >= 0) & (source <= length - 1)).view(spread)
        changed = torch.where(inside, changed, torch.zeros_like(changed))
    return changed
