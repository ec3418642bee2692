"""Observed: the read-only interface of a trainer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.data.load import Data, Inputs
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.limits import Limits
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.regularization import AppliedRegularizer


class Observed(Protocol):
    """The parts of a trainer for probes, and for studies that do not train.

    It has no step, no loading of state and no order of samples, so that a function with this parameter type
    cannot continue training, as its signature shows.
    """

    @property
    def experiment(self) -> Experiment: ...

    @property
    def plan(self) -> Plan: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def device(self) -> str: ...

    @property
    def dtype(self) -> torch.dtype: ...

    @property
    def data(self) -> Data: ...

    @property
    def loader(self) -> BatchLoader:
        """The loader that converts samples to the network's inputs."""

    @property
    def blobs(self) -> Blobs: ...

    @property
    def evaluation_network(self) -> Network:
        """The network with the weights that train, permanently in evaluation mode."""

    @property
    def evaluation_batch(self) -> int:
        """The number of samples in one evaluation pass."""

    @property
    def replays(self) -> bool:
        """Whether passes over fixed tensors are captured and replayed."""

    @property
    def dropout(self) -> torch.Generator:
        """The generator of dropout, which copies of the network share."""

    @property
    def groups(self) -> Sequence[ParameterGroup]: ...

    @property
    def regularizers(self) -> Sequence[AppliedRegularizer]: ...

    @property
    def steps_taken(self) -> int: ...

    @property
    def steps_per_epoch(self) -> int: ...

    def predict(self, inputs: Inputs) -> Tensor:
        """What the network says of inputs (samples, …): classes, or values."""

    def evaluate(self) -> dict[str, float]:
        """Loss and metrics over each whole set."""
