"""Boxes in the sample for positions in a feature map: receptive fields, clipped at the borders."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from glassnet.engine.attribution.applicability import has_maps
from glassnet.engine.network.plan import Plan, PlannedNode
from glassnet.engine.network.receptive_field import Field


def tile_size(plan: Plan, node: str) -> tuple[int, ...]:
    """The sizes of the largest receptive field of a node, along each axis of the samples."""
    return tuple(
        min(size, field.size)
        for size, field in zip(plan.input_shape[1:], _fields(plan, plan[node]), strict=True)
    )


def boxes(plan: Plan, node: str, positions: Tensor) -> Tensor:
    """The receptive fields at these positions: (places, 2 · axes) int32, the starts, then the ends.

    Of an image these are top, left, bottom, right; ends are exclusive.
    """
    placed, sizes = plan[node], plan.input_shape[1:]
    fields = _fields(plan, placed)
    grid = placed.shape[1:] if has_maps(plan, placed) else (1,) * len(sizes)
    found = []
    for place in zip(*(each.tolist() for each in torch.unravel_index(positions, grid)), strict=True):
        spans = [field.at(at) for field, at in zip(fields, place, strict=True)]
        starts = [max(0, start) for start, _ in spans]
        found.append(starts + [min(size, end) for size, (_, end) in zip(sizes, spans, strict=True)])
    return torch.tensor(found, dtype=torch.int32).view(-1, 2 * len(sizes))


def crops(samples: Tensor, found: Tensor, size: Sequence[int]) -> Tensor:
    """The contents of boxes (n, 2 · axes) in samples (n, channels, …): tiles (n, channels, *size)."""
    tiles = samples.new_zeros(*samples.shape[:2], *size)
    for tile, sample, box in zip(tiles, samples, found.tolist(), strict=True):
        spans = list(zip(box[: len(size)], box[len(size) :], strict=True))
        to = (slice(None), *(slice(0, end - start) for start, end in spans))
        tile[to] = sample[(slice(None), *(slice(start, end) for start, end in spans))]
    return tiles


def _fields(plan: Plan, placed: PlannedNode) -> tuple[Field, ...]:
    """The receptive field along each axis; the whole sample where a node depends on all of it."""
    fields, sizes = placed.receptive_field, plan.input_shape[1:]
    if not fields or not has_maps(plan, placed):
        return tuple(Field(size, size) for size in sizes)
    return fields
