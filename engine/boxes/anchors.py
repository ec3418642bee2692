"""Anchors: the boxes that a detector starts from; their sizes from data, and their match with boxes."""

from __future__ import annotations

import torch

from glassnet.engine.boxes.coding import centred
from glassnet.engine.boxes.overlap import pairwise_overlap


def anchor_sizes(scales: list[float], ratios: list[float]) -> torch.Tensor:
    """Width and height for every scale and ratio of height to width, at equal area: (ratios · scales, 2).

    Three scales and three ratios make the 3 × 3 = 9 anchors of Ren et al. 2015, not 3 + 3.
    """
    return torch.tensor([[scale / ratio**0.5, scale * ratio**0.5] for ratio in ratios for scale in scales])


def anchor_grid(
    sizes: torch.Tensor, height: int, width: int, stride: float, across: float | None = None
) -> torch.Tensor:
    """Anchors of every size (k, 2) at the middle of every cell, row by row: (height · width · k, 4).

    `stride` is the side of a cell in pixels of the picture; `across` its width, where that is another.
    """
    y = (torch.arange(height, device=sizes.device) + 0.5) * stride
    x = (torch.arange(width, device=sizes.device) + 0.5) * (stride if across is None else across)
    rows, columns = torch.meshgrid(y.to(sizes.dtype), x.to(sizes.dtype), indexing="ij")
    centre = torch.stack([columns, rows], dim=-1)[:, :, None]
    return torch.cat([centre - sizes / 2, centre + sizes / 2], dim=-1).reshape(-1, 4)


def shape_overlap(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The IoU of sizes (n, 2) and (m, 2) as if they had one centre: (n, m)."""
    zeros_first, zeros_second = torch.zeros_like(first), torch.zeros_like(second)
    return pairwise_overlap(
        torch.cat([zeros_first, first], dim=-1), torch.cat([zeros_second, second], dim=-1)
    )


def clustered_sizes(
    sizes: torch.Tensor, count: int, generator: torch.Generator, rounds: int = 100
) -> tuple[torch.Tensor, torch.Tensor]:
    """Anchor sizes that fit given widths and heights: sizes (count, 2), smallest area first; mean IoU (0-d).

    k-means with the distance 1 − IoU, so that large boxes count no more than small ones; a cluster's centre
    is its mean, an empty cluster keeps its centre. It starts at sizes drawn far from each other, as
    k-means++ does. Redmon & Farhadi 2017, section 2.
    """
    centres = spread_sizes(sizes, count, generator)
    for _ in range(rounds):
        nearest = shape_overlap(sizes, centres).argmax(dim=1)
        members = torch.nn.functional.one_hot(nearest, count).to(sizes.dtype)
        held = members.sum(dim=0)[:, None]
        moved = torch.where(held > 0, members.T @ sizes / held.clamp_min(1), centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    centres = centres[centres.prod(dim=1).argsort()]
    return centres, shape_overlap(sizes, centres).amax(dim=1).mean()


def spread_sizes(sizes: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    """Sizes drawn in turn, with a chance of (1 − IoU)² with the nearest drawn before: (count, 2)."""
    chosen = sizes[torch.randint(len(sizes), (1,), generator=generator)]
    while len(chosen) < count:
        distance = (1 - shape_overlap(sizes, chosen).amax(dim=1)).clamp_min(0) ** 2
        lots = distance if distance.sum() > 0 else torch.ones_like(distance)
        chosen = torch.cat([chosen, sizes[torch.multinomial(lots, 1, generator=generator)]])
    return chosen


def matched(
    anchors: torch.Tensor, boxes: torch.Tensor, positive: float, negative: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The box of each anchor and what it is taught: int64 (…, n) indices; 1 object, 0 ground, −1 neither.

    Anchors (n, 4), boxes (…, m, 5) padded with −1. An anchor is an object where it overlaps a box by
    `positive` or more, or more than any other anchor overlaps that box (so that every box has one); ground
    where it overlaps all by less than `negative`. Ren et al. 2015, section 3.1.2.
    """
    present = boxes[..., None, :, 4] >= 0
    shared = torch.where(present, pairwise_overlap(anchors, boxes[..., :4]), -1)  # (…, n, m)
    best, which = shared.max(dim=-1)
    most = shared.amax(dim=-2, keepdim=True)
    champion = (shared == most) & (most > 0) & present
    # A champion is matched with the box that it is the best for, whichever it overlaps most itself.
    which = torch.where(champion.any(dim=-1), champion.to(torch.uint8).argmax(dim=-1), which)
    taught = torch.where(best < negative, 0, -1)
    taught = torch.where((best >= positive) | champion.any(dim=-1), 1, taught)
    return which, taught


def cell_sides(starts: torch.Tensor) -> torch.Tensor:
    """Width and height of the cell that each anchor stands in the middle of: (k, 4) → (k, 2).

    Of anchors cell by cell, row by row and map after map, as `anchor_grid` gives them: the first cell of a
    map touches the corner of the picture, so that its middle lies half a cell from it. A map ends where the
    next anchor lies higher, or as high and further left. The quarter of a pixel is for rounding.
    """
    middle = centred(starts)[:, :2]
    moved = torch.diff(middle, dim=0, prepend=middle[:1])
    higher, left = moved[:, 1] < -0.25, (moved[:, 1] < 0.25) & (moved[:, 0] < -0.25)
    place = torch.arange(len(starts), device=starts.device)
    first = torch.where(higher | left, place, 0).cummax(dim=0).values
    return 2 * middle[first]


def answering_anchors(starts: torch.Tensor, boxes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The anchor that answers for each box, as in YOLO: int64 (n, m), and whether there is one: bool (n, m).

    Of the anchors (k, 4) of the cells in which the middle of a box (n, m, 5) lies, one cell in each map, the
    one whose shape overlaps the box's most. Redmon & Farhadi 2017, section 2; 2018, section 2.3.
    """
    here, half = centred(starts), cell_sides(starts) / 2
    there = centred(boxes[..., :4])
    away = there[..., None, :2] - here[:, :2]  # (n, m, k, 2)
    inside = ((away >= -half) & (away < half)).all(dim=-1) & (boxes[..., 4:] >= 0)
    shared = shape_overlap(there[..., 2:].reshape(-1, 2), here[:, 2:]).reshape(inside.shape)
    return torch.where(inside, shared, -1).argmax(dim=-1), inside.any(dim=-1)
