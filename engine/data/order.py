"""The order of training samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from glassnet.engine.random_streams import stream


def batches(samples: int, batch_size: int, last_batch: Literal["keep", "drop"]) -> tuple[int, int, int]:
    """The batch size, the number of batches in an epoch, and the size of the smallest batch."""
    size = min(batch_size, samples)
    rest = samples % size
    if rest and last_batch == "keep":
        return size, samples // size + 1, rest
    return size, samples // size, size


class Order:
    """The sequence of batches, as positions in the training set, over all epochs."""

    def __init__(
        self,
        samples: int,
        batch_size: int,
        shuffle: Literal["each_epoch", "once", "never"],
        last_batch: Literal["keep", "drop"],
        seed: int,
    ) -> None:
        self.batch_size, self.per_epoch, smallest = batches(samples, batch_size, last_batch)
        #: The sizes that batches have.
        self.sizes = {self.batch_size, smallest}
        self.shuffle = shuffle
        self.generator = stream(seed, "order")
        self.permutation = torch.arange(samples)
        self.batch = 0
        #: The number of changes of the order, by which copies notice that they are stale.
        self.drawn = 0
        if shuffle != "never":
            self._draw()

    @property
    def samples_per_step(self) -> float:
        """The mean number of samples in a batch: the last of an epoch may be smaller."""
        return min(len(self.permutation), self.per_epoch * self.batch_size) / self.per_epoch

    def next(self) -> Tensor:
        """The positions of the next batch: (batch,) int64; a view that the next epoch overwrites."""
        if self.batch == self.per_epoch:
            self.batch = 0
            if self.shuffle == "each_epoch":
                self._draw()
        start = self.batch * self.batch_size
        self.batch += 1
        return self.permutation[start : start + self.batch_size]

    def _draw(self) -> None:
        torch.randperm(len(self.permutation), generator=self.generator, out=self.permutation)
        self.drawn += 1

    def resume_at(self, batch: int) -> None:
        """Continue before a batch, after `permutation` has been overwritten."""
        self.batch = batch
        self.drawn += 1

    def state(self) -> Iterator[tuple[str, Tensor]]:
        """The names and tensors of the state of the order, except the generator."""
        yield "order/permutation", self.permutation
        yield "order/batch", torch.tensor(self.batch)
