"""Regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.targets import Family
from glassnet.engine.items.tasks import FreeShape, Task, dense_starter


def distances(output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The sum over the samples of the mean distance between output and value."""
    return (output - targets).abs().mean(dim=1).sum()


class Regression(Task):
    """Regression: a number (or several) for each sample. Metrics are of the values as trained on.

    Where the data set standardises its targets, `absolute_error_original` is the error in the targets'
    original units.
    """

    kind: Literal["regression"] = "regression"
    family: ClassVar[Family] = "values"
    metric: ClassVar[str] = "absolute_error"
    measures: ClassVar[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {"absolute_error": distances}
    guide: ClassVar[Guide | None] = Guide(
        pros=("Errors have the unit of the target, and can be read.",),
        cons=(
            (
                "Targets of very different size make gradients of very different size: they are "
                "standardized where a data set says so."
            ),
        ),
        use="Where the answer is a number.",
        example=Example(
            "The surface shows heights: blue above zero, orange below.",
            preset="six-hills",
        ),
        mistakes=(
            Mistake(
                "The output needs a sigmoid.",
                "Only where targets lie between 0 and 1: a sigmoid can give nothing else.",
            ),
        ),
    )

    def check(self, data: Dataset) -> tuple[str, str] | None:
        other = self._other_targets(data)
        if other is not None:
            return other
        for index, loss in enumerate(self.losses):
            if not loss.values:
                return (
                    f"/losses/{index}/kind",
                    f"'{loss.kind}' is for classes{loss.not_values}; expected a loss for values",
                )
        return None

    def shape(self, loss: Loss, data: Dataset) -> FreeShape:
        return (1,)

    def starter(self, data: Dataset) -> list[dict[str, Any]]:
        return dense_starter(data.shape)

    def targets(self, loss: Loss, data: Dataset) -> Call:
        return Call(values, Name("targets"))

    def predictions(self, loss: Loss, output: Tensor) -> Tensor:
        return output

    def shown(self, loss: Loss, output: Tensor) -> Tensor:
        return output[:, 0].clamp(-1, 1)

    def probabilities(self, loss: Loss, output: Tensor) -> Tensor:
        return output

    def scores(self, loss: Loss, output: Tensor) -> Tensor:
        return output


def values(targets: torch.Tensor) -> torch.Tensor:
    """Targets as they are."""
    return targets
