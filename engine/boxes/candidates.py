"""Candidates: the fixed number of boxes that a detector answers with, and which of them count.

A candidate is a row of 9 + 2 · classes numbers: its box (left, top, right, bottom in pixels), the box that it
started from (a cell or an anchor), its confidence as the network gives it, a number for each class as the
network gives it, and the score of each class, from 0 to 1.
"""

from __future__ import annotations

import torch

from glassnet.engine.boxes.average_precision import average_precision, right_detections
from glassnet.engine.boxes.suppression import suppressed


def candidate_rows(
    boxes: torch.Tensor,
    starts: torch.Tensor,
    confidence: torch.Tensor,
    classes: torch.Tensor,
    scores: torch.Tensor,
) -> torch.Tensor:
    """Candidates (n, k, 9 + 2 · classes) of boxes (n, k, 4), what they started from (k, 4), and answers."""
    there = starts.to(boxes.dtype).expand(boxes.shape)
    return torch.cat([boxes, there, confidence, classes, scores], dim=-1)


def class_count(output: torch.Tensor) -> int:
    """The number of classes of candidates (…, 9 + 2 · classes)."""
    return (output.shape[-1] - 9) // 2


def detections(output: torch.Tensor, most: int = 20, threshold: float = 0.45) -> torch.Tensor:
    """The boxes that are left after suppression: (n, most, 6), left, top, right, bottom, score, class.

    Each candidate answers with its best class. The 200 with the highest scores are looked at; of one class,
    a box that overlaps a better one by more than the threshold is left out. Missing ones are −1, score 0.
    """
    return started_detections(output, most, threshold)[0]


def started_detections(
    output: torch.Tensor, most: int = 20, threshold: float = 0.45
) -> tuple[torch.Tensor, torch.Tensor]:
    """The detections, and the boxes that they started from, (n, most, 4), −1 where there is none."""
    score, kind = output[..., 9 + class_count(output) :].max(dim=-1)
    looked = min(200, score.shape[1])
    best, index = score.topk(looked, dim=1)
    boxes = output[..., :4].gather(1, index[..., None].expand(-1, -1, 4))
    kinds = kind.gather(1, index)
    kept = suppressed(boxes, torch.where(best > 0, best, -torch.inf), threshold, most, kinds)
    place = kept.clamp_min(0)
    found = torch.cat(
        [
            boxes.gather(1, place[..., None].expand(-1, -1, 4)),
            best.gather(1, place)[..., None],
            kinds.gather(1, place)[..., None].to(boxes.dtype),
        ],
        dim=-1,
    )
    # Made where the boxes are: a list of the host's would have to wait for the device.
    none = torch.full_like(found, -1.0)
    none[..., 4] = 0.0
    starts = output[..., 4:8].gather(1, index.gather(1, place)[..., None].expand(-1, -1, 4))
    there = kept[..., None] >= 0
    return torch.where(there, found, none), torch.where(there, starts, -1.0)


def judged_detections(output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The score and class of each detection, whether it is right at IoU 0.5, and at 0.5, 0.55 … 0.95.

    (n, 20, 13), 0 or 1 for right. At 0.5 alone as PASCAL VOC has it; at the ten as COCO has it, where a box
    that is taken is passed over for the next best.
    """
    found = detections(output)
    right = right_detections(found, targets, [0.5])
    strict = right_detections(found, targets, [0.5 + 0.05 * step for step in range(10)], True)
    both = torch.cat([right, strict], dim=1).transpose(1, 2).to(found.dtype)
    return torch.cat([found[..., 4:], both], dim=-1)


def object_counts(output: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """How many objects of each class there are in a batch: int64 (classes,)."""
    kinds = torch.arange(class_count(output), device=targets.device)
    return (targets[..., 4].reshape(-1, 1) == kinds).sum(dim=0)


def mean_precisions(reduced: dict[str, torch.Tensor], count: int) -> dict[str, float]:
    """Mean average precision at IoU 0.5, from 0.5 to 0.95, and at 0.5 of each class by its number.

    `map_50` is PASCAL VOC's: the area under each curve; `map` is COCO's: at 101 recalls, the mean over ten
    overlaps. NaN of a class without objects, which the means leave out.
    """
    rows, objects = reduced["detections"].reshape(-1, 13), reduced["objects"].tolist()
    each, strict = [], []
    for number, there in enumerate(objects):
        own = rows[rows[:, 1] == number]
        right = own[:, 2:] > 0
        each.append(average_precision(own[:, 0], right[:, 0], int(there)))
        ten = [average_precision(own[:, 0], right[:, 1 + step], int(there), 101) for step in range(10)]
        strict.append(sum(ten) / len(ten))
    mean = {"map_50": float(torch.tensor(each).nanmean()), "map": float(torch.tensor(strict).nanmean())}
    return mean | {f"ap_{number}": value for number, value in enumerate(each)}
