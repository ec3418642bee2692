"""The loss of YOLO v1, part by part."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.boxes.candidates import class_count
from glassnet.engine.boxes.coding import centred
from glassnet.engine.boxes.overlap import pairwise_overlap
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes
from glassnet.engine.items.layers.proposals import RegionBoxes
from glassnet.engine.items.losses import Encoding, Loss
from glassnet.engine.items.node import Node


class YoloV1Loss(Loss):
    """YOLO v1: squared errors of place, size, confidence and class, of the boxes of a grid of cells.

    The cell in which the middle of an object lies answers for it; of its boxes, the one that overlaps the
    object most. Its place is compared in cells, its size in square roots of shares of the picture, its
    confidence with its IoU, and the classes of its cell with 1 for the right one, else 0. The confidence of
    all other boxes is compared with 0. A sum over a picture, the mean over pictures. Redmon et al. 2016,
    equation 3.
    """

    kind: Literal["yolo_v1"] = "yolo_v1"
    labels: ClassVar[Encoding | None] = None
    boxes: ClassVar[bool] = True
    not_values: ClassVar[str] = " of boxes"
    formula: ClassVar[str] = "L = 5 (place + size) + object + ½ ground + class"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Everything is regression: one network, one pass, one sum of squares.",),
        cons=(
            "Squared errors treat a small and a large box nearly alike; the roots only soften it.",
            "Cells without an object outnumber the others, and must be weighed down.",
        ),
        use="Behind cell boxes.",
        example=Example(
            "Ground falls first: the network learns to be silent before it learns where things are.",
        ),
        mistakes=(
            Mistake(
                "The confidence is taught to be 1 where an object is.",
                "It is taught to be the IoU of its box with that object, which changes as it trains.",
            ),
        ),
        tex=(
            r"5 \sum (x - \hat x)^2 + (y - \hat y)^2",
            r"5 \sum (\sqrt w - \sqrt{\hat w})^2 + (\sqrt h - \sqrt{\hat h})^2",
            r"\sum (C - \mathrm{IoU})^2 + \tfrac{1}{2} \sum_{\text{ground}} C^2 + \sum (p_c - \hat p_c)^2",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    part: Literal["all", "place", "size", "object", "ground", "class"] = option(
        "all", "The part that counts: several losses of one part each are weighed one by one."
    )

    def misreads(self, node: Node) -> str | None:
        other = isinstance(node, AnchorBoxes | RegionBoxes)
        return "anchors; expected boxes of 'cell_boxes'" if other else None

    def call(self) -> Call:
        return Call(CellLoss, self.part)


class CellLoss(torch.nn.Module):
    """The mean over pictures of the loss of YOLO v1, or of one of its parts."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        parts = cell_losses(output, target)
        if self.part != "all":
            return parts[self.part]
        both = 5 * (parts["place"] + parts["size"])
        return both + parts["object"] + 0.5 * parts["ground"] + parts["class"]


def cell_losses(output: torch.Tensor, target: torch.Tensor) -> dict[str, torch.Tensor]:
    """The parts of the loss of candidates (n, k, 9 + 2 · classes) and boxes (n, m, 5): means over n."""
    boxes, cells, confidence = output[..., :4], output[0, :, 4:8], output[..., 8]
    there = target[..., 4] >= 0  # (n, m)
    middle = centred(target[..., :4])[..., None, :]
    inside = (middle[..., :2] >= cells[:, :2]) & (middle[..., :2] < cells[:, 2:])
    inside = inside.all(dim=-1) & there[..., None]  # (n, m, k)
    shared = pairwise_overlap(target[..., :4], boxes.detach())
    best = torch.where(inside, shared, -1.0).argmax(dim=-1)  # (n, m)
    there = there & inside.any(dim=-1)
    counted = there.to(output.dtype)
    answering = torch.zeros_like(confidence, dtype=torch.int64).scatter_add(1, best, there.long()) > 0

    own = boxes.gather(1, best[..., None].expand(-1, -1, 4))
    side, whole = cells[0, 2:] - cells[0, :2], cells[:, 2:].amax(dim=0)
    said, wanted = centred(own), centred(target[..., :4])
    place = ((said[..., :2] - wanted[..., :2]) / side).square().sum(dim=-1)
    # The least number keeps the slope of the root finite.
    tiny = torch.finfo(output.dtype).tiny
    roots = (said[..., 2:] / whole).clamp_min(tiny).sqrt() - (wanted[..., 2:] / whole).clamp_min(0).sqrt()
    sure = confidence.gather(1, best) - shared.gather(2, best[..., None])[..., 0]
    count = class_count(output)
    classes = output[..., 9 : 9 + count].gather(1, best[..., None].expand(-1, -1, count))
    right = torch.nn.functional.one_hot(target[..., 4].clamp_min(0).long(), count).to(output.dtype)
    each = {
        "place": place,
        "size": roots.square().sum(dim=-1),
        "object": sure.square(),
        "class": (classes - right).square().sum(dim=-1),
    }
    parts = {name: (values * counted).sum() / len(output) for name, values in each.items()}
    return parts | {"ground": torch.where(answering, 0.0, confidence.square()).sum() / len(output)}
