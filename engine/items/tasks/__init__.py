"""Tasks: what the network's answer means. The task alone encodes targets, reads answers and scores them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated

from torch import Tensor

from glassnet.engine.catalog import Choice, Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.squared import MSE


class Task(Item, ABC):
    """The meaning of the output: losses to train by, targets, predictions, metrics."""

    losses: list[Annotated[Loss, Choice(Loss)]] = option(
        [MSE()], "What is minimised: the sum of these.", min_length=1, max_length=16
    )

    @abstractmethod
    def check(self, data: Dataset) -> tuple[str, str] | None:
        """None if the task can be done on the data; else the pointer within the task, and why not."""

    @abstractmethod
    def width(self, loss: Loss, data: Dataset) -> int:
        """How many numbers the node judged by the loss must give."""

    @abstractmethod
    def targets(self, loss: Loss, data: Dataset) -> Call:
        """What the loss compares with, from Name("targets") of the data set."""

    @abstractmethod
    def metrics(self, loss: Loss, output: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Sums over a batch of what is to be averaged, from the first loss's node and the data's targets."""

    @abstractmethod
    def shown(self, loss: Loss, output: Tensor) -> Tensor:
        """The answer as one colour: (samples, width) → (samples,).

        From −1 (first class, or least value) to 1 for one number or two classes; the class number
        plus its share of certainty in [0, 1) for more.
        """

    @abstractmethod
    def predictions(self, loss: Loss, output: Tensor) -> Tensor:
        """The answer itself: (samples,) int64 classes, or (samples, k) values."""

    @abstractmethod
    def shares(self, loss: Loss, output: Tensor) -> Tensor:
        """How much the answer is of each class, from 0 to 1 and 1 in all: (samples, classes).

        For values, the values themselves: (samples, k).
        """

    @abstractmethod
    def scores(self, loss: Loss, output: Tensor) -> Tensor:
        """What ranks samples: (samples, classes), higher where an answer speaks more for the class.

        Neither squashed nor clamped, so that no two samples tie that the network tells apart. For values, the
        values themselves: (samples, k).
        """
