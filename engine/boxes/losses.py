"""Losses of detectors: focal loss, and the smooth L1 distance of boxes."""

from __future__ import annotations

import torch


def focal_loss(
    logits: torch.Tensor, targets: torch.Tensor, gamma: float = 2.0, alpha: float | None = 0.25
) -> torch.Tensor:
    """The focal loss of each logit against a target of 0 or 1: −αₜ (1 − pₜ)^γ log pₜ, shaped as the logits.

    What is already told well counts little, so that the many easy places of a picture do not drown the few
    hard ones. At γ = 0 without α it is binary cross-entropy. Lin et al. 2017, equation 5.
    """
    error = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    # The logarithm of 1 − pₜ, exact where pₜ is near 1; the power of an exponential has a slope everywhere.
    missing = torch.nn.functional.logsigmoid(logits * (1 - 2 * targets))
    loss = torch.exp(gamma * missing) * error
    return loss if alpha is None else (alpha * targets + (1 - alpha) * (1 - targets)) * loss


def smooth_distance(difference: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """Smooth L1 of each number: d² / 2β within β of 0, |d| − β/2 beyond; |d| where β is 0.

    Girshick 2015, equation 3.
    """
    size = difference.abs()
    if beta == 0:
        return size
    return torch.where(size < beta, size**2 / (2 * beta), size - beta / 2)


def box_loss(
    offsets: torch.Tensor, targets: torch.Tensor, classes: torch.Tensor, beta: float = 1.0
) -> torch.Tensor:
    """The box loss of Fast R-CNN: [u ≥ 1] · Σ smooth L1 over the four offsets, the mean over all regions.

    Offsets (regions, classes, 4) for each class, of which only those of the true class u count; targets
    (regions, 4), classes int64 (regions,), 0 for the ground, which has no box. Girshick 2015, equation 2.
    """
    own = offsets[torch.arange(len(classes), device=classes.device), classes]
    each = smooth_distance(own - targets, beta).sum(dim=-1)
    return (each * (classes >= 1)).sum() / max(len(classes), 1)
