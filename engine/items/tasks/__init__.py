"""Tasks: the meaning of a network's output. Only the task encodes targets and decodes and scores outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

from torch import Tensor

from glassnet.engine.catalog import Choice, Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.squared import MSE


class Task(Item, ABC):
    """The meaning of the output: losses to train by, targets, predictions, metrics."""

    #: The metric whose curve is shown beside the loss's.
    metric: ClassVar[str]
    #: What `metrics` gives, each as a function of (output, targets) that scripts copy: the sum over a batch.
    measures: ClassVar[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {}

    losses: list[Annotated[Loss, Choice(Loss)]] = option(
        [MSE()], "The losses whose sum is minimised.", min_length=1, max_length=16
    )

    @abstractmethod
    def check(self, data: Dataset) -> tuple[str, str] | None:
        """None if the task suits the data; else the pointer within the task, and the reason."""

    @abstractmethod
    def width(self, loss: Loss, data: Dataset) -> int:
        """The number of outputs that the loss's node must have."""

    @abstractmethod
    def targets(self, loss: Loss, data: Dataset) -> Call:
        """The targets of the loss, encoded from Name("targets") of the data set."""

    def metrics(self, loss: Loss, output: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Sums of the metrics over a batch, from the first loss's node and the data's targets."""
        return {name: measure(output, targets) for name, measure in self.measures.items()}

    @abstractmethod
    def shown(self, loss: Loss, output: Tensor) -> Tensor:
        """The prediction as one number for a colour scale: (samples, width) → (samples,).

        From −1 (first class, or least value) to 1 for one number or two classes; the class number
        plus its confidence in [0, 1) for more.
        """

    @abstractmethod
    def predictions(self, loss: Loss, output: Tensor) -> Tensor:
        """The predictions: (samples,) int64 classes, or (samples, k) values."""

    @abstractmethod
    def probabilities(self, loss: Loss, output: Tensor) -> Tensor:
        """The probability of each class: (samples, classes). For values, the values: (samples, k)."""

    @abstractmethod
    def scores(self, loss: Loss, output: Tensor) -> Tensor:
        """Scores that rank samples for each class: (samples, classes). For values, the values: (samples, k).

        Neither squashed nor clamped, so that samples with different outputs do not tie.
        """
