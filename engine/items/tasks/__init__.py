"""Tasks: the meaning of a network's output. Only the task encodes targets and decodes and scores outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

import torch
from pydantic import field_validator
from pydantic_core import PydanticCustomError
from torch import Tensor

from glassnet.engine.catalog import Choice, Item, catalog, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.squared import MSE
from glassnet.engine.items.node import Shape
from glassnet.engine.items.targets import WORDS, Family

#: The shape that a node must give, of which None leaves an axis free.
FreeShape = tuple[int | None, ...]


def reduced(
    parts: dict[str, list[torch.Tensor]], concatenated: Sequence[str] = ()
) -> dict[str, torch.Tensor]:
    """The measures of all batches: each summed, or concatenated where it is named; on the host, in float64.

    Added one batch after the other: the sums are the same however many threads there are.
    """
    whole = {}
    for name, values in parts.items():
        exact = [v.cpu().double() if v.is_floating_point() else v.cpu() for v in values]
        whole[name] = torch.cat(exact) if name in concatenated else sum(exact[1:], start=exact[0])
    return whole


def means(reduced: dict[str, torch.Tensor], count: int) -> dict[str, float]:
    """The mean of each sum over so many samples."""
    return {name: float(total) / count for name, total in reduced.items()}


class Task(Item, ABC):
    """The meaning of the output: losses to train by, targets, predictions, metrics."""

    #: The targets that it reads.
    family: ClassVar[Family]
    #: The metric whose curve is shown beside the loss's.
    metric: ClassVar[str]
    #: What `measure` gives of a batch, each a function of (output, targets) that scripts copy.
    measures: ClassVar[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {}
    #: Those of them that are concatenated over batches, sample by sample; the others are summed.
    concatenated: ClassVar[frozenset[str]] = frozenset()
    #: What `conclude` computes, a function that scripts copy.
    conclusion: ClassVar[Callable[[dict[str, Tensor], int], dict[str, float]]] = staticmethod(means)

    losses: list[Annotated[Loss, Choice(Loss)]] = option(
        [MSE()], "The losses whose sum is minimised.", min_length=1, max_length=16
    )

    @field_validator("losses")
    @classmethod
    def _named_once(cls, losses: list[Loss]) -> list[Loss]:
        """The losses, of which no two have the same name. Raises PydanticCustomError."""
        names = set[str]()
        for index, loss in enumerate(losses):
            if loss.name is not None and loss.name in names:
                raise PydanticCustomError(
                    "duplicate_name",
                    "'{name}' is the name of another loss; expected one of its own",
                    {"pointer": f"/{index}/name", "name": loss.name},
                )
            names.update([loss.name] if loss.name else [])
        return losses

    @abstractmethod
    def check(self, data: Dataset) -> tuple[str, str] | None:
        """None if the task suits the data; else the pointer within the task, and the reason."""

    def _other_targets(self, data: Dataset) -> tuple[str, str] | None:
        """The answer of `check` where the data have targets of another family."""
        if data.family == self.family:
            return None
        given, wanted = WORDS[data.family], WORDS[self.family]
        suiting = [kind for kind, task in catalog(Task).items() if task.family == data.family]
        suits = f"; expected task '{suiting[0]}'" if suiting else ""
        return "/kind", f"'{data.kind}' gives {given}, not {wanted}{suits}"

    @abstractmethod
    def shape(self, loss: Loss, data: Dataset) -> FreeShape:
        """The shape that the loss's node must give for a sample; None: an axis of any size."""

    def width(self, loss: Loss, data: Dataset) -> int:
        """What an empty `units` or `filters` of that node means: the size of the first axis."""
        first = self.shape(loss, data)[0]
        if first is None:
            raise NotImplementedError(f"{self.kind} leaves the first axis free, and must say its width")
        return first

    @abstractmethod
    def starter(self, data: Dataset) -> list[dict[str, Any]]:
        """A small network that fits the data and the task, as documents of nodes."""

    @abstractmethod
    def targets(self, loss: Loss, data: Dataset) -> Call:
        """The targets of the loss, encoded from Name("targets") of the data set."""

    def compare(self, loss: Loss) -> Call:
        """The module of a loss, which takes (output, target as `targets` encodes it)."""
        return loss.call()

    def metrics(self, data: Dataset) -> tuple[str, ...]:
        """The names of the metrics that `conclude` gives."""
        return tuple(self.measures)

    def measure(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """What the metrics need of a batch, from the output that the first loss reads and the data's targets.

        Each is to be summed over the batches, or concatenated where `concatenated` names it.
        """
        return {name: function(outputs, targets) for name, function in self.measures.items()}

    def conclude(self, reduced: dict[str, Tensor], count: int) -> dict[str, float]:
        """The metrics of a set of so many samples, from its reduced measures; NaN where one is undefined."""
        return type(self).conclusion(reduced, count)

    def confusion(self, output: Tensor, targets: Tensor, classes: int) -> Tensor:
        """How often each class (row) was taken for each (column), in a batch: int64 (classes, classes)."""
        raise ValueError(f"a confusion matrix of '{self.kind}'; expected a task that tells classes apart")

    @abstractmethod
    def shown(self, loss: Loss, output: Tensor) -> Tensor:
        """The prediction as one number for a colour scale: (samples, width) → (samples,).

        From −1 (first class, or least value) to 1 for one number or two classes; the class number
        plus its confidence in [0, 1) for more.
        """

    @abstractmethod
    def predictions(self, loss: Loss, output: Tensor) -> Tensor:
        """The predictions as targets are, classes as int64: (samples,), (samples, k), (samples, h, w).

        Of boxes, (samples, m, 5) float32.
        """

    @abstractmethod
    def probabilities(self, loss: Loss, output: Tensor) -> Tensor:
        """The probability of each class: (samples, classes). For values, the values: (samples, k).

        Of a class for each pixel, the mean over the picture: the share that each class has of it; of
        boxes, the score of the best.
        """

    @abstractmethod
    def scores(self, loss: Loss, output: Tensor) -> Tensor:
        """Scores that rank samples for each class: (samples, classes). For values, the values: (samples, k).

        Neither squashed nor clamped, so that samples with different outputs do not tie.
        """


def dense_starter(shape: Shape) -> list[dict[str, Any]]:
    """A hidden layer and an output as wide as the task wants, for samples of any shape."""
    flatten: list[dict[str, Any]] = [{"kind": "flatten"}] if len(shape) > 1 else []
    hidden: list[dict[str, Any]] = [{"kind": "linear", "units": 6}, {"kind": "tanh"}]
    return [*flatten, *hidden, {"kind": "linear", "name": "output", "units": None}]
