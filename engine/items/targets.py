"""Families of targets: what a data set gives beside its samples, and how it moves with a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import torch

from glassnet.engine.catalog.call import Call, Name

#: What a target is, of n samples:
#: `class`, int64 (n,); `values`, float32 (n, k); `masks`, the class of each pixel, uint8 (n, h, w);
#: `boxes`, float32 (n, m, 5): left, top, right, bottom, class, padded with −1; `instance_masks`, uint8
#: (n, m, h, w); `tokens`, int64 (n, t), −1 ignored; `reconstruction`, the undisturbed input.
Family = Literal["class", "values", "masks", "boxes", "instance_masks", "tokens", "reconstruction"]

#: What the targets of a family are called in a message.
WORDS: Mapping[Family, str] = {
    "class": "classes",
    "values": "values",
    "masks": "masks",
    "boxes": "boxes",
    "instance_masks": "masks of objects",
    "tokens": "tokens",
    "reconstruction": "the undisturbed input",
}

#: The number of a mask's pixels that have no class: no loss and no metric counts them.
IGNORED = 255


class Move(NamedTuple):
    """An augmentation that may take targets along with the pictures."""

    #: The affine maps (n, 2, 3) from Name("pictures") and Name("generator"); None: nothing moves.
    drawn: Call | None
    #: The changed pictures, from Name("pictures") and, where something moves, Name("place").
    pictures: Call


def moved_masks(masks: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    """Masks (n, h, w) moved by affine maps (n, 2, 3), nearest; what comes from beyond the edge is ignored."""
    n, height, width = masks.shape
    grid = torch.nn.functional.affine_grid(place, [n, 1, height, width], align_corners=False)
    # Shifted by one, so that the zeros that grid_sample puts beyond the edge are told from class 0.
    known = (masks + 1)[:, None].to(place.dtype)
    moved = torch.nn.functional.grid_sample(
        known, grid, mode="nearest", padding_mode="zeros", align_corners=False
    )
    return (moved[:, 0].round() - 1).to(torch.int16).to(torch.uint8)


def moved_boxes(boxes: torch.Tensor, place: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    """Boxes (n, m, 5) in pixels, moved by affine maps (n, 2, 3): the hull of what moves, clipped.

    A box of which nothing is left in the picture becomes padding, −1.
    """
    height, width = pictures.shape[2:]
    sides = torch.stack([boxes.new_full((), width), boxes.new_full((), height)])
    left, top, right, bottom = boxes[..., :4].unbind(dim=-1)
    corners = torch.stack([left, top, right, top, left, bottom, right, bottom], dim=-1)
    corners = corners.reshape(len(boxes), -1, 2) * 2 / sides - 1  # (n, 4m, 2), from −1 to 1
    (a, b, x), (c, d, y) = (row.unbind(dim=-1) for row in place.to(boxes.dtype).unbind(dim=1))
    inverse = torch.stack([d, -b, -c, a], dim=1).reshape(-1, 2, 2) / (a * d - b * c)[:, None, None]
    moved = (corners - torch.stack([x, y], dim=1)[:, None]) @ inverse.transpose(1, 2)
    moved = ((moved + 1) * sides / 2).reshape(*boxes.shape[:2], 4, 2)
    least = moved.amin(dim=2).clamp_min(0)
    most = torch.minimum(moved.amax(dim=2), sides)
    inside = (boxes[..., 4:] >= 0) & (most > least).all(dim=-1, keepdim=True)
    return torch.where(inside, torch.cat([least, most, boxes[..., 4:]], dim=-1), -1.0)


#: By family, the targets that a move of a picture takes along: from Name("targets"), and Name("place"), the
#: affine maps (n, 2, 3) from each pixel's place to that of its source, both from −1 to 1.
MOVED: Mapping[Family, Call] = {
    "masks": Call(moved_masks, Name("targets"), Name("place")),
    "boxes": Call(moved_boxes, Name("targets"), Name("place"), Name("pictures")),
}
