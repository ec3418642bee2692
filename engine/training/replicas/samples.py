"""The samples of replicas, each of which draws and splits its own, as tensors with a leading axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from glassnet.engine.data.load import Data, Inputs, Pixels, Samples, Scaling
from glassnet.engine.errors import InvalidExperiment

#: Targets as each loss wants them.
Encode = Callable[[Tensor], list[Tensor]]


@dataclass(frozen=True)
class StackedSamples:
    """One set of all replicas: as the network's inputs, or as pixels and their normalisations."""

    #: (replicas, samples, …): as the network reads them, or uint8 pictures.
    inputs: Tensor
    #: Of pictures, each replica's shift and scale; without numbers the inputs are as the network reads them.
    scaling: Scaling
    dtype: torch.dtype
    #: (replicas, samples, …), as the data set has them.
    targets: Tensor
    #: As each loss wants them.
    encoded: list[Tensor]

    def __len__(self) -> int:
        return self.inputs.shape[1]

    def part(self, start: int, stop: int) -> Tensor:
        """Consecutive samples as the network's inputs: (replicas, samples, …)."""
        return self.as_inputs(self.inputs[:, start:stop])

    def as_inputs(self, chosen: Tensor) -> Tensor:
        """Samples (replicas, samples, …) as the network's inputs."""
        return chosen if chosen.is_floating_point() else self.scaling(chosen.float()).to(self.dtype)


class StackedData:
    """The samples of all replicas, by set."""

    def __init__(self, of_replicas: Sequence[Data], encode: Encode) -> None:
        """Raises InvalidExperiment where the sets of two replicas differ in size."""
        self.of_replicas = list(of_replicas)
        self.sets = {
            name: _stacked([data.sets()[name] for data in of_replicas], encode)
            for name in of_replicas[0].sets()
        }
        self.of_replicas = [self._sharing(data, index) for index, data in enumerate(of_replicas)]
        #: The size of one unit as trained on in the target's original units, of each replica; None: the same.
        units = [data.value_scaling.unit for data in of_replicas]
        self.units = None if units[0] is None else [unit or 1.0 for unit in units]

    def _sharing(self, data: Data, index: int) -> Data:
        """The data of one replica, as views of those of all."""

        def view(name: str, samples: Samples) -> Samples:
            whole = self.sets[name]
            inputs: Inputs = whole.inputs[index]
            if isinstance(samples.inputs, Pixels):
                inputs = Pixels(whole.inputs[index], samples.inputs.scaling, samples.inputs.dtype)
            return replace(samples, inputs=inputs, targets=whole.targets[index])

        views = {name: view(name, samples) for name, samples in data.sets().items()}
        return replace(data, train=views["train"], validation=views.get("validation"), test=views["test"])


def _stacked(sets: Sequence[Samples], encode: Encode) -> StackedSamples:
    sizes = [len(samples) for samples in sets]
    if len(set(sizes)) > 1:
        other = next(index for index, size in enumerate(sizes) if size != sizes[0])
        raise InvalidExperiment.at(
            "/training/replicas",
            f"replica {other} has {sizes[other]:,} samples where replica 0 has {sizes[0]:,}; "
            "expected data that are split alike with every seed",
        )
    first = sets[0].inputs
    pixels = [samples.inputs for samples in sets if isinstance(samples.inputs, Pixels)]
    if pixels:
        inputs = torch.stack([each.raw for each in pixels])
        scaling, dtype = _scalings([each.scaling for each in pixels], inputs.ndim), pixels[0].dtype
    else:
        inputs = torch.stack([samples.inputs[:] for samples in sets])
        scaling, dtype = Scaling(), first[:1].dtype
    encoded = [torch.stack(targets) for targets in zip(*(encode(each.targets) for each in sets), strict=True)]
    return StackedSamples(inputs, scaling, dtype, torch.stack([each.targets for each in sets]), encoded)


def _scalings(scalings: Sequence[Scaling], axes: int) -> Scaling:
    """The normalisations of replicas as one, for (replicas, samples, …) pictures with so many axes."""

    def along(numbers: Sequence[Tensor]) -> Tensor:
        together = torch.stack(list(numbers))
        return together.view(len(numbers), *[1] * (axes - together.ndim), *together.shape[1:])

    shifts = [each.shift for each in scalings if each.shift is not None]
    scales = [each.scale for each in scalings if each.scale is not None]
    return Scaling(along(shifts), along(scales)) if shifts else Scaling()
