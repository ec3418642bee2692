"""Other training sets from the same source: resamples, and the targets without their noise."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from glassnet.engine.data.load import Data, Inputs, Pixels, Samples, split
from glassnet.engine.data.soundness import drawn
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.random_streams import stream


def bootstrapped(data: Data, generator: torch.Generator) -> Data:
    """The data with a training set of the same size drawn from its own, with replacement.

    Validation set, test set and the fitted normalisations stay.
    """
    count = len(data.train)
    return replace(data, train=chosen(data.train, torch.randint(count, (count,), generator=generator)))


def chosen(samples: Samples, places: Tensor) -> Samples:
    """The samples at some places (count,), which may repeat."""
    given, where = samples.inputs, places.to(samples.targets.device)
    inputs: Inputs
    if isinstance(given, Pixels):
        inputs = Pixels(given.raw[where], given.scaling, given.dtype)
    else:
        inputs = given[where]
    return Samples(samples.raw[places], inputs, samples.targets[where])


def noiseless_targets(data: Data, seed: int, blobs: Blobs) -> Tensor | None:
    """The test set's targets by the function behind the data; None where it is not known.

    It is known where the data set, drawn again with a noise of 0, has the same samples: its noise then is
    in the targets alone.
    """
    dataset = data.dataset
    if "noise" not in type(dataset).model_fields:
        return None
    generator, again = stream(seed, "data"), stream(seed, "data")
    raw, targets = drawn(dataset, generator, blobs)
    same, pure = drawn(dataset.model_copy(update={"noise": 0.0}), again, blobs)
    if not torch.equal(raw, same):
        return None
    *_, test = split(dataset, targets, generator)
    given = data.test.targets
    return data.value_scaling(pure[test]).to(given.device, given.dtype)
