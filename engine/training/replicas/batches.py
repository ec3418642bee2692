"""The batches of replicas: of each its own samples, in its own order, changed by its own draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.training.batches import Batch, kept
from glassnet.engine.training.replicas.samples import StackedSamples


class StackedBatches:
    """The batches of all replicas: inputs and targets (replicas, batch, …)."""

    def __init__(
        self,
        samples: StackedSamples,
        loaders: Sequence[BatchLoader],
        encode: Callable[[Tensor], list[Tensor]],
    ) -> None:
        """`loaders` of each replica are for augmentations, which draw; `encode` encodes for each loss."""
        self._samples, self._loaders, self._encode = samples, loaders, encode
        replicas, count = samples.inputs.shape[:2]
        #: Where the samples of each replica begin, all of them in a row.
        self._first = count * torch.arange(replicas, device=samples.inputs.device)[:, None]
        self._augmented = loaders[0].generator is not None

    def __call__(self, positions: Tensor, into: Batch | None = None) -> Batch:
        if self._loaders[0].moves_targets:
            return kept(self._moved(positions), into)
        places = (positions + self._first).flatten()
        inputs = self._inputs(positions, places)
        return kept((inputs, [_chosen(target, places) for target in self._samples.encoded]), into)

    def _moved(self, positions: Tensor) -> Batch:
        """The batch of each replica, its targets moved by the draws that move its pictures."""
        found = [loader.moved(own) for loader, own in zip(self._loaders, positions, strict=True)]
        encoded = [self._encode(targets) for _, targets in found]
        return torch.stack([inputs for inputs, _ in found]), [
            torch.stack(targets) for targets in zip(*encoded, strict=True)
        ]

    def _inputs(self, positions: Tensor, places: Tensor) -> Tensor:
        if self._augmented:
            rows = zip(self._loaders, positions, strict=True)
            return torch.stack([loader(own) for loader, own in rows])
        return self._samples.as_inputs(_chosen(self._samples.inputs, places))


def _chosen(stacked: Tensor, places: Tensor) -> Tensor:
    """Samples (replicas, batch, …) from all replicas' (replicas, samples, …), by their places in a row."""
    return stacked.flatten(0, 1).index_select(0, places).view(len(stacked), -1, *stacked.shape[2:])
