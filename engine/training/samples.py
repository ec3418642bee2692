"""The samples of a training, which trainings of the same samples share."""

from __future__ import annotations

from glassnet.engine.data.load import Data, load
from glassnet.engine.errors import BlobMissing, DataError, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import dtype_of
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.checks import check_data
from glassnet.engine.training.observed import Observed


def loaded_or_shared(experiment: Experiment, device: str, blobs: Blobs, other: Observed | None) -> Data:
    """The data of an experiment: those of another training where they are the same, else loaded.

    Raises InvalidExperiment.
    """
    if other is not None and _are_the_same(experiment, device, other):
        return other.data
    check_data(experiment, blobs)
    try:
        dtype = dtype_of(experiment.training.precision)
        return load(experiment.data, experiment.seed, dtype, device, blobs)
    except (BlobMissing, DataError) as error:
        raise InvalidExperiment.at("/data", str(error)) from None


def _are_the_same(experiment: Experiment, device: str, other: Observed) -> bool:
    """Whether an experiment would draw, split and normalise the very samples of another training."""
    known = other.experiment
    drawn_alike = known.data == experiment.data and known.seed == experiment.seed
    return drawn_alike and other.dtype is dtype_of(experiment.training.precision) and other.device == device
