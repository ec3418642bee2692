"""The losses of YOLO v2 and v3, part by part."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch

from glassnet.engine.boxes.anchors import answering_anchors, cell_sides
from glassnet.engine.boxes.candidates import class_count
from glassnet.engine.boxes.coding import centred
from glassnet.engine.boxes.overlap import pairwise_overlap
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes
from glassnet.engine.items.layers.cell_boxes import CellBoxes
from glassnet.engine.items.layers.proposals import RegionBoxes
from glassnet.engine.items.losses import Encoding, Loss
from glassnet.engine.items.node import Node

#: What the option `ignored` is, whose default is another in each.
IGNORED = "The IoU with an object from which a box that does not answer for it is no ground either."

Part = Literal["all", "place", "size", "object", "ground", "class"]


class AnchorCellsLoss(Loss, ABC):
    """A loss of anchors with objectness, of which one answers for an object: YOLO's from the second on."""

    labels: ClassVar[Encoding | None] = None
    boxes: ClassVar[bool] = True
    not_values: ClassVar[str] = " of boxes"
    #: Whether objectness and classes have logistic functions of their own, as in v3.
    logistic: ClassVar[bool]

    part: Part = option(
        "all", "The part that counts: several losses of one part each are weighed one by one."
    )
    ignored: float

    def misreads(self, node: Node) -> str | None:
        return misread(node, True)

    def call(self) -> Call:
        return Call(AnchorCells, self.part, self.ignored, self.logistic)


