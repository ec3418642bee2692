"""From a data set to the tensors that training reads: draw, split, select features, normalise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.datasets import Dataset
from engine.normalizations import Normalization
from engine.streams import stream


@dataclass(frozen=True)
class Samples:
    """One set of samples, ready for the network."""

    #: As the data set has them, for drawing: (samples, …) float32.
    raw: Tensor
    #: As the network gets them: (samples, …).
    inputs: Tensor
    #: (samples,) int64 classes or (samples, k) values.
    targets: Tensor

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Scaling:
    """x ← (x − shift) / scale, as fitted on the training set; None leaves x alone."""

    shift: Tensor | None = None
    scale: Tensor | None = None

    @classmethod
    def fit(cls, normalization: Normalization, train: Tensor) -> Scaling:
        call = normalization.fit()
        return cls() if call is None else cls(*call.build(train=train))

    def __call__(self, x: Tensor) -> Tensor:
        return x if self.shift is None or self.scale is None else (x - self.shift) / self.scale


@dataclass(frozen=True)
class Data:
    """Training and test set, and the way from a raw sample to the network's input."""

    dataset: Dataset
    train: Samples
    test: Samples
    scaling: Scaling
    #: The training set's shift and scale of target values.
    value_scaling: Scaling

    def transform(self, raw: Tensor) -> Tensor:
        """Raw samples as the network gets them."""
        return self.scaling(_selected(self.dataset, raw))


def load(dataset: Dataset, seed: int, dtype: torch.dtype = torch.float32, device: str = "cpu") -> Data:
    """Draw (or read) the samples, keep some for testing, fit the normalisation on the rest."""
    generator = stream(seed, "data")
    call = dataset.generate()
    raw, targets = dataset.read() if call is None else call.build(generator=generator)
    order = torch.randperm(len(raw), generator=generator)
    held_out = dataset.held_out
    train, test = order[held_out:], order[:held_out]
    scaling = Scaling.fit(dataset.normalize, _selected(dataset, raw[train]))
    value_scaling = Scaling.fit(dataset.normalize_values, targets[train])

    def samples(chosen: Tensor) -> Samples:
        inputs = scaling(_selected(dataset, raw[chosen])).to(device, dtype)
        wanted = value_scaling(targets[chosen])
        wanted = wanted.to(device, dtype) if wanted.is_floating_point() else wanted.to(device)
        return Samples(raw[chosen], inputs, wanted)

    return Data(dataset, samples(train), samples(test), scaling, value_scaling)


def _selected(dataset: Dataset, raw: Tensor) -> Tensor:
    call = dataset.select()
    return raw if call is None else call.build(inputs=raw)
