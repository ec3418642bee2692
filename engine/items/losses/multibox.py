"""The losses of detectors that match every anchor: MultiBox, as in SSD, and focal, as in RetinaNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import Field

from glassnet.engine.boxes.anchors import matched
from glassnet.engine.boxes.candidates import class_count
from glassnet.engine.boxes.coding import offset_errors
from glassnet.engine.boxes.losses import focal_loss, smooth_distance
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import Encoding, Loss
from glassnet.engine.items.losses.yolo_anchors import misread
from glassnet.engine.items.node import Node

OffsetWeights = Annotated[
    list[Annotated[float, Field(gt=0, le=1e3, json_schema_extra={"default": 1.0})]],
    Field(min_length=4, max_length=4),
]


class MultiBox(Loss):
    """MultiBox: cross-entropy of classes and ground, and smooth L1 of the offsets of matched anchors.

    An anchor is matched with an object that it overlaps by `overlap` or more, or for which no anchor is
    better. Of the others only those with the largest losses count, `ratio` times as many as are matched
    (hard negative mining). A picture's sum is divided by the number of its matched anchors; without any it
    is 0. The mean over pictures. Liu et al. 2016, equations 1 to 3.
    """

    kind: Literal["multibox"] = "multibox"
    labels: ClassVar[Encoding | None] = None
    boxes: ClassVar[bool] = True
    reader: ClassVar[Mapping[str, Any]] = {"kind": "anchor_boxes"}
    not_values: ClassVar[str] = " of boxes"
    formula: ClassVar[str] = "L = (class + α box) / N"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The few matched anchors are not drowned: three of the ground are looked at for each.",),
        cons=("A picture without an object teaches nothing: no anchor is matched there.",),
        use="Behind anchor boxes with a softmax over ground and classes.",
        example=Example(
            "The class part falls by steps: what counts as hard changes as it learns.",
        ),
        mistakes=(
            Mistake(
                "Hard negatives are anchors near an object.",
                "They are those of the ground with the largest loss, wherever they are.",
            ),
        ),
        tex=(
            r"L = \tfrac{1}{N} (L_{\text{conf}} + \alpha L_{\text{loc}})",
            r"L_{\text{loc}} = \sum_{i \in \text{pos}} \sum_m \mathrm{smooth}_{L1}(l_i^m - \hat g^m)",
            (
                r"L_{\text{conf}} = - \sum_{i \in \text{pos}} \log \hat c_i^p "
                r"- \sum_{i \in \text{neg}} \log \hat c_i^0"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    part: Literal["all", "class", "box"] = option(
        "all", "The part that counts: several losses of one part each are weighed one by one."
    )
    overlap: float = option(0.5, "The IoU from which an anchor is matched with an object.", gt=0, le=1)
    ratio: float = option(
        3.0, "How many anchors of the ground count for each that is matched.", ge=0, le=1000
    )
    alpha: float = option(1.0, "α, the weight of the boxes.", ge=0, le=1000, live=True)
    offset_weights: OffsetWeights = option(
        [10.0, 10.0, 5.0, 5.0],
        "How much errors of x, y, width and height count; the same as those of the node.",
    )

    def misreads(self, node: Node) -> str | None:
        return misread(node, False, "softmax")

    def call(self) -> Call:
        return Call(MultiBoxLoss, self.part, self.overlap, self.ratio, self.alpha, self.offset_weights)


class MultiBoxLoss(torch.nn.Module):
    """The mean over pictures of the loss of SSD, or of one of its parts."""

    def __init__(self, part: str, overlap: float, ratio: float, alpha: float, weights: list[float]) -> None:
        super().__init__()
        self.part, self.overlap, self.ratio, self.alpha = part, overlap, ratio, alpha
        self.weights = tuple(weights)

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        which, taught = matched(output[0, :, 4:8], target, self.overlap, self.overlap)
        there = taught == 1  # (n, k)
        count = there.sum(dim=1)
        error = smooth_distance(matched_errors(output, target, which, there, self.weights)).sum(dim=-1)
        box = (error * there).sum(dim=1) / count.clamp_min(1)
        kind = target[..., 4].gather(1, which)
        logits = output[..., 8 : 9 + class_count(output)]
        right = torch.where(there, kind + 1, 0).long()
        surprise = -torch.log_softmax(logits, dim=-1).gather(-1, right[..., None])[..., 0]
        # The place of each anchor of the ground in the order of their losses.
        hard = torch.where(there, -torch.inf, surprise.detach())
        rank = hard.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
        looked = there | (rank < self.ratio * count[:, None])
        classes = torch.where(looked, surprise, 0).sum(dim=1) / count.clamp_min(1)
        parts = {"all": classes + self.alpha * box, "class": classes, "box": box}
        return parts[self.part].mean()


class FocalBoxes(Loss):
    """Focal loss of boxes: the cross-entropy of each class at each anchor, less where it is small already.

    An anchor is matched with an object that it overlaps by `overlap` or more, or for which no anchor is
    better, and is ground where it overlaps all by less than `ground`; between the two it does not count.
    Matched anchors add the smooth L1 of their offsets. A picture's sum is divided by the number of its
    matched anchors, or by 1. The mean over pictures. At γ = 0, without α, it is cross-entropy. Lin et al.
    2017, equations 4 and 5, section 4.
    """

    kind: Literal["focal_boxes"] = "focal_boxes"
    labels: ClassVar[Encoding | None] = None
    boxes: ClassVar[bool] = True
    reader: ClassVar[Mapping[str, Any]] = {
        "kind": "anchor_boxes",
        "scores": "sigmoid",
        "offset_weights": [1.0, 1.0, 1.0, 1.0],
        "prior": 0.01,
    }
    not_values: ClassVar[str] = " of boxes"
    formula: ClassVar[str] = "L = (Σ −αₜ (1 − pₜ)^γ log pₜ + box) / N"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "All anchors count, and the many easy ones do not drown the few hard ones.",
            "A picture without an object teaches where to be silent.",
        ),
        cons=(
            "Starts well only if the last bias says that objects are rare (the paper: one in a hundred).",
            "Wrong labels are hard, too, and are looked at most.",
        ),
        use="Behind anchor boxes with sigmoids and without objectness.",
        example=Example(
            "Set γ to 0: the ground fills the loss, and objects are found later.",
        ),
        mistakes=(
            Mistake(
                "Focal loss weighs rare classes more.",
                "It weighs what is told badly more, whichever class it is; α weighs objects against ground.",
            ),
        ),
        tex=(r"\mathrm{FL}(p_t) = -\alpha_t (1 - p_t)^\gamma \log p_t",),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    part: Literal["all", "class", "box"] = option(
        "all", "The part that counts: several losses of one part each are weighed one by one."
    )
    gamma: float = option(2.0, "γ, how much less counts what is told well.", ge=0, le=20, live=True)
    alpha: float | None = option(
        0.25, "α, the weight of objects, 1 − α that of ground; empty: both are 1.", ge=0, le=1
    )
    overlap: float = option(0.5, "The IoU from which an anchor is matched with an object.", gt=0, le=1)
    ground: float = option(0.4, "The IoU below which an anchor is ground.", ge=0, le=1)
    beta: float = option(
        0.11, "β, the error of an offset below which it is squared; 0: the absolute error.", ge=0, le=100
    )
    offset_weights: OffsetWeights = option(
        [1.0, 1.0, 1.0, 1.0],
        "How much errors of x, y, width and height count; the same as those of the node.",
    )

    def check(self, classes: int | None) -> tuple[str, str] | None:
        return ground_above_overlap(self.ground, self.overlap)

    def misreads(self, node: Node) -> str | None:
        return misread(node, False, "sigmoid")

    def call(self) -> Call:
        chosen = (self.part, self.gamma, self.alpha, self.overlap, self.ground, self.beta)
        return Call(FocalBoxLoss, *chosen, self.offset_weights)


class FocalBoxLoss(torch.nn.Module):
    """The mean over pictures of the loss of RetinaNet, or of one of its parts."""

    def __init__(
        self,
        part: str,
        gamma: float,
        alpha: float | None,
        overlap: float,
        ground: float,
        beta: float,
        weights: list[float],
    ) -> None:
        super().__init__()
        self.part, self.gamma, self.alpha = part, gamma, alpha
        self.overlap, self.ground, self.beta = overlap, ground, beta
        self.weights = tuple(weights)

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        which, taught = matched(output[0, :, 4:8], target, self.overlap, self.ground)
        there = taught == 1  # (n, k)
        count = there.sum(dim=1).clamp_min(1)
        error = matched_errors(output, target, which, there, self.weights)
        box = (smooth_distance(error, self.beta).sum(dim=-1) * there).sum(dim=1) / count
        classes = class_count(output)
        kind = target[..., 4].gather(1, which).clamp_min(0).long()
        right = torch.nn.functional.one_hot(kind, classes) * there[..., None]
        each = focal_loss(output[..., 9 : 9 + classes], right.to(output.dtype), self.gamma, self.alpha)
        told = (each.sum(dim=-1) * (taught >= 0)).sum(dim=1) / count
        parts = {"all": told + box, "class": told, "box": box}
        return parts[self.part].mean()


def matched_errors(
    output: torch.Tensor,
    target: torch.Tensor,
    which: torch.Tensor,
    there: torch.Tensor,
    weights: tuple[float, ...],
) -> torch.Tensor:
    """The errors of the offsets of candidates from the boxes they are matched with, else 0: (n, k, 4)."""
    starts = output[..., 4:8]
    wanted = target[..., :4].gather(1, which[..., None].expand(-1, -1, 4))
    wanted = torch.where(there[..., None], wanted, starts)
    return torch.where(there[..., None], offset_errors(output[..., :4], wanted, starts, weights), 0)


def ground_above_overlap(ground: float, overlap: float) -> tuple[str, str] | None:
    """The problem of anchors that would be both: ground below one IoU, and objects from a lower one on."""
    if ground <= overlap:
        return None
    return "/ground", f"{ground:g}, above overlap {overlap:g}; expected {overlap:g} at most"