class YoloV2Loss(AnchorCellsLoss):
    """YOLO v2: squared errors of place, size and objectness of anchors, and cross-entropy of their classes.

    Of the anchors of the cell in which the middle of an object lies, the one whose shape overlaps it most
    answers for it. Place is compared in cells, size in logarithms, both times 2 − the object's share of the
    picture; objectness, five times, with the IoU of its box; the classes' softmax with the right one. The
    objectness of all others is compared with 0, unless their box overlaps an object by more than `ignored`.
    Squares are halved. A sum over a picture, the mean over pictures. Redmon & Farhadi 2017, section 2; the
    paper gives no formula: weights are those of the authors' program.
    """

    kind: Literal["yolo_v2"] = "yolo_v2"
    logistic: ClassVar[bool] = False
    reader: ClassVar[Mapping[str, Any]] = {"kind": "anchor_boxes", "coding": "cells", "objectness": True}
    formula: ClassVar[str] = "L = ½ (2 − w h) (place + size) + 5/2 object + ½ ground + class"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Anchors share the work by shape: broad ones learn broad objects.",),
        cons=("Which anchor answers depends on shapes alone, so that alike anchors compete.",),
        use="Behind anchor boxes with objectness, coded in cells.",
        example=Example(
            "Compare with yolo_v1: sizes are right earlier, because anchors nearly fit.",
            preset="yolo-v2-scenes",
        ),
        mistakes=(
            Mistake(
                "All anchors that overlap an object are taught to be objects.",
                "One is, that of the best shape; those that overlap well besides are left alone.",
            ),
        ),
        tex=(
            (
                r"\tfrac{2 - wh}{2} \sum (\sigma(t_x) - \hat x)^2 + (\sigma(t_y) - \hat y)^2 "
                r"+ (t_w - \hat t_w)^2 + (t_h - \hat t_h)^2"
            ),
            r"\tfrac{5}{2} \sum (\sigma(t_o) - \mathrm{IoU})^2",
            r"\tfrac{1}{2} \sum_{\text{rest}} \sigma(t_o)^2",
            r"- \sum \log p_{\text{class}}",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    ignored: float = option(0.6, IGNORED, ge=0, le=1)


class YoloV3Loss(AnchorCellsLoss):
    """YOLO v3: cross-entropies of objectness and of each class, squared errors of place and size.

    The anchor of all maps whose shape overlaps an object most answers for it, in the cell in which the
    object's middle lies: its objectness is compared with 1, that of all others with 0, unless their box
    overlaps an object by more than `ignored`. Classes do not exclude each other: each has a logistic
    function of its own. Place, in cells, and size, in logarithms, count 2 − the object's share of the
    picture; squares are halved. A sum over a picture, the mean over pictures. Redmon & Farhadi 2018,
    section 2.
    """

    kind: Literal["yolo_v3"] = "yolo_v3"
    logistic: ClassVar[bool] = True
    reader: ClassVar[Mapping[str, Any]] = {
        "kind": "anchor_boxes",
        "coding": "cells",
        "objectness": True,
        "scores": "sigmoid",
    }
    formula: ClassVar[str] = "L = ½ (2 − w h) (place + size) + object + ground + class"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Objects of several sizes are answered for by maps of several strides.",),
        cons=("Of each object one anchor learns; the other maps are only told to be silent.",),
        use="Behind anchor boxes with objectness and sigmoids, coded in cells.",
        example=Example(
            "The classes come last: first the map is silent, then boxes come up, then they are named.",
            preset="yolo-v3-scenes",
        ),
        mistakes=(
            Mistake(
                "Every one of the three scales answers for an object.",
                "One anchor of one scale does; the others are ground, or are left alone.",
            ),
            Mistake(
                "YOLO v3 uses a softmax over the classes.",
                "Each class has a logistic function: a woman is a person, too.",
            ),
        ),
        tex=(
            (
                r"\tfrac{2 - wh}{2} \sum (\sigma(t_x) - \hat x)^2 + (\sigma(t_y) - \hat y)^2 "
                r"+ (t_w - \hat t_w)^2 + (t_h - \hat t_h)^2"
            ),
            r"- \sum \log \sigma(t_o) - \sum_{\text{rest}} \log \sigma(-t_o) + \sum_c \mathrm{BCE}(t_c)",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    ignored: float = option(0.5, IGNORED, ge=0, le=1)


def misread(node: Node, objectness: bool, scores: str | None = None) -> str | None:
    """Why a loss of anchors cannot read a node; None where it can, or where the node is of another kind."""
    if isinstance(node, CellBoxes):
        return "cells without anchors; expected boxes of 'anchor_boxes'"
    if isinstance(node, RegionBoxes):
        return "boxes of regions; expected those of 'anchor_boxes'"
    return node.misread(objectness, scores) if isinstance(node, AnchorBoxes) else None


class AnchorCells(torch.nn.Module):
    """The mean over pictures of the loss of YOLO v2, or of v3 (`logistic`), or of one of its parts."""

    def __init__(self, part: str, ignored: float, logistic: bool) -> None:
        super().__init__()
        self.part, self.ignored, self.logistic = part, ignored, logistic

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        parts = anchor_losses(output, target, self.ignored, self.logistic)
        if self.part != "all":
            return parts[self.part]
        return sum(parts.values(), start=output.new_zeros(()))


def anchor_losses(
    output: torch.Tensor, target: torch.Tensor, ignored: float, logistic: bool
) -> dict[str, torch.Tensor]:
    """The parts of the loss of candidates (n, k, 9 + 2 · classes) and boxes (n, m, 5): means over n."""
    # What boxes start from is given: there is no way back through it.
    boxes, starts, confidence = output[..., :4], output[0, :, 4:8].detach(), output[..., 8]
    best, there = answering_anchors(starts, target)  # (n, m)
    shared = pairwise_overlap(target[..., :4], boxes.detach())  # (n, m, k)
    present = torch.where(target[..., 4:] >= 0, shared, 0)
    most = torch.cat([present, torch.zeros_like(confidence)[:, None]], dim=1).amax(dim=1)
    answering = torch.zeros_like(confidence, dtype=torch.int64).scatter_add(1, best, there.long()) > 0
    ground = (~answering & (most <= ignored)).to(output.dtype)

    sides = cell_sides(starts)
    whole = (centred(starts)[:, :2] + sides / 2).amax(dim=0)
    said = centred(boxes.gather(1, best[..., None].expand(-1, -1, 4)))
    # Of what is not there the size is 1, of which the logarithm is finite.
    wanted = torch.where(there[..., None], centred(target[..., :4]), 1)
    place = ((said[..., :2] - wanted[..., :2]) / sides[best]).square().sum(dim=-1)
    tiny = torch.finfo(output.dtype).tiny
    size = (said[..., 2:].clamp_min(tiny) / wanted[..., 2:]).log().square().sum(dim=-1)
    small = 2 - (wanted[..., 2:] / whole).prod(dim=-1)
    count = class_count(output)
    classes = output[..., 9 : 9 + count].gather(1, best[..., None].expand(-1, -1, count))
    objects, right = confidence.gather(1, best), target[..., 4].clamp_min(0).long()
    each = {"place": small * place / 2, "size": small * size / 2}
    if logistic:
        each["object"] = torch.nn.functional.softplus(-objects)
        silent = torch.nn.functional.softplus(confidence)
        hot = torch.nn.functional.one_hot(right, count).to(output.dtype)
        each["class"] = torch.nn.functional.binary_cross_entropy_with_logits(
            classes, hot, reduction="none"
        ).sum(dim=-1)
    else:
        taught = shared.gather(2, best[..., None])[..., 0]
        each["object"] = 2.5 * (torch.sigmoid(objects) - taught).square()
        silent = torch.sigmoid(confidence).square() / 2
        each["class"] = -torch.log_softmax(classes, dim=-1).gather(-1, right[..., None])[..., 0]
    counted = there.to(output.dtype)
    parts = {name: (values * counted).sum() / len(output) for name, values in each.items()}
    return parts | {"ground": (silent * ground).sum() / len(output)}
