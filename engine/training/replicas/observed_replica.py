"""One replica as observers see a training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from glassnet.engine.data.load import Inputs
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.limits import Limits
from glassnet.engine.network.module import Network
from glassnet.engine.training.evaluator import predicted
from glassnet.engine.training.observed import Observed
from glassnet.engine.training.parameter_groups import ParameterGroup
from glassnet.engine.training.regularization import AppliedRegularizer
from glassnet.engine.training.single import Single


class ObservedReplica:
    """A replica of a training: its network, samples and optimizer, which are views of those that train."""

    def __init__(self, whole: Observed, own: Single, evaluate: Callable[[], dict[str, float]]) -> None:
        """`whole` is the training, `own` what the replica has for itself."""
        self._whole, self._own, self.evaluate = whole, own, evaluate
        self.experiment, self.plan, self.data = own.experiment, own.plan, own.data
        self.device, self.dtype, self.loader, self.dropout = own.device, own.dtype, own.loader, own.dropout
        self.limits: Limits = whole.limits
        self.blobs: Blobs = whole.blobs
        self.evaluation_batch, self.replays = whole.evaluation_batch, whole.replays

    @property
    def evaluation_network(self) -> Network:
        return self._own.evaluation_network

    @property
    def groups(self) -> Sequence[ParameterGroup]:
        return self._own.groups

    @property
    def regularizers(self) -> Sequence[AppliedRegularizer]:
        return self._own.regularizers

    @property
    def steps_taken(self) -> int:
        return self._whole.steps_taken

    @property
    def steps_per_epoch(self) -> int:
        return self._whole.steps_per_epoch

    @torch.no_grad()
    def predict(self, inputs: Inputs) -> Tensor:
        """The network's predictions for inputs (samples, …): classes, or values."""
        return predicted(self, inputs)
