"""Between the stages of a detector: a fixed number of proposals, the answers for them, and what counts."""

from __future__ import annotations

import torch

from glassnet.engine.boxes.coding import clipped
from glassnet.engine.boxes.suppression import suppressed


def proposed_regions(
    boxes: torch.Tensor,
    scores: torch.Tensor,
    picture: list[int],
    looked: int,
    count: int,
    threshold: float,
    least: float,
) -> torch.Tensor:
    """Proposals (n, count, 5): left, top, right, bottom and score; −1, and score 0, where there is none.

    Of boxes (n, k, 4) with scores (n, k) the `looked` best, cut off at the sides of the picture (height,
    width); those with a side under `least` pixels are left out; of those that are left, a box that overlaps
    a better one by more than `threshold`. Ren et al. 2015, section 3.3.
    """
    if boxes.is_meta:  # where shapes alone are asked for: `count` rounds of suppression would take long
        return boxes.new_empty(len(boxes), count, 5)
    best, index = scores.topk(min(looked, scores.shape[1]), dim=1)
    near = clipped(boxes.gather(1, index[..., None].expand(-1, -1, 4)), picture[0], picture[1])
    large = ((near[..., 2:] - near[..., :2]) >= least).all(dim=-1)
    kept = suppressed(near, torch.where(large, best, -torch.inf), threshold, count)
    place = kept.clamp_min(0)
    found = torch.cat(
        [near.gather(1, place[..., None].expand(-1, -1, 4)), best.gather(1, place)[..., None]], dim=-1
    )
    # Made where the boxes are: a list of the host's would have to wait for the device.
    none = torch.full_like(found, -1.0)
    none[..., 4] = 0.0
    return torch.where(kept[..., None] >= 0, found, none)


def region_rows(
    proposals: torch.Tensor, boxes: torch.Tensor, ground: torch.Tensor, classes: torch.Tensor
) -> torch.Tensor:
    """Candidates (n, k · classes, 9 + 2 · classes): for each region in turn, one of each class.

    Proposals (n, k, 5), boxes (n, k, classes, 4), the numbers of the ground (n, k, 1) and of the classes
    (n, k, classes). The candidate of a class starts from its region, has all the region's numbers, and a
    score for its own class alone: that class's share of the softmax over ground and classes. Without a
    region all scores are 0. Ren et al. 2015, section 3.2, as Girshick 2015, section 2.3.
    """
    n, regions, count = classes.shape
    there = proposals[..., 4] > 0
    shares = torch.softmax(torch.cat([ground, classes], dim=-1), dim=-1)[..., 1:] * there[..., None]
    own = torch.diag_embed(shares)  # (n, k, classes, classes)
    each = (n, regions, count, -1)
    starts, sure = proposals[:, :, None, :4].expand(each), ground[:, :, None].expand(each)
    rows = torch.cat([boxes, starts, sure, classes[:, :, None].expand(each), own], dim=-1)
    return rows.flatten(1, 2)


def drawn_shares(taught: torch.Tensor, most: int, share: float) -> torch.Tensor:
    """How probably each place takes part in the loss if places were drawn at random: (n, k), from 0 to 1.

    Of the places (n, k) that are taught 1 (object), 0 (ground) or −1 (neither), `most` are drawn: of the
    objects at most the `share`, of the ground as many as are then missing. A sum with these factors is the
    mean of the sum over all such draws: the same for each batch and run, without a generator. Girshick 2015,
    section 2.3; Ren et al. 2015, section 3.1.3.
    """
    object_there, ground_there = taught == 1, taught == 0
    objects, ground = object_there.sum(dim=1, keepdim=True), ground_there.sum(dim=1, keepdim=True)
    drawn = objects.clamp_max(int(most * share))
    rest = torch.minimum(most - drawn, ground)
    chance = object_there * (drawn / objects.clamp_min(1)) + ground_there * (rest / ground.clamp_min(1))
    return chance.detach()
