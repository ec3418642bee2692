"""Data sets whose training samples may be changed by chance."""

from __future__ import annotations

from abc import ABC
from typing import Annotated

from glassnet.engine.catalog import Choice, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.targets import MOVED, Move


class Augmented(Dataset, ABC):
    """A data set with augmentations: random changes of each training batch."""

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
