"""Losses: the error of a prediction. The cost is their mean over a set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.node import Node, Reference
from glassnet.engine.items.outputs import Numbers

#: The encoding of a loss's targets: class index, 0/1 or ±1 per class (one number for two classes), values.
Encoding = Literal["index", "zero_one", "plus_minus", "value"]


#: What a loss is called: the end of a metric's name.
LossName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        json_schema_extra={"expected": "a word of small letters, digits and _, such as objectness"},
    ),
]

#: How much a class counts; a form begins with 1.
ClassWeight = Annotated[float, Field(gt=0, le=1e6, json_schema_extra={"default": 1.0})]


class Loss(Item, ABC):
    """A function of a node's output and the targets: one number, the mean over the batch."""

    #: The encoding of class labels; None where the loss is not for classes.
    labels: ClassVar[Encoding | None]
    #: Whether the loss compares values, for regression.
    values: ClassVar[bool] = False
    #: What the output must be; None: whatever it is.
    takes: ClassVar[Numbers | None] = None
    #: The activation that it applies to logits itself.
    contains: ClassVar[str] = ""
    #: The kind for more than two classes, of a loss that has two sides.
    among_many: ClassVar[str | None] = None
    #: Whether it compares maps of scores (n, classes, h, w) with masks.
    masks: ClassVar[bool] = False
    #: Whether it compares candidates (n, k, 9 + 2 · classes) with boxes (n, m, 5).
    boxes: ClassVar[bool] = False
    #: The node that gives such candidates, as a loss for boxes reads them.
    reader: ClassVar[Mapping[str, Any]] = {"kind": "cell_boxes"}
    #: How many classes such candidates tell apart; None: those of the data.
    told: ClassVar[int | None] = None
    #: Why it cannot compare values, where that is not plain.
    not_values: ClassVar[str] = ""
    formula: ClassVar[str]
    #: Whether its module is safe under torch.func's `vmap`.
    vmap: ClassVar[bool] = True

    @property
    def lead(self) -> float | None:
        """How far ahead of the others the right output must be for a loss of 0; None where no lead is."""
        return None

    name: LossName | None = option(
        None,
        "What it is called, if its curve is to be shown by itself: rows have train_loss_NAME beside "
        "train_loss, without the weight.",
        live=True,
    )
    node: Reference | None = option(None, "The node whose output the loss reads; empty: the last one.")
    weight: float = option(1.0, "Factor of this loss in the sum.", ge=0, le=1e6, live=True)

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """With what takes its place where there are more than two classes, if anything does."""
        return super().entry() | ({} if cls.among_many is None else {"among_many": cls.among_many})

    @abstractmethod
    def call(self) -> Call:
        """A module that takes (output, target)."""

    def call_for_masks(self) -> Call:
        """A module that takes (scores (n, classes, h, w), masks uint8 (n, h, w)), of a loss for `masks`."""
        return self.call()

    def summed(self, module: nn.Module, output: Tensor, target: Tensor) -> Tensor:
        """What the loss of a whole set is concluded from, of one batch: to be summed over batches, float64.

        `module` is the built loss. For most the mean, times what it is the mean over, and that.
        """
        mean, count = module(output, target).double(), self.counted(module, target)
        counted = count.double() if isinstance(count, Tensor) else mean.new_full((), count)
        return torch.stack([mean * counted, counted])

    def counted(self, module: nn.Module, target: Tensor) -> Tensor | int:
        """What the mean over a batch is over: its samples, or their weights."""
        return len(target)

    def concluded(self, sums: Tensor) -> Tensor:
        """The loss of a whole set, (…), from the sums over its batches, (…, numbers)."""
        return sums[..., 0] / sums[..., 1].clamp_min(torch.finfo(sums.dtype).tiny)

    def check(self, classes: int | None) -> tuple[str, str] | None:
        """None if the options suit so many classes; else the pointer within the loss, and the reason."""
        return None

    def misreads(self, node: Node) -> str | None:
        """None if the numbers of such a node mean what the loss takes them for; else the reason."""
        return None


class ClassIndexLoss(Loss, ABC):
    """A loss that compares one score for each class with the index of the right one."""

    labels: ClassVar[Encoding | None] = "index"
    #: Whether its mean is divided by the weights of the samples, not by their number.
    weighted_mean: ClassVar[bool] = False

    class_weights: list[Annotated[float, Field(gt=0, le=1e6, json_schema_extra={"default": 1.0})]] | None = (
        option(
            None, "How much samples of each class count, one number a class; empty: alike.", max_length=1000
        )
    )

    def check(self, classes: int | None) -> tuple[str, str] | None:
        if self.class_weights is None or len(self.class_weights) == classes:
            return None
        return "/class_weights", f"{len(self.class_weights)} weights; expected {classes}, one for each class"

    def counted(self, module: nn.Module, target: Tensor) -> Tensor | int:
        weight = getattr(module, "weight", None)
        return weight[target].sum() if self.weighted_mean and weight is not None else len(target)

    def weighted(self) -> dict[str, Any]:
        """The argument `weight` of torch's losses, where there are weights."""
        return {} if self.class_weights is None else {"weight": Call("torch.tensor", self.class_weights)}
