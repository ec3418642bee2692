"""Average precision of detections: which are right, precision against recall, and the area below."""

from __future__ import annotations

from typing import NamedTuple

import torch

from glassnet.engine.boxes.overlap import pairwise_overlap


def right_detections(
    detections: torch.Tensor, boxes: torch.Tensor, thresholds: list[float], again: bool = False
) -> torch.Tensor:
    """Whether each detection is right at each IoU threshold: bool (pictures, thresholds, k).

    Detections (pictures, k, 6): left, top, right, bottom, score, class, padded with class −1. Boxes
    (pictures, m, 5), padded with −1. In order of score, a detection is right if it overlaps a box of its
    class by the threshold or more that no detection before has taken. As PASCAL VOC has it, only the box
    that it overlaps most is asked for; with `again`, as COCO has it, the best of those still free.
    """
    order = detections[..., 4].argsort(dim=-1, descending=True, stable=True)
    ranked = detections.gather(1, order[..., None].expand_as(detections))
    shared = pairwise_overlap(ranked[..., :4], boxes[..., :4])  # (pictures, k, m)
    alike = (ranked[..., :, None, 5] == boxes[..., None, :, 4]) & (boxes[..., None, :, 4] >= 0)
    shared = torch.where(alike, shared, -1)[:, None]  # (pictures, 1, k, m)
    # Made where the boxes are: a list of the host's would have to wait for the device.
    least = torch.stack([shared.new_full((1,), threshold) for threshold in thresholds])
    free = torch.ones(len(boxes), len(thresholds), boxes.shape[1], dtype=torch.bool, device=boxes.device)
    right = []
    for rank in range(detections.shape[1] if boxes.shape[1] else 0):
        here = shared[:, :, rank].expand(free.shape)
        candidates = torch.where(free, here, -1) if again else here
        best, which = candidates.max(dim=-1, keepdim=True)
        hit = (best >= least) & (best > 0) & free.gather(-1, which)
        free = free & ~(torch.zeros_like(free).scatter(-1, which, True) & hit)
        right.append(hit)
    if not right:
        return torch.zeros(*free.shape[:2], detections.shape[1], dtype=torch.bool, device=boxes.device)
    place = order.argsort(dim=-1)[:, None].expand(-1, len(thresholds), -1)
    return torch.cat(right, dim=-1).gather(-1, place)


def precision_recall(
    scores: torch.Tensor, right: torch.Tensor, count: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Recall and precision, float64, at each score of one class, and the scores, from the highest down.

    Scores and right (n,) are of the class's detections in all pictures, which have `count` boxes of it.
    Recall of a class without boxes is NaN.
    """
    order = scores.argsort(descending=True, stable=True)
    hits = right[order].double().cumsum(0)
    found = torch.arange(1, len(order) + 1, dtype=torch.float64, device=scores.device)
    recall = hits / count if count > 0 else torch.full_like(hits, torch.nan)
    return recall, hits / found, scores[order]


def average_precision(
    scores: torch.Tensor, right: torch.Tensor, count: int, points: int | None = None
) -> float:
    """The mean over recall of the best precision at that recall or a higher one.

    Arguments as in `precision_recall`. `points` None: the area under that staircase (PASCAL VOC from 2010);
    11: its mean at recalls 0, 0.1 … 1 (VOC 2007); 101: at 0, 0.01 … 1 (COCO). NaN for a class without
    boxes; 0 for one without detections.
    """
    if count == 0:
        return float("nan")
    recall, precision, _ = precision_recall(scores, right, count)
    best = precision.flip(0).cummax(0).values.flip(0)
    if points is None:
        return float((torch.diff(recall, prepend=recall.new_zeros(1)) * best).sum())
    asked = torch.linspace(0, 1, points, dtype=recall.dtype, device=recall.device)
    # Recalls are quotients: one that is to be 0.3 must not miss the point 0.3 by a bit.
    place = torch.searchsorted(recall, asked - 1e-9)
    return float(torch.cat([best, best.new_zeros(1)])[place].mean())


def mean_average_precision(
    scores: torch.Tensor,
    right: torch.Tensor,
    classes: torch.Tensor,
    counts: list[int],
    points: int | None = None,
) -> float:
    """The mean of the average precisions of the classes that have boxes; NaN where none has.

    Scores, right and classes (n,) are of all detections, −1 for none; `counts` are the boxes of each class.
    """
    each = [
        average_precision(scores[classes == number], right[classes == number], count, points)
        for number, count in enumerate(counts)
        if count > 0
    ]
    return sum(each) / len(each) if each else float("nan")


class ClassCurves(NamedTuple):
    """Precision against recall of every class, from the highest score down, NaN past the end of a curve.

    All are float32 (classes, points).
    """

    recall: torch.Tensor
    precision: torch.Tensor
    scores: torch.Tensor


def class_curves(
    scores: torch.Tensor, right: torch.Tensor, classes: torch.Tensor, counts: list[int], points: int
) -> ClassCurves:
    """The curves of the classes, each of at most `points` points, evenly spaced along its detections.

    Arguments as in `mean_average_precision`. A class without boxes has no curve, and neither has one without
    detections.
    """
    curves = [torch.full((len(counts), points), torch.nan, device=scores.device) for _ in range(3)]
    for number, count in enumerate(counts):
        own = classes == number
        length = int(own.sum()) if count > 0 else 0
        kept = min(length, points)
        if kept == 0:
            continue
        places = torch.linspace(0, length - 1, kept, device=scores.device).round().long()
        for curve, values in zip(curves, precision_recall(scores[own], right[own], count), strict=True):
            curve[number, :kept] = values[places].float()
    return ClassCurves(*curves)
