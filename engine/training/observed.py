"""A trainer as it is seen by what looks at it."""

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


class Observed(Protocol):
    """What probes, and studies that train nothing, may use of a trainer.

    No step, no state to be loaded, no order of samples to be moved: what is given this type cannot go on
    with training, and whoever reads its signature knows so.
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
        """How samples become the network's inputs."""

    @property
    def blobs(self) -> Blobs: ...

    @property
    def evaluation_network(self) -> Network:
        """The network over the very weights that train, in evaluation mode for good."""

    @property
    def evaluation_batch(self) -> int:
        """How many samples are looked at in one pass."""

    @property
    def replays(self) -> bool:
        """Whether passes over fixed tensors are captured and replayed."""

    @property
    def dropout(self) -> torch.Generator:
        """What dropout draws from: a copy of the network shares it."""

    @property
    def groups(self) -> Sequence[ParameterGroup]: ...

    @property
    def steps_taken(self) -> int: ...

    @property
    def steps_per_epoch(self) -> int: ...

    def predict(self, inputs: Inputs) -> Tensor:
        """What the network says of inputs (samples, …): classes, or values."""

    def evaluate(self) -> dict[str, float]:
        """Loss and metrics over each whole set."""
