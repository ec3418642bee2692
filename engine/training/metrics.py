"""Metrics of predictions, as numbers and curves: pure functions over tensors.

Counts and sums are in float64: over a million samples float32 would lose whole samples.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class ClassScores(NamedTuple):
    """Scores of each class: (classes,) float64; zero where the denominator is zero."""

    precision: Tensor
    recall: Tensor
    f1: Tensor
    #: The number of samples of the class.
    support: Tensor


class Curve(NamedTuple):
    """A curve over all thresholds, from the strictest, and the area below it."""

    x: Tensor
    y: Tensor
    area: float


class Calibration(NamedTuple):
    """Samples by the confidence of their prediction, in bins of equal width: (bins,) float64."""

    #: The mean confidence of a bin's samples; NaN in an empty bin.
    confidence: Tensor
    #: The share of correct predictions of a bin; NaN in an empty bin.
    accuracy: Tensor
    counts: Tensor
    #: The expected calibration error: the mean gap between the two, weighted by counts.
    error: float


def confusion(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """The confusion matrix, (classes, classes) int64: rows are true classes, columns predicted ones."""
    return torch.bincount(targets * classes + predictions, minlength=classes**2).view(classes, classes)


def class_scores(matrix: Tensor) -> ClassScores:
    """Precision, recall and F1 of each class, from a confusion matrix.

    precision = correct / predicted, recall = correct / actual, F1 = 2 · correct / (predicted + actual).
    """
    counts = matrix.double()
    right, said, support = counts.diagonal(), counts.sum(dim=0), counts.sum(dim=1)
    return ClassScores(
        _quotient(right, said), _quotient(right, support), _quotient(2 * right, said + support), support
    )


def intersection_over_union(matrix: Tensor) -> Tensor:
    """The overlap of each class with what was said of it, from a confusion matrix: float64 (classes,).

    Pixels in both, over pixels in either; NaN where a class is in neither. Jaccard 1912.
    """
    counts = matrix.double()
    return counts.diagonal() / (counts.sum(dim=0) + counts.sum(dim=1) - counts.diagonal())


def roc(scores: Tensor, positive: Tensor) -> Curve:
    """The receiver operating characteristic: false against true positive rate, and the area below.

    `scores` (samples,) are higher for the positive class, `positive` (samples,) is true for it. Samples of
    equal score pass a threshold together. The area is that of the trapezoids. NaN where a class is absent.
    """
    hits, misses = _passing(scores, positive)
    zero = hits.new_zeros(1)
    x = torch.cat([zero, misses]) / misses[-1]
    y = torch.cat([zero, hits]) / hits[-1]
    return Curve(x, y, float(torch.trapezoid(y, x)))


def precision_recall(scores: Tensor, positive: Tensor) -> Curve:
    """Recall against precision, and the average precision Σ (Rₙ − Rₙ₋₁) Pₙ.

    Arguments as in `roc`. The curve starts at recall 0 with precision 1, by convention.
    """
    hits, misses = _passing(scores, positive)
    recall, precision = hits / hits[-1], hits / (hits + misses)
    steps = torch.diff(recall, prepend=recall.new_zeros(1))
    one = hits.new_ones(1)
    return Curve(
        torch.cat([hits.new_zeros(1), recall]), torch.cat([one, precision]), float((steps * precision).sum())
    )


def calibration(confidence: Tensor, right: Tensor, bins: int) -> Calibration:
    """The accuracy of predictions by confidence. Guo et al. 2017, equations 2 and 3.

    `confidence` (samples,) is from 0 to 1, `right` (samples,) is true for correct predictions. A bin
    contains confidences above its lower edge, up to its upper edge.
    """
    sure, truth = confidence.double(), right.double()
    index = (torch.ceil(sure * bins).long() - 1).clamp(0, bins - 1)
    zeros = torch.zeros(bins, dtype=torch.float64, device=sure.device)
    count = zeros.index_add(0, index, torch.ones_like(sure))
    mean = zeros.index_add(0, index, sure) / count  # NaN where the bin is empty
    accuracy = zeros.index_add(0, index, truth) / count
    gaps = torch.where(count > 0, (mean - accuracy).abs() * count, 0)
    return Calibration(mean, accuracy, count, float(gaps.sum() / count.sum()))


def regression(predictions: Tensor, targets: Tensor) -> dict[str, float]:
    """Errors of values (samples, k): MSE, its root, MAE, and R² = 1 − Σ(t − y)² / Σ(t − t̄)², the mean over k.

    R² of constant targets is 1 for exact predictions, else 0.
    """
    said, wanted = predictions.double(), targets.double()
    error = said - wanted
    left = error.square().sum(dim=0)
    spread = (wanted - wanted.mean(dim=0)).square().sum(dim=0)
    r2 = torch.where(spread > 0, 1 - left / spread, (left == 0).double())
    return {
        "mse": float(error.square().mean()),
        "rmse": float(error.square().mean().sqrt()),
        "mae": float(error.abs().mean()),
        "r2": float(r2.mean()),
    }


def thinned(curve: Curve, points: int) -> Curve:
    """The curve with at most `points` points, evenly spaced, the first and the last included."""
    count = len(curve.x)
    if count <= points:
        return curve
    kept = torch.linspace(0, count - 1, points).round().long().to(curve.x.device)
    return Curve(curve.x[kept], curve.y[kept], curve.area)


def _passing(scores: Tensor, positive: Tensor) -> tuple[Tensor, Tensor]:
    """The numbers of positives and negatives that reach each threshold, from the highest score down."""
    order = torch.argsort(scores, descending=True, stable=True)
    ordered, truth = scores[order], positive[order].double()
    last = torch.ones(len(order), dtype=torch.bool, device=scores.device)
    last[:-1] = ordered[1:] != ordered[:-1]
    hits = truth.cumsum(0)[last]
    total = torch.arange(1, len(order) + 1, dtype=torch.float64, device=scores.device)[last]
    return hits, total - hits


def _quotient(upper: Tensor, lower: Tensor) -> Tensor:
    return torch.where(lower > 0, upper / lower.clamp_min(1), 0)
