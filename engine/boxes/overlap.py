"""The overlap of boxes: areas, intersection over union (IoU), and its generalisation."""

from __future__ import annotations

import torch


def areas(boxes: torch.Tensor) -> torch.Tensor:
    """The area of each box, (…, 4) → (…); 0 where it is upside down or has no extent."""
    sides = (boxes[..., 2:4] - boxes[..., :2]).clamp_min(0)
    return sides[..., 0] * sides[..., 1]


def intersections(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The area that two boxes share: boxes (…, 4) and (…, 4), broadcast against each other → (…)."""
    corner = torch.maximum(first[..., :2], second[..., :2])
    opposite = torch.minimum(first[..., 2:4], second[..., 2:4])
    return areas(torch.cat([corner, opposite], dim=-1))


def overlap(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The intersection over union of boxes that are broadcast against each other: (…, 4), (…, 4) → (…).

    From 0 to 1; 0 where neither box has an area.
    """
    shared = intersections(first, second)
    union = areas(first) + areas(second) - shared
    return shared / torch.where(union > 0, union, 1)


def pairwise_overlap(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The IoU of every box of one list with every box of another: (…, n, 4), (…, m, 4) → (…, n, m)."""
    return overlap(first[..., :, None, :], second[..., None, :, :])


def generalized_overlap(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """GIoU: IoU − (hull − union) / hull, from −1 to 1, of boxes broadcast against each other.

    Unlike IoU it has a slope where boxes do not meet. The hull is the smallest box around both. 0 where the
    hull has no area. Rezatofighi et al. 2019, algorithm 1.
    """
    shared = intersections(first, second)
    union = areas(first) + areas(second) - shared
    corner = torch.minimum(first[..., :2], second[..., :2])
    opposite = torch.maximum(first[..., 2:4], second[..., 2:4])
    hull = areas(torch.cat([corner, opposite], dim=-1))
    outside = (hull - union) / torch.where(hull > 0, hull, 1)
    return shared / torch.where(union > 0, union, 1) - outside
