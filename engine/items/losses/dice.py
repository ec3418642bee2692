"""Losses of masks: a class for each pixel, 255 where it is not known."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import Encoding, Loss
from glassnet.engine.items.outputs import Numbers


class Dice(Loss):
    """Dice loss: how little the said and the true area of each class overlap, from 0 to 1.

    Takes logits, a map for each class; p are the shares that a softmax makes of them at each pixel, t is 1 at
    the pixels of the class. Sums are over all pixels of the batch that have a class; the mean is over the
    classes that are there. Milletari et al. 2016, section 3; of several classes as Sudre et al. 2017.
    """

    kind: Literal["dice"] = "dice"
    labels: ClassVar[Encoding | None] = None
    masks: ClassVar[bool] = True
    takes: ClassVar[Numbers | None] = "logits"
    contains: ClassVar[str] = "softmax"
    not_values: ClassVar[str] = " of pixels"
    formula: ClassVar[str] = "L = 1 − mean over classes of (2 Σ p t + s) / (Σ p + Σ t + s)"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "A small object counts as much as a large ground: areas are compared, not pixels counted.",
            "It is close to the overlap by which segmentations are judged.",
        ),
        cons=(
            "Its gradient is small where nothing overlaps yet, so that training starts slowly.",
            "Its probabilities are poorly calibrated: certain, right or wrong.",
        ),
        use="For masks in which the object is small; often added to cross-entropy.",
        example=Example(
            "Areas are compared: follow the overlap of each class.",
            preset="shapes-segmentation",
            changes={"/task/losses/0": {"kind": "dice"}},
        ),
        mistakes=(
            Mistake(
                "The Dice loss is the overlap over the union.",
                "It is twice the overlap over the sum of both areas: J = D / (2 − D).",
            ),
        ),
        tex=(
            (
                r"L = 1 - \frac{1}{K} \sum_k "
                r"\frac{2 \sum_i p_{ki} t_{ki} + s}{\sum_i p_{ki} + \sum_i t_{ki} + s}"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, 1]",
    )
    smoothing: float = option(
        1.0, "s, in pixels: keeps the quotient of a tiny class from jumping.", ge=0, le=1e6, live=True
    )

    def call(self) -> Call:
        return Call(DiceLoss, self.smoothing)

    def summed(self, module: torch.nn.Module, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """The areas of each class, (3, classes): of a whole set they are those of all its pixels."""
        return torch.stack(areas(output, target)).double()

    def concluded(self, sums: torch.Tensor) -> torch.Tensor:
        both, said, there = sums.unbind(-2)
        return dice(both, said, there, self.smoothing)


class DiceLoss(torch.nn.Module):
    """1 − the mean Dice coefficient of the classes that are there; of nothing, 0."""

    def __init__(self, smoothing: float) -> None:
        super().__init__()
        self.smoothing = smoothing

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return dice(*areas(logits, target), self.smoothing)


def areas(logits: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of each class, Σ p t, Σ p and Σ t over the pixels that have a class: (classes,) each."""
    classes = logits.shape[1]
    known = (target != 255)[:, None]
    index = torch.where(target != 255, target, 0).long()
    right = torch.nn.functional.one_hot(index, classes).movedim(-1, 1) * known
    p = torch.softmax(logits, dim=1) * known
    axes = (0, *range(2, logits.ndim))
    return (p * right).sum(axes), p.sum(axes), right.sum(axes).to(p.dtype)


def dice(both: torch.Tensor, said: torch.Tensor, there: torch.Tensor, smoothing: float) -> torch.Tensor:
    """1 − the mean Dice coefficient of the classes (…, classes) that are there; of nothing, 0."""
    # The least number keeps 0 / 0, of a class without a pixel, from being NaN; it is not counted.
    each = (2 * both + smoothing) / (said + there + smoothing + torch.finfo(both.dtype).tiny)
    counted = (there > 0).to(both.dtype)
    loss: torch.Tensor = ((1 - each) * counted).sum(-1) / counted.sum(-1).clamp_min(1)
    return loss
