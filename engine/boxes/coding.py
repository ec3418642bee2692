"""Boxes as offsets from anchors, as networks predict them, and back."""

from __future__ import annotations

import math

import torch


def centred(boxes: torch.Tensor) -> torch.Tensor:
    """Boxes as centre x, centre y, width and height: (…, 4) → (…, 4)."""
    sides = boxes[..., 2:4] - boxes[..., :2]
    return torch.cat([boxes[..., :2] + sides / 2, sides], dim=-1)


def cornered(boxes: torch.Tensor) -> torch.Tensor:
    """Boxes as left, top, right and bottom, from centre, width and height: (…, 4) → (…, 4)."""
    half = boxes[..., 2:4] / 2
    return torch.cat([boxes[..., :2] - half, boxes[..., :2] + half], dim=-1)


def encoded(boxes: torch.Tensor, anchors: torch.Tensor, weights: tuple[float, ...]) -> torch.Tensor:
    """The offsets of boxes from anchors: (…, 4), (…, 4) → (…, 4).

    Δx = wₓ (x − xₐ) / widthₐ and Δwidth = w_w log(width / widthₐ); y and height alike. The four weights
    bring the offsets to about the same size. Girshick et al. 2014, appendix C.
    """
    there, here = centred(boxes), centred(anchors)
    moved = (there[..., :2] - here[..., :2]) / here[..., 2:]
    grown = torch.log(there[..., 2:] / here[..., 2:])
    return torch.cat([moved, grown], dim=-1) * offsets_scale(weights, boxes)


def offset_errors(
    boxes: torch.Tensor, wanted: torch.Tensor, anchors: torch.Tensor, weights: tuple[float, ...]
) -> torch.Tensor:
    """The offsets of boxes from anchors less those of the wanted boxes, (…, 4) each → (…, 4).

    `encoded(boxes) − encoded(wanted)`, finite for boxes whose sides have shrunk to nothing.
    """
    said, there = centred(boxes), centred(wanted)
    moved = (said[..., :2] - there[..., :2]) / centred(anchors)[..., 2:]
    sides = said[..., 2:].clamp_min(torch.finfo(boxes.dtype).tiny)
    return torch.cat([moved, torch.log(sides / there[..., 2:])], dim=-1) * offsets_scale(weights, boxes)


def decoded(offsets: torch.Tensor, anchors: torch.Tensor, weights: tuple[float, ...]) -> torch.Tensor:
    """The boxes at offsets from anchors, the inverse of `encoded`: (…, 4), (…, 4) → (…, 4).

    A side grows by a factor of 62.5 at the most.
    """
    scaled = offsets / offsets_scale(weights, offsets)
    here = centred(anchors)
    centre = here[..., :2] + scaled[..., :2] * here[..., 2:]
    sides = here[..., 2:] * torch.exp(scaled[..., 2:].clamp_max(math.log(1000 / 16)))
    return cornered(torch.cat([centre, sides], dim=-1))


def decoded_in_cells(numbers: torch.Tensor, anchors: torch.Tensor, sides: torch.Tensor) -> torch.Tensor:
    """The boxes of numbers, whose middles stay in the cells of the anchors: (…, 4), (…, 4), (…, 2) → (…, 4).

    x = left + σ(tₓ) · side of the cell, width = anchor's width · exp(t_w), 62.5 times as wide at the most; y
    and height alike. Redmon & Farhadi 2017, section 2.
    """
    here = centred(anchors)
    centre = here[..., :2] + (torch.sigmoid(numbers[..., :2]) - 0.5) * sides
    grown = here[..., 2:] * torch.exp(numbers[..., 2:].clamp_max(math.log(1000 / 16)))
    return cornered(torch.cat([centre, grown], dim=-1))


def offsets_scale(weights: tuple[float, ...], like: torch.Tensor) -> torch.Tensor:
    """The weights of the four offsets as a tensor: (4,)."""
    return torch.tensor(weights, dtype=like.dtype, device=like.device)


def clipped(boxes: torch.Tensor, height: float, width: float) -> torch.Tensor:
    """Boxes cut off at the sides of a picture: (…, 4) → (…, 4)."""
    across, down = boxes[..., 0::2].clamp(0, width), boxes[..., 1::2].clamp(0, height)
    return torch.stack([across[..., 0], down[..., 0], across[..., 1], down[..., 1]], dim=-1)
