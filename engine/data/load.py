"""Loading a data set: samples drawn or read, split, reduced to the selected features, normalised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from glassnet.engine.data.soundness import drawn
from glassnet.engine.data.splitting import interleaved, stratified
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.random_streams import stream

#: The purpose of the stream from which wrong labels are drawn.
LABELS = "labels"


class Inputs(Protocol):
    """The network's inputs, indexed by sample: a tensor, or an object that computes one on access."""

    @property
    def shape(self) -> torch.Size:
        """(samples, …)."""

    def __len__(self) -> int: ...

    def __getitem__(self, chosen: Any, /) -> Tensor: ...


class Pixels:
    """Pictures stored as uint8 on the device, normalised on access.

    CIFAR takes 180 MB this way, and would take four times as much as float32.
    """

    def __init__(self, raw: Tensor, scaling: Scaling, dtype: torch.dtype) -> None:
        self.raw, self.scaling, self.dtype = raw, scaling, dtype

    @property
    def shape(self) -> torch.Size:
        return self.raw.shape

    def __len__(self) -> int:
        return len(self.raw)

    def __getitem__(self, chosen: Any, /) -> Tensor:
        return self.scaling(self.raw[chosen].float()).to(self.dtype)


@dataclass(frozen=True)
class Samples:
    """One set of samples, ready for the network."""

    #: The samples as the data set has them, for display: (samples, …) float32, or uint8 for pictures.
    raw: Tensor
    #: The network's inputs: (samples, …).
    inputs: Inputs
    #: Of the data set's family: (samples,) int64 classes, (samples, k) values, (samples, h, w) masks, …
    targets: Tensor
    #: Computes `boxes`.
    _truth: Callable[[], Tensor] | None = None
    #: Computes `source`.
    _source: Callable[[], Tensor] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    @cached_property
    def boxes(self) -> Tensor | None:
        """The box around each picture's object, or None where it is not known: (samples, 4) float32.

        Left, top, right and bottom in pixels; right and bottom are exclusive.
        """
        return None if self._truth is None else self._truth()

    @cached_property
    def source(self) -> Tensor | None:
        """The signals (samples, channels, length) that the samples are a transform of; None where of none."""
        return None if self._source is None else self._source()


@dataclass(frozen=True)
class Scaling:
    """The fitted normalisation x ← (x − shift) / scale; without numbers it leaves x unchanged."""

    shift: Tensor | None = None
    scale: Tensor | None = None

    @classmethod
    def fit(cls, normalization: Normalization, train: Tensor) -> Scaling:
        call = normalization.fit()
        return cls() if call is None else cls(*call.build(train=train))

    def __call__(self, x: Tensor) -> Tensor:
        return x if self.shift is None or self.scale is None else (x - self.shift) / self.scale

    def inverse(self, x: Tensor) -> Tensor:
        """The original numbers of normalised ones."""
        return x if self.shift is None or self.scale is None else x * self.scale + self.shift

    @property
    def unit(self) -> float | None:
        """The size of one normalised unit in original units; None where x is unchanged."""
        return None if self.scale is None else float(self.scale.mean())

    def to(self, device: str) -> Scaling:
        """The scaling for tensors on another device."""
        if self.shift is None or self.scale is None:
            return self
        return Scaling(self.shift.to(device), self.scale.to(device))


@dataclass(frozen=True)
class Data:
    """The training, validation and test set, and the transform from raw samples to the network's input."""

    dataset: Dataset
    train: Samples
    #: The validation set; None where no samples are kept for it.
    validation: Samples | None
    test: Samples
    scaling: Scaling
    #: The normalisation of target values, fitted on the training set.
    value_scaling: Scaling

    def transform(self, raw: Tensor) -> Tensor:
        """The network's inputs for raw samples."""
        return self.scaling(_selected(self.dataset, raw.float()))

    def sets(self) -> dict[str, Samples]:
        """The sets by name: train, validation where there is one, test."""
        validation = {} if self.validation is None else {"validation": self.validation}
        return {"train": self.train, **validation, "test": self.test}


