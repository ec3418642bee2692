"""Classification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.cross_entropy import CrossEntropy
from glassnet.engine.items.targets import Family
from glassnet.engine.items.tasks import FreeShape, Task, dense_starter


def chosen(output: torch.Tensor) -> torch.Tensor:
    """The class of each sample: that of the greatest output, or by the sign of a single one."""
    return (output[:, 0] > 0).long() if output.shape[1] == 1 else output.argmax(dim=1)


def hits(output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The number of samples whose class is the right one."""
    return (chosen(output) == targets).sum()


class Classification(Task):
    """Classification: which of a few classes a sample belongs to.

    Categorical cross-entropy needs one output per class; the other losses need one output for two
    classes, and one per class (one against the rest) for more.
    """

    kind: Literal["classification"] = "classification"
    family: ClassVar[Family] = "class"
    metric: ClassVar[str] = "accuracy"
    measures: ClassVar[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {"accuracy": hits}
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "Encodes targets for each loss and decides what is right: a change of loss needs no "
                "second edit."
            ),
        ),
        cons=("Classes are all different to the same degree: an order among them is lost.",),
        use="Where the answer is one of a few words.",
        example=Example(
            "Confusion, examples and metrics by class are panels of this task.",
            preset="iris",
        ),
        mistakes=(
            Mistake(
                "The loss is the difference of labels.",
                (
                    "It is a differentiable function of scores: labels have no difference that could be "
                    "followed downhill."
                ),
            ),
        ),
    )
    losses: list[Annotated[Loss, Choice(Loss)]] = option(
        [CrossEntropy()], "The losses whose sum is minimised.", min_length=1, max_length=16
    )

    def check(self, data: Dataset) -> tuple[str, str] | None:
        other = self._other_targets(data)
        if other is not None or data.classes is None:
            return other
        for index, loss in enumerate(self.losses):
            if loss.labels is None:
                return f"/losses/{index}/kind", f"'{loss.kind}' compares values; expected a loss for classes"
            problem = loss.check(len(data.classes))
            if problem is not None:
                return f"/losses/{index}{problem[0]}", problem[1]
        return None

    def shape(self, loss: Loss, data: Dataset) -> FreeShape:
        classes = len(data.classes or ())
        return (1 if classes == 2 and loss.labels != "index" else classes,)

    def starter(self, data: Dataset) -> list[dict[str, Any]]:
        return dense_starter(data.shape)

    def confusion(self, output: Tensor, targets: Tensor, classes: int) -> Tensor:
        pairs = targets * classes + chosen(output)
        return torch.bincount(pairs, minlength=classes**2).view(classes, classes)

    def targets(self, loss: Loss, data: Dataset) -> Call:
        encode = {"index": class_index, "zero_one": zero_one, "plus_minus": plus_minus}
        return Call(encode[str(loss.labels)], Name("targets"), self.width(loss, data))

    def predictions(self, loss: Loss, output: Tensor) -> Tensor:
        return chosen(output)

    def shown(self, loss: Loss, output: Tensor) -> Tensor:
        classes = output.shape[1]
        if classes > 2:
            probabilities = (
                torch.softmax(output, dim=1) if loss.labels != "plus_minus" else output.clamp(0, 1)
            )
            certainty, best = probabilities.max(dim=1)
            return best + certainty.clamp(0, 0.999)
        score = output[:, 0] if classes == 1 else output[:, 1] - output[:, 0]
        # p₁ − p₀ of a sigmoid or of a softmax over two: both are tanh of half the (difference of) logits.
        return score.clamp(-1, 1) if loss.labels == "plus_minus" else torch.tanh(score / 2)

    def probabilities(self, loss: Loss, output: Tensor) -> Tensor:
        if loss.labels == "index":
            return torch.softmax(output, dim=1)
        # One decision for each class: logits where the loss contains a sigmoid, else scores between ±1.
        each = torch.sigmoid(output) if loss.labels == "zero_one" else ((output + 1) / 2).clamp(0, 1)
        if output.shape[1] == 1:
            return torch.cat([1 - each, each], dim=1)
        total = each.sum(dim=1, keepdim=True)
        # Where every class has probability 0, all are equally likely.
        return torch.where(total > 0, each / total.clamp_min(1e-30), 1 / output.shape[1])

    def scores(self, loss: Loss, output: Tensor) -> Tensor:
        if output.shape[1] == 1:
            return torch.cat([-output, output], dim=1)
        if loss.labels != "index":
            return output
        # Log-odds, xᵢ − log Σ exp xⱼ over the others: probabilities round to 1 long before log-odds tie.
        # 1 − p is exact enough for all classes but the greatest, whose p may exceed one half.
        greatest, place = output.max(dim=1, keepdim=True)
        others = torch.logsumexp(output.scatter(1, place, -torch.inf), dim=1, keepdim=True)
        whole = torch.logsumexp(output, dim=1, keepdim=True)
        odds = output - whole - torch.log1p(-torch.exp(output - whole))
        return odds.scatter(1, place, greatest - others)


def class_index(targets: torch.Tensor, width: int) -> torch.Tensor:
    """Targets as class indices."""
    return targets


def zero_one(targets: torch.Tensor, width: int) -> torch.Tensor:
    """Targets as 1 for the right class, else 0; a single column is 1 for the second class."""
    if width == 1:
        return targets[:, None].to(torch.get_default_dtype())
    return torch.nn.functional.one_hot(targets, width).to(torch.get_default_dtype())


def plus_minus(targets: torch.Tensor, width: int) -> torch.Tensor:
    """Targets as 1 for the right class, else −1; a single column is 1 for the second class."""
    return 2 * zero_one(targets, width) - 1
