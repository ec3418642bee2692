"""The batches of a training: inputs, and the targets as each loss wants them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from glassnet.engine.data.batches import BatchLoader

#: The inputs of a batch, and the targets of each loss.
Batch = tuple[Tensor, list[Tensor]]


class Batches(Protocol):
    """A source of batches, by the positions of their samples."""

    def __call__(self, positions: Tensor, into: Batch | None = None) -> Batch:
        """The batch of the samples at these positions, written to `into` if given."""


class TrainingBatches:
    """The batches of one training."""

    def __init__(
        self, loader: BatchLoader, targets: Tensor, encode: Callable[[Tensor], list[Tensor]]
    ) -> None:
        """`targets` are those of the training set, which `encode` encodes for each loss."""
        self._loader, self._encode, self._targets = loader, encode, encode(targets)

    def __call__(self, positions: Tensor, into: Batch | None = None) -> Batch:
        if self._loader.moves_targets:
            inputs, moved = self._loader.moved(positions)
            return kept((inputs, self._encode(moved)), into)
        if into is None:
            return self._loader(positions), [target[positions] for target in self._targets]
        inputs, targets = into
        self._loader(positions, inputs)
        for target, chosen in zip(self._targets, targets, strict=True):
            torch.index_select(target, 0, positions, out=chosen)
        return into


def kept(batch: Batch, into: Batch | None) -> Batch:
    """A batch, written to another's tensors where one is given."""
    if into is None:
        return batch
    into[0].copy_(batch[0])
    for target, chosen in zip(batch[1], into[1], strict=True):
        chosen.copy_(target)
    return into
