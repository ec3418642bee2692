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


def region_levels(boxes: torch.Tensor, levels: int, canonical: float, middle: int) -> torch.Tensor:
    """The level of a pyramid that each region is read from, 0 the finest: (…, 4) → int64 (…).

    ⌊middle + log₂(√area / canonical)⌋, held within the levels: a region of the side `canonical` is read from
    the level `middle`, one of half the side from the next finer. Lin et al. 2017, equation 1.
    """
    sides = (boxes[..., 2:4] - boxes[..., :2]).clamp_min(0)
    size = torch.sqrt(sides[..., 0] * sides[..., 1]).clamp_min(1e-6)
    # As torchvision adds, so that a side that is to be of a level does not miss it by a bit.
    return torch.floor(middle + torch.log2(size / canonical) + 1e-6).clamp(0, levels - 1).long()


def pyramid_regions(
    maps: list[torch.Tensor],
    boxes: torch.Tensor,
    levels: torch.Tensor,
    picture: list[int],
    size: int,
    samples: int,
) -> torch.Tensor:
    """RoIAlign of each region on the map of its level: (n, channels, k, size, size).

    Maps (n, channels, hᵢ, wᵢ), boxes (n, k, 4) in pixels of a picture of height and width `picture`, `levels`
    int64 (n, k). The same numbers as `aligned_regions`, shifted, of the map of each region, with no work on
    the others: the four cells around each point are looked up in a table of all cells. No slope reaches the
    boxes. He et al. 2017, section 3; Lin et al. 2017, section 4.2.
    """
    n, channels = maps[0].shape[:2]
    cells = torch.cat([x.flatten(2) for x in maps], dim=2)  # (n, channels, cells of all maps)
    table = cells.transpose(1, 2).reshape(-1, channels)
    rows, columns, first = boxes.new_zeros(3, *levels.shape).unbind()
    before = 0
    for level, x in enumerate(maps):
        here = levels == level
        rows, columns = rows + here * x.shape[2], columns + here * x.shape[3]
        first, before = first + here * before, before + x.shape[2] * x.shape[3]
    top, down, high = points_along(boxes[..., 1::2], rows, picture[0], size * samples)
    left, across, wide = points_along(boxes[..., 0::2], columns, picture[1], size * samples)
    # Each picture has its own part of the table.
    start = first.long() + torch.arange(n, device=boxes.device)[:, None] * cells.shape[2]
    places, weights = [], []
    for y, share_y in ((top, (1 - down) * high), (bounded_next(top, rows), down * high)):
        for x, share_x in ((left, (1 - across) * wide), (bounded_next(left, columns), across * wide)):
            row = start[..., None] + y * columns.long()[..., None]
            places.append(row[..., :, None] + x[..., None, :])  # (n, k, points, points)
            weights.append(share_y[..., :, None] * share_x[..., None, :])
    place, weight = torch.stack(places, dim=-1), torch.stack(weights, dim=-1)
    # `embedding`, because its way back adds in the same order on every device and with any threads.
    numbers = torch.nn.functional.embedding(place, table) * weight[..., None]
    # Points of bins along rows, then along columns.
    bins = numbers.sum(dim=-2).reshape(n, -1, size, samples, size, samples, channels).mean(dim=(3, 5))
    return bins.permute(0, 4, 1, 2, 3)


def points_along(
    ends: torch.Tensor, cells: torch.Tensor, side: int, points: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of points spread along one axis of regions the cell before, the share of the next, and 1 if inside.

    Ends (n, k, 2) are in pixels of an axis of `side` pixels and `cells` (n, k) cells; (n, k, points) each.
    Points up to one cell outside take the value at the edge, others 0.
    """
    scaled = ends * (cells / side)[..., None] - 0.5
    steps = (torch.arange(points, dtype=ends.dtype, device=ends.device) + 0.5) / points
    place = scaled[..., :1] + steps * (scaled[..., 1:] - scaled[..., :1])
    inside = (place >= -1) & (place <= cells[..., None])
    near = torch.minimum(place.clamp_min(0), cells[..., None] - 1)
    cell = near.floor()
    return cell.long(), near - cell, inside.to(ends.dtype)


def bounded_next(cell: torch.Tensor, cells: torch.Tensor) -> torch.Tensor:
    """The next cell, or the last one."""
    return torch.minimum(cell + 1, cells.long()[..., None] - 1)
