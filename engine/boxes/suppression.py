"""Greedy non-maximum suppression."""

from __future__ import annotations

import torch

from glassnet.engine.boxes.overlap import overlap


def suppressed(
    boxes: torch.Tensor,
    scores: torch.Tensor,
    threshold: float,
    most: int,
    classes: torch.Tensor | None = None,
) -> torch.Tensor:
    """The indices of the boxes that greedy suppression keeps, best first: int64 (…, most), padded with −1.

    The best box is kept and removes every box that overlaps it by more than `threshold`; then the best of
    those that remain, and so on, `most` times at the most. With `classes`, boxes remove boxes of their own
    class only. Boxes (…, n, 4), scores and classes (…, n). Of equal scores the earlier box comes first. A
    score of −∞ or NaN marks the absence of a box.
    """
    if boxes.shape[-2] == 0:
        return torch.full((*scores.shape[:-1], most), -1, device=scores.device)
    order = torch.sort(torch.nan_to_num(scores, nan=-torch.inf), dim=-1, descending=True, stable=True).indices
    ranked = boxes[..., :4].gather(-2, order[..., None].expand(*order.shape, 4))
    kinds = None if classes is None else classes.gather(-1, order)
    present = scores.gather(-1, order)
    waiting = present > -torch.inf
    kept = []
    for _ in range(most):
        # Of the boxes that wait, the first is the best. Argmax of booleans is the first that is true.
        best = waiting.to(torch.uint8).argmax(dim=-1, keepdim=True)
        found = waiting.gather(-1, best)
        kept.append(torch.where(found, order.gather(-1, best), -1))
        winner = ranked.gather(-2, best[..., None].expand(*best.shape, 4))
        removed = overlap(winner, ranked) > threshold
        if kinds is not None:
            removed = removed & (kinds == kinds.gather(-1, best))
        waiting = waiting & ~removed
        waiting = waiting.scatter(-1, best, False)
    return torch.cat(kept, dim=-1)
