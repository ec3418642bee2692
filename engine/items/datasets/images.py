"""The base classes of image data sets."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, ClassVar

from glassnet.engine.catalog import Choice, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.standardize import Standardize
from glassnet.engine.items.targets import MOVED, Move

#: The names of the channels of a picture, by how many there are.
CHANNELS = {1: ("brightness",), 3: ("red", "green", "blue")}


class Pictures(Dataset, ABC):
    """Pictures as whole numbers from 0 to `brightest`: (samples, channels, h, w)."""

    brightest: ClassVar[float | None] = 255.0
    whole_numbers: ClassVar[bool] = True

    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Standardize(), "How each channel is shifted and scaled; fitted on the training set."
    )

    augmentations: list[Annotated[Augmentation, Choice(Augmentation)]] = option(
        [], "How each training batch is changed by chance, one after the other.", max_length=16
    )

    def changes(self) -> list[Call]:
        return [item.call() for item in self.augmentations]

    def moves(self) -> list[Move] | None:
        moves = [item.move() for item in self.augmentations]
        if self.family not in MOVED or all(move.drawn is None for move in moves):
            return None
        return moves

    @property
    def inputs(self) -> tuple[str, ...]:
        return CHANNELS[self.shape[0]]


class Images(Pictures, Labelled, ABC):
    """Pictures with one class each."""
