"""Slices of the landscape: their directions, ranges and marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from glassnet.engine.frame import Arrays
from glassnet.engine.landscape.directions import Normalizing, orthonormal, random_direction
from glassnet.engine.landscape.methods import Slice
from glassnet.engine.landscape.weights import Weights

#: The margin around a path or points, as a share of their extent.
MARGIN = 0.25


@dataclass(frozen=True)
class SliceView:
    """A slice, the range of each coefficient, and the marks drawn on it."""

    through: Slice
    ranges: list[tuple[float, float]]
    marks: Arrays = field(default_factory=dict)


def random_view(
    weights: Weights,
    parameters: Mapping[str, Tensor],
    dimensions: int,
    span: float,
    normalize: Normalizing,
    generator: torch.Generator,
) -> SliceView:
    """The slice along random directions through the network, from −span to span."""
    plain = {name: tensor.detach() for name, tensor in parameters.items()}
    drawn = [weights.vector(random_direction(plain, generator, normalize)) for _ in range(dimensions)]
    return SliceView(Slice(weights.vector(plain), torch.stack(drawn)), [(-span, span)] * dimensions)


def view_between(origin: Tensor, points: list[Tensor], span: float) -> SliceView:
    """The slice on the line from the network to a point, or in the plane through it and two points.

    On the line, 0 is the network and 1 the other point. In the plane the axes are orthonormal, the first
    towards the first point. `marks` (points, dimensions) are the coordinates of all of them.
    Raises ValueError where the points do not span it.
    """
    ways = [point - origin for point in points]
    if not all(bool(way.norm() > 0) for way in ways):
        raise ValueError("a checkpoint with the very weights of now; expected one of another step")
    if len(ways) == 1:
        marks = torch.tensor([[0.0], [1.0]])
        return SliceView(Slice(origin, ways[0][None]), _around(marks, span), {"marks": marks})
    axes = orthonormal(ways[0], ways[1])
    marks = torch.stack([torch.zeros(2), *((axes @ way).float().cpu() for way in ways)])
    return SliceView(Slice(origin, axes), _around(marks, span), {"marks": marks})


def path_view(
    origin: Tensor, plane: str, kept: Mapping[str, Tensor], dimensions: int, span: float
) -> SliceView:
    """The slice in the plane of a recorded trajectory through the network, with the path as marks.

    Raises ValueError where no path was recorded, or one of another network.
    """
    if f"trajectory/{plane}/axes" not in kept:
        if "trajectory/random/axes" in kept and plane != "random":
            raise ValueError(
                f"of a network of {len(origin):,} weights the points of the path are not kept whole, and "
                f"neither is the plane '{plane}'; expected the plane 'random'"
            )
        raise ValueError(
            "the trajectory has not been watched for long enough; expected the 'trajectory' probe to be "
            "watched for some steps first"
        )
    own = {name.removeprefix("trajectory/"): tensor for name, tensor in kept.items()}
    if own["last"].shape != origin.shape:
        raise ValueError("the path is of another network; expected one of this network's weights")
    axes = own[f"{plane}/axes"].to(origin)[:dimensions]
    path = own[f"{plane}/path"][:, :dimensions] + (axes @ (own["last"].to(origin) - origin)).float().cpu()
    marks = {
        "path": path,
        "path.losses": own["losses"],
        "path.steps": own["steps"],
        "path.distance": own[f"{plane}/distance"],
        "explained": own[f"{plane}/explained"],
        "null": own["null"],
    }
    here = torch.zeros(1, dimensions)
    return SliceView(Slice(origin, axes), _around(torch.cat([path, here]), span), marks)


def _around(points: Tensor, span: float) -> list[tuple[float, float]]:
    """The ranges that contain all points (points, dimensions) with a margin."""
    low, high = points.amin(0), points.amax(0)
    middle, half = (low + high) / 2, (high - low) / 2
    # A path that is almost a line still has a visible strip.
    half = torch.maximum(half, 0.1 * half.max()) * (1 + MARGIN) * span
    return [(float(m - h), float(m + h)) for m, h in zip(middle, half, strict=True)]
