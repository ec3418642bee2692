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
    """The sequence of batches, as positions in the training set, over all epochs.

    Replicas have orders of their own: a leading axis of `permutation` and of the batches.
    """

    def __init__(
        self,
        samples: int,
        batch_size: int,
        shuffle: Literal["each_epoch", "once", "never"],
        last_batch: Literal["keep", "drop"],
        seed: int,
        replicas: int | None = None,
    ) -> None:
        """`replicas` draw from consecutive seeds; None: one order, without a leading axis."""
        self.batch_size, self.per_epoch, _ = batches(samples, batch_size, last_batch)
        self.shuffle = shuffle
        self.generators = [stream(seed + index, "order") for index in range(replicas or 1)]
        self.permutation = torch.arange(samples)
        if replicas is not None:
            self.permutation = self.permutation.repeat(replicas, 1)
        self.batch = 0
        #: The number of changes of the order, by which copies notice that they are stale.
        self.drawn = 0
        if shuffle != "never":
            self._draw()

    @property
    def samples_per_step(self) -> float:
        """The mean number of samples in a batch: the last of an epoch may be smaller."""
        return min(self.permutation.shape[-1], self.per_epoch * self.batch_size) / self.per_epoch

    def next(self) -> Tensor:
        """The positions of the next batch: (…, batch) int64; a view that the next epoch overwrites."""
        if self.batch == self.per_epoch:
            self.batch = 0
            if self.shuffle == "each_epoch":
                self._draw()
        start = self.batch * self.batch_size
        self.batch += 1
        return self.permutation[..., start : start + self.batch_size]

    def _draw(self) -> None:
        samples = self.permutation.shape[-1]
        for row, generator in zip(self.permutation.view(-1, samples), self.generators, strict=True):
            torch.randperm(samples, generator=generator, out=row)
        self.drawn += 1

    def resume_at(self, batch: int) -> None:
        """Continue before a batch, after `permutation` has been overwritten."""
        self.batch = batch
        self.drawn += 1

    def state(self) -> Iterator[tuple[str, Tensor]]:
        """The names and tensors of the state of the order, except the generators."""
        yield "order/permutation", self.permutation
        yield "order/batch", torch.full(self.permutation.shape[:-1], self.batch)
