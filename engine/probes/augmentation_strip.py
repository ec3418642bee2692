"""The effect of augmentations on a few pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.random_streams import stream

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class AugmentationStrip(Picture):
    """Augmentation strip: a few training pictures and random changes of each, drawn anew in every frame.

    Arrays: `original` uint8 (pictures, channels, h, w), `changed` uint8 (pictures, variants, channels,
    h, w), both with `range` float32 (2,), the values that 0 and 255 represent.
    """

    kind: Literal["augmentation_strip"] = "augmentation_strip"
    #: Random variants are not worth recording.
    recorded: ClassVar[bool] = False
    guide: ClassVar[Guide | None] = Guide(
        pros=("What a training batch looks like, before anything is trained on it.",),
        cons=("A few pictures only.",),
        use="To check that augmentation keeps what the label says.",
        example=Example(
            "Raise the amounts until you could not tell the class yourself, then go back.",
            preset="shapes-convolution",
        ),
        shows=(
            "original",
            "changed",
        ),
    )
    hz: float = frame_rate(1.0)
    pictures: int = option(3, "The number of training pictures, the first ones.", ge=1, le=32)
    variants: int = option(5, "The number of variants of each.", ge=1, le=16)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        kind, brightest = trainer.data.dataset.kind, trainer.data.dataset.brightest
        if brightest is None:
            raise ValueError(f"the samples of '{kind}' are not pictures; expected augmentations of pictures")
        if trainer.loader.generator is None:
            raise ValueError(f"nothing changes the samples of '{kind}'; expected augmentations")
        raw = trainer.data.train.raw[: self.pictures].to(trainer.device)
        generator = stream(trainer.experiment.seed, "augmentation strip", trainer.device)
        repeated = raw.repeat_interleave(self.variants, dim=0)
        levels = 255 / brightest
        fixed = {"original": (raw * levels).round().to(torch.uint8), "range": torch.tensor([0.0, brightest])}

        @torch.no_grad()
        def look() -> Arrays:
            changed = (trainer.loader.changed(repeated, generator) * levels).round().to(torch.uint8)
            return fixed | {"changed": changed.view(len(raw), self.variants, *raw.shape[1:])}

        return look
