"""Training batches: samples gathered, augmented and normalised."""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.data.load import Data, Pixels
from glassnet.engine.items.targets import MOVED
from glassnet.engine.random_streams import stream


class BatchLoader:
    """A loader of training batches on the training device, without processes and queues.

    Augmentations draw from a separate generator, so that adding one does not change the order of samples
    or dropout.
    """

    def __init__(self, data: Data, seed: int, dtype: torch.dtype, device: str) -> None:
        self._inputs, self._dtype = data.train.inputs, dtype
        self._scaling = data.scaling.to(device)
        span = data.dataset.span
        #: What a value of 1 stands for in augmentations, and what they are clamped to.
        self._unit = 1.0 if span is None else max(map(abs, span))
        self._ends = None if span is None else (span[0] / self._unit, span[1] / self._unit)
        self._calls = data.dataset.changes()
        #: The augmentations that take targets along, and what they make of a target; None: none does.
        self._moves = data.dataset.moves()
        self._moved = MOVED.get(data.dataset.family)
        self._targets = data.train.targets
        #: The generator of the augmentations; None where there are none.
        self.generator = stream(seed, "augmentation", device) if self._calls else None
        #: The pictures that augmentations change; None where there are none.
        self._raw = data.train.raw.to(device) if self._calls else None

    def __call__(self, batch: Tensor, into: Tensor | None = None) -> Tensor:
        """The batch at these positions of the training set, written to `into` if given."""
        if self._raw is not None:
            raw = torch.index_select(self._raw, 0, batch)
            return _kept(self._normalised(self.changed(raw, self.generator)), into)
        if isinstance(self._inputs, Tensor):
            return (
                self._inputs[batch] if into is None else torch.index_select(self._inputs, 0, batch, out=into)
            )
        assert isinstance(self._inputs, Pixels)
        if into is None or into.dtype != torch.float32:
            return _kept(self._inputs[batch], into)
        # The same numbers, without allocating memory for the intermediate steps.
        into.copy_(torch.index_select(self._inputs.raw, 0, batch))
        if self._scaling.shift is not None and self._scaling.scale is not None:
            into.sub_(self._scaling.shift).div_(self._scaling.scale)
        return into

    @property
    def moves_targets(self) -> bool:
        """Whether augmentations take targets along: then batches come from `moved`."""
        return self._moves is not None

    def moved(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """The batch at these positions of the training set, and its targets, both moved by the same draws."""
        assert self._raw is not None
        assert self._moves is not None
        pictures = torch.index_select(self._raw, 0, batch).float() / self._unit
        targets = torch.index_select(self._targets, 0, batch)
        pictures, targets = self.changed_together(pictures, targets, self.generator)
        return self._normalised(pictures * self._unit), targets

    def changed_together(
        self, pictures: Tensor, targets: Tensor, generator: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        """Pictures from 0 to 1 and their targets after augmentation."""
        assert self._moved is not None
        for move in self._moves or []:
            if move.drawn is None:
                pictures = move.pictures.build(pictures=pictures, generator=generator)
                continue
            place = move.drawn.build(pictures=pictures, generator=generator)
            targets = self._moved.build(targets=targets, place=place, pictures=pictures)
            pictures = move.pictures.build(pictures=pictures, place=place)
        return pictures.clamp(0, 1), targets

    def unchanged(self, size: int) -> Tensor:
        """The first samples of the training set as a batch, not augmented."""
        return self._inputs[:size].clone()

    def changed(self, raw: Tensor, generator: torch.Generator | None) -> Tensor:
        """Raw pictures after augmentation, on their original scale: float32."""
        pictures = raw.float() / self._unit
        for call in self._calls:
            pictures = call.build(pictures=pictures, generator=generator)
        return (pictures if self._ends is None else pictures.clamp(*self._ends)) * self._unit

    def _normalised(self, raw: Tensor) -> Tensor:
        return self._scaling(raw).to(self._dtype)


def _kept(batch: Tensor, into: Tensor | None) -> Tensor:
    return batch if into is None else into.copy_(batch)
