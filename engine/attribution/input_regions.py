"""Boxes in the image for positions in a feature map: receptive fields, clipped at the borders."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from glassnet.engine.network.plan import Plan, PlannedNode
from glassnet.engine.network.receptive_field import Field


def tile_size(plan: Plan, node: str) -> tuple[int, int]:
    """The height and width of the largest receptive field of a node."""
    height, width = plan.input_shape[1:]
    fields = _fields(plan[node], (height, width))
    return min(height, fields[0].size), min(width, fields[1].size)


def boxes(plan: Plan, node: str, positions: Tensor) -> Tensor:
    """The receptive fields at these positions: (places, 4) int32, top, left, bottom, right, exclusive."""
    placed = plan[node]
    height, width = plan.input_shape[1:]
    rows, columns = _fields(placed, (height, width))
    across = placed.shape[2] if len(placed.shape) == 3 else 1
    found = []
    for position in positions.tolist():
        (top, bottom), (left, right) = rows.at(position // across), columns.at(position % across)
        found.append([max(0, top), max(0, left), min(height, bottom), min(width, right)])
    return torch.tensor(found, dtype=torch.int32).view(-1, 4)


def crops(images: Tensor, found: Tensor, size: Sequence[int]) -> Tensor:
    """The contents of boxes (n, 4) in images (n, channels, h, w): tiles (n, channels, *size)."""
    tiles = images.new_zeros(*images.shape[:2], *size)
    for tile, image, (top, left, bottom, right) in zip(tiles, images, found.tolist(), strict=True):
        tile[:, : bottom - top, : right - left] = image[:, top:bottom, left:right]
    return tiles


def _fields(placed: PlannedNode, image: tuple[int, int]) -> tuple[Field, Field]:
    """The receptive field along each axis; the whole image where a node depends on all of it."""
    fields = placed.receptive_field
    if fields is None or len(fields) != 2 or len(placed.shape) != 3:
        return Field(image[0], image[0]), Field(image[1], image[1])
    return fields[0], fields[1]