def load(
    dataset: Dataset,
    seed: int,
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
    blobs: Blobs | None = None,
) -> Data:
    """The data of a data set: samples drawn or read, split, and normalised by the training set.

    Raises BlobMissing where uploaded or downloaded data are not stored, DataError where they are damaged.
    """
    generator = stream(seed, "data")
    blobs = blobs or Blobs()
    raw, targets = drawn(dataset, generator, blobs)
    train, validation, test = split(dataset, targets, generator)
    scaling = Scaling.fit(dataset.normalize, _selected(dataset, raw[train]))
    value_scaling = Scaling.fit(dataset.normalize_values, targets[train])
    targets = _relabelled(dataset, targets, train, seed)
    known, signals = dataset.truth(), _signals(dataset, seed, blobs)

    def samples(chosen: Tensor) -> Samples:
        mine = raw[chosen]
        inputs: Inputs
        if mine.dtype == torch.uint8:
            inputs = Pixels(mine.to(device), scaling.to(device), dtype)
        else:
            inputs = scaling(_selected(dataset, mine)).to(device, dtype)
        wanted = value_scaling(targets[chosen])
        wanted = wanted.to(device, dtype) if wanted.is_floating_point() else wanted.to(device)

        def truth() -> Tensor:
            assert known is not None
            boxes: Tensor = known.build(generator=stream(seed, "data"))
            return boxes[chosen]

        def source() -> Tensor:
            assert signals is not None
            return signals()[chosen]

        found = None if known is None else truth, None if signals is None else source
        return Samples(mine, inputs, wanted, *found)

    kept = samples(validation) if len(validation) else None
    return Data(dataset, samples(train), kept, samples(test), scaling, value_scaling)


def _signals(dataset: Dataset, seed: int, blobs: Blobs) -> Callable[[], Tensor] | None:
    """What computes, or reads, the signals of which all samples are a transform; None where they are none."""
    known = dataset.source()

    def signals() -> Tensor:
        if known is None:
            found = dataset.signals(blobs)
            assert found is not None
            return found
        drawn: Tensor = known.build(generator=stream(seed, "data"))[0]
        return drawn

    return signals if known is not None or dataset.keeps_signals else None


def split(dataset: Dataset, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """The indices of the training, validation and test samples; each set in random order."""
    kept, given = dataset.count - dataset.held_out, dataset.held_for_validation
    if dataset.divided:
        # A given test set comes last, a given validation set before it.
        order = torch.randperm(kept - given, generator=generator)
        test = torch.arange(kept, dataset.count)
    else:
        drawn = torch.randperm(dataset.count, generator=generator)
        order, test = _set_aside(dataset, targets, drawn, dataset.held_out)
    if given:
        return order, torch.arange(kept - given, kept), test
    if dataset.stratifies:
        order = order[interleaved(targets[order])]
    validation = kept - dataset.trained
    return order[validation:], order[:validation], test


def _set_aside(dataset: Dataset, targets: Tensor, order: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The remaining indices, and `count` that are set aside, from indices in random order."""
    if not dataset.stratifies:
        return order[count:], order[:count]
    chosen = stratified(targets[order], count)
    return order[~chosen], order[chosen]


def _relabelled(dataset: Dataset, targets: Tensor, train: Tensor, seed: int) -> Tensor:
    """The targets with those of the training samples as the data set has them trained on."""
    call = dataset.relabel()
    if call is None:
        return targets
    targets = targets.clone()  # those that were read may be kept, and read again
    targets[train] = call.build(targets=targets[train], generator=stream(seed, LABELS))
    return targets


def _selected(dataset: Dataset, raw: Tensor) -> Tensor:
    call = dataset.select()
    return raw if call is None else call.build(inputs=raw)
