"""The losses of detectors with two stages: of what is proposed, and of what is said about the proposals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch

from glassnet.engine.boxes.anchors import matched
from glassnet.engine.boxes.candidates import class_count
from glassnet.engine.boxes.coding import offset_errors
from glassnet.engine.boxes.losses import smooth_distance
from glassnet.engine.boxes.overlap import pairwise_overlap
from glassnet.engine.boxes.second_stage import drawn_shares
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes
from glassnet.engine.items.layers.cell_boxes import CellBoxes
from glassnet.engine.items.losses import Encoding, Loss
from glassnet.engine.items.losses.multibox import OffsetWeights, ground_above_overlap, matched_errors
from glassnet.engine.items.losses.yolo_anchors import misread
from glassnet.engine.items.node import Node

#: The error of an offset below which it is squared: of torchvision and Detectron; the paper has 1.
BETA = 1 / 9


class ProposalLoss(Loss):
    """Region proposals: whether each anchor holds an object of any class, and smooth L1 of its offsets.

    An anchor is an object where it overlaps one by `overlap` or more, or where no anchor overlaps one more;
    ground where it overlaps all by less than `ground`; else it does not count. The paper draws `sample`
    anchors of each picture, at most the share `objects` of them objects. Here each anchor counts as often as
    it would be drawn on average, so that nothing is random: the loss is the mean over all such draws. Divided
    by the number drawn; the mean over pictures. Ren et al. 2015, equation 1, section 3.1.3.
    """

    kind: Literal["proposals"] = "proposals"
    labels: ClassVar[Encoding | None] = None
    boxes: ClassVar[bool] = True
    told: ClassVar[int | None] = 1
    reader: ClassVar[Mapping[str, Any]] = {
        "kind": "anchor_boxes",
        "scores": "sigmoid",
        "offset_weights": [1.0, 1.0, 1.0, 1.0],
    }
    not_values: ClassVar[str] = " of boxes"
    formula: ClassVar[str] = "L = (Σ objectness + Σ box) / drawn"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Half of what counts are objects, as far as there are: the ground does not drown them.",),
        cons=("It knows no classes: a region that looks like anything is proposed.",),
        use="For the first stage of a detector with two.",
        example=Example(
            "It falls first: the second stage can learn only what is proposed.",
        ),
        mistakes=(
            Mistake(
                "Positive anchors overlap an object by one half.",
                "By 0.7, or more than any other; ground is below 0.3, and between the two nothing counts.",
            ),
        ),
        tex=(
            (
                r"L = \tfrac{1}{N} \sum_i \mathrm{BCE}(p_i, p_i^*) "
                r"+ \tfrac{1}{N} \sum_i p_i^* \, \mathrm{smooth}_{L1}(t_i - t_i^*)"
            ),
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    part: Literal["all", "object", "box"] = option(
        "all", "The part that counts: several losses of one part each are weighed one by one."
    )
    overlap: float = option(0.7, "The IoU from which an anchor is an object.", gt=0, le=1)
    ground: float = option(0.3, "The IoU below which an anchor is ground.", ge=0, le=1)
    sample: int = option(256, "How many anchors of a picture count, as if drawn.", ge=1, le=100_000)
    objects: float = option(0.5, "The greatest share of objects among them.", gt=0, le=1)
    beta: float = option(
        BETA, "β, the error of an offset below which it is squared; 0: the absolute error.", ge=0, le=100
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
        drawn = (self.overlap, self.ground, self.sample, self.objects)
        return Call(ProposalErrors, self.part, *drawn, self.beta, self.offset_weights)


class ProposalErrors(torch.nn.Module):
    """The mean over pictures of the loss of region proposals, or of one of its parts."""

    def __init__(
        self,
        part: str,
        overlap: float,
        ground: float,
        sample: int,
        objects: float,
        beta: float,
        weights: list[float],
    ) -> None:
        super().__init__()
        self.part, self.overlap, self.ground = part, overlap, ground
        self.sample, self.objects, self.beta = sample, objects, beta
        self.weights = tuple(weights)

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        which, taught = matched(output[0, :, 4:8], target, self.overlap, self.ground)
        there = taught == 1  # (n, k)
        drawn = drawn_shares(taught, self.sample, self.objects).to(output.dtype)
        count = drawn.sum(dim=1).clamp_min(1)
        surprise = torch.nn.functional.binary_cross_entropy_with_logits(
            output[..., 8], there.to(output.dtype), reduction="none"
        )
        error = matched_errors(output, target, which, there, self.weights)
        boxes = (smooth_distance(error, self.beta).sum(dim=-1) * drawn * there).sum(dim=1) / count
        objects = (surprise * drawn).sum(dim=1) / count
        parts = {"all": objects + boxes, "object": objects, "box": boxes}
        return parts[self.part].mean()


class RegionLoss(Loss):
    """Fast R-CNN: the cross-entropy of ground and classes of each region, and smooth L1 of its offsets.

    A region is of the class of the object that it overlaps most, if by `overlap` or more, else it is ground,
    which has no box: [u ≥ 1] · smooth L1 of the offsets for the class u. The paper draws `sample` regions of
    each picture, at most the share `objects` of them objects. Here each region counts as often as it would be
    drawn on average, so that nothing is random. Divided by the number drawn; the mean over pictures. In the
    paper the true boxes are among the regions while it trains; here a network knows pictures alone.
    Girshick 2015, equations 1 to 3, section 2.3.
    """

    kind: Literal["fast_rcnn"] = "fast_rcnn"
    labels: ClassVar[Encoding | None] = None
    boxes: ClassVar[bool] = True
    reader: ClassVar[Mapping[str, Any]] = {
        "kind": "faster_rcnn",
        "width": 0.04,
        "depth": 18,
        "stem": "small",
        "norm": "batch",
        "finest": 3,
        "proposed": 8,
    }
    not_values: ClassVar[str] = " of boxes"
    formula: ClassVar[str] = "L = (Σ −log p_u + Σ [u ≥ 1] box) / drawn"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Class and box are learned together, from the same features of a region.",),
        cons=("A region that shows nothing teaches nothing but the ground: good proposals must come first.",),
        use="For the second stage of a detector with two.",
        example=Example(
            "At first all is ground; the boxes follow as soon as regions overlap objects.",
        ),
        mistakes=(
            Mistake(
                "The box loss counts for every region.",
                "For those of an object alone, [u ≥ 1]: the ground has no box to be compared with.",
            ),
            Mistake(
                "R-CNN's positives are regions with IoU of 0.3 or more.",
                "0.5 or more for fine-tuning; for its SVMs the true boxes alone, with negatives below 0.3.",
            ),
        ),
        tex=(r"L = -\log p_u + \lambda [u \ge 1] \sum_i \mathrm{smooth}_{L1}(t_i^u - v_i)",),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    part: Literal["all", "class", "box"] = option(
        "all", "The part that counts: several losses of one part each are weighed one by one."
    )
    overlap: float = option(0.5, "The IoU from which a region is of an object's class.", gt=0, le=1)
    sample: int = option(512, "How many regions of a picture count, as if drawn.", ge=1, le=100_000)
    objects: float = option(0.25, "The greatest share of objects among them.", gt=0, le=1)
    beta: float = option(
        BETA, "β, the error of an offset below which it is squared; 0: the absolute error.", ge=0, le=100
    )
    offset_weights: OffsetWeights = option(
        [10.0, 10.0, 5.0, 5.0],
        "How much errors of x, y, width and height count; the same as those of the node.",
    )

    def misreads(self, node: Node) -> str | None:
        if isinstance(node, CellBoxes | AnchorBoxes):
            return f"boxes of '{node.kind}', not of regions; expected those of 'region_boxes'"
        return None

    def call(self) -> Call:
        drawn = (self.overlap, self.sample, self.objects)
        return Call(RegionErrors, self.part, *drawn, self.beta, self.offset_weights)


class RegionErrors(torch.nn.Module):
    """The mean over pictures of the loss of Fast R-CNN, or of one of its parts."""

    def __init__(
        self, part: str, overlap: float, sample: int, objects: float, beta: float, weights: list[float]
    ) -> None:
        super().__init__()
        self.part, self.overlap, self.sample = part, overlap, sample
        self.objects, self.beta, self.weights = objects, beta, tuple(weights)

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        classes = class_count(output)
        rows = output.reshape(len(output), -1, classes, output.shape[-1])  # (n, k, classes, numbers)
        starts = rows[:, :, 0, 4:8].detach()
        which, taught = region_matches(starts, target, self.overlap)
        there = taught == 1  # (n, k)
        drawn = drawn_shares(taught, self.sample, self.objects).to(output.dtype)
        count = drawn.sum(dim=1).clamp_min(1)
        kind = target[..., 4].gather(1, which).clamp_min(0).long()
        right = torch.where(there, kind + 1, 0)
        surprise = -torch.log_softmax(rows[:, :, 0, 8 : 9 + classes], dim=-1).gather(-1, right[..., None])
        told = (surprise[..., 0] * drawn).sum(dim=1) / count
        own = rows[..., :4].gather(2, kind[..., None, None].expand(-1, -1, 1, 4))[:, :, 0]
        wanted = target[..., :4].gather(1, which[..., None].expand(-1, -1, 4))
        # What is no object's is compared with the picture's first pixel: no quotient is by nothing.
        pixel = torch.cat([torch.zeros_like(starts[..., :2]), torch.ones_like(starts[..., :2])], dim=-1)
        own, wanted, starts = (torch.where(there[..., None], x, pixel) for x in (own, wanted, starts))
        error = offset_errors(own, wanted, starts, self.weights)
        each = smooth_distance(error, self.beta).sum(dim=-1)
        box = (each * drawn * there).sum(dim=1) / count
        parts = {"all": told + box, "class": told, "box": box}
        return parts[self.part].mean()


def region_matches(
    regions: torch.Tensor, boxes: torch.Tensor, overlap: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The box of each region, int64 (n, k), and what it is taught: 1 object, 0 ground, −1 no region.

    Regions (n, k, 4), boxes (n, m, 5) padded with −1. A region is an object's where it overlaps the one that
    it overlaps most by `overlap` or more. What has no area is no region.
    """
    present = boxes[..., None, :, 4] >= 0
    shared = torch.where(present, pairwise_overlap(regions, boxes[..., :4]), -1)  # (n, k, m)
    best, which = shared.max(dim=-1)
    taught = torch.where(best >= overlap, 1, 0)
    real = (regions[..., 2:4] > regions[..., :2]).all(dim=-1)
    return which, torch.where(real, taught, -1)
