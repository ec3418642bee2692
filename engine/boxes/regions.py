"""Features of regions: RoI pooling and RoIAlign, each as one step along rows and one along columns."""

from __future__ import annotations

import torch


def pooled_regions(
    features: torch.Tensor, boxes: torch.Tensor, pictures: torch.Tensor, size: int, scale: float
) -> torch.Tensor:
    """RoI pooling: the maximum in each of size × size bins of a region, (regions, channels, size, size).

    Features (n, channels, h, w), boxes (regions, 4) in pixels of the picture, `pictures` int64 (regions,) is
    the picture of each; `scale` is cells per pixel. Corners are rounded to whole cells, bins too: a bin
    reaches from the floor of its start to the ceiling of its end, and one without a cell gives 0. Memory:
    regions · channels · h · w numbers. Girshick 2015, section 2.1.
    """
    corners = torch.floor(boxes * scale + 0.5)
    sides = (corners[:, 2:] - corners[:, :2] + 1).clamp_min(1)
    of_regions = features[pictures]
    down = cells_of_bins(corners[:, 1], sides[:, 1], size, features.shape[2])
    across = cells_of_bins(corners[:, 0], sides[:, 0], size, features.shape[3])
    rows = [greatest(of_regions, down[:, each, None, :, None], 2) for each in range(size)]
    lines = torch.stack(rows, dim=2)  # (regions, channels, size, w)
    columns = [greatest(lines, across[:, each, None, None, :], 3) for each in range(size)]
    found = torch.stack(columns, dim=3)
    return torch.where(found == -torch.inf, 0, found)


def cells_of_bins(start: torch.Tensor, side: torch.Tensor, size: int, cells: int) -> torch.Tensor:
    """Whether each bin along an axis contains each cell: (regions, size, cells)."""
    bins = torch.arange(size, device=start.device)
    first = torch.floor(bins * side[:, None] / size) + start[:, None]
    last = torch.ceil((bins + 1) * side[:, None] / size) + start[:, None]
    cell = torch.arange(cells, device=start.device)
    return (cell >= first[:, :, None]) & (cell < last[:, :, None])


def greatest(x: torch.Tensor, inside: torch.Tensor, axis: int) -> torch.Tensor:
    """The maximum along an axis of what is inside; −∞ where nothing is."""
    return torch.where(inside, x, -torch.inf).max(dim=axis).values


def aligned_regions(
    features: torch.Tensor,
    boxes: torch.Tensor,
    pictures: torch.Tensor,
    size: int,
    scale: float,
    samples: int = 2,
    shifted: bool = True,
) -> torch.Tensor:
    """RoIAlign: the mean of samples² bilinear values in each of size × size bins of a region.

    Arguments and shapes as in `pooled_regions`; nothing is rounded. Bilinear values separate into rows and
    columns, so that a region is two products of matrices. `shifted` has the middle of a cell at ½, as
    pixels have; without it, as in the first implementations, a region is at least one cell wide.
    He et al. 2017, section 3.
    """
    corners = boxes * scale - (0.5 if shifted else 0.0)
    sides = corners[:, 2:] - corners[:, :2]
    if not shifted:
        sides = sides.clamp_min(1)
    down = bilinear_weights(corners[:, 1], sides[:, 1], size, samples, features.shape[2])
    across = bilinear_weights(corners[:, 0], sides[:, 0], size, samples, features.shape[3])
    lines = down[:, None] @ features[pictures]  # (regions, channels, size, w)
    return lines @ across.transpose(1, 2)[:, None]


def bilinear_weights(
    start: torch.Tensor, side: torch.Tensor, size: int, samples: int, cells: int
) -> torch.Tensor:
    """The weight of each cell in the mean of each bin along an axis: (regions, size, cells).

    Points up to one cell outside take the value at the edge, others 0.
    """
    steps = (torch.arange(size * samples, dtype=start.dtype, device=start.device) + 0.5) / (size * samples)
    place = start[:, None] + steps * side[:, None]  # (regions, size · samples)
    inside = (place >= -1) & (place <= cells)
    near = place.clamp(0, cells - 1)[:, :, None]
    cell = torch.arange(cells, device=start.device)
    weights = (1 - (near - cell).abs()).clamp_min(0) * inside[:, :, None]
    return weights.view(len(start), size, samples, cells).mean(dim=2)
