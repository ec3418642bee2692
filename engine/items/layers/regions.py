"""Features of regions: RoIAlign and RoI pooling as nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import torch

from glassnet.engine.boxes.regions import pooled_regions, pyramid_regions, region_levels
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Window


class Regions(Layer, ABC):
    """The options of nodes that cut regions out of maps."""

    arity: ClassVar[tuple[int, int | None]] = (3, None)
    takes: ClassVar[tuple[int, ...] | None] = ()

    size: int = option(7, "The cells a side that each region is brought to.", ge=1, le=64)
    canonical: float = option(
        224.0,
        "Of a pyramid, the side of a region that is read from the map at `middle`; half of it, from the next "
        "finer.",
        unit="px",
        gt=0,
        le=1e5,
    )
    middle: int = option(
        2, "Of a pyramid, the map, from 0 the finest, that regions of the canonical side are of.", ge=0, le=15
    )
    flat: bool = option(
        False,
        "Whether a region is one column of numbers, which a 1-D convolution with kernel 1 reads as a dense "
        "layer does; else a map, read by a 3-D convolution whose kernel is 1 deep.",
    )

    def call(self, context: Context) -> Call:
        *maps, regions, picture = context.shapes
        fit = bool(maps) and all(len(shape) == 3 and shape[0] == maps[0][0] for shape in maps)
        if not fit or len(regions) != 2 or regions[1] < 4 or len(picture) != 3:
            raise ValueError(
                f"{' and '.join(map(shape_text, context.shapes))} arrive; expected maps with as many "
                "channels each, then regions, as 'region_proposals' gives them, and last the picture"
            )
        return self.cut([list(shape[1:]) for shape in maps], list(picture[1:]))

    @abstractmethod
    def cut(self, maps: list[list[int]], picture: list[int]) -> Call:
        """The module, for maps and a picture of these heights and widths."""

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None


class RoiAlign(Regions):
    """RoIAlign: what a map shows in each region, brought to one size without rounding.

    Inputs: one map or several, from fine to coarse, the regions, and last the picture, whose pixels the
    regions are in. A region is divided into size × size bins; the value of a bin is the mean of samples²
    points in it, each interpolated between the four cells around it. Of several maps a region is read from
    one: level ⌊middle + log₂(√area / canonical)⌋. No slope reaches the regions.

    Shapes: (channels, h, w), …, (k, 4 or more), (channels, H, W) → (channels, k, size, size), or flat
    (channels · size², k). No parameters. He et al. 2017, section 3; Lin et al. 2017, equation 1.
    """

    kind: Literal["roi_align"] = "roi_align"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Nothing is rounded: a region that is moved by a fraction of a cell gives other numbers.",
            "Regions of all sizes become one size, which dense layers need.",
        ),
        cons=("A large region is read at few points: what lies between them is not seen.",),
        use="Before the second stage of a detector, above all where masks are drawn.",
        example=Example(
            "Look at its slices: each is what one region shows.",
        ),
        mistakes=(
            Mistake(
                "RoIAlign is a better interpolation.",
                "Its gain is that corners and bins are not rounded to cells, which a mask notices.",
            ),
        ),
        tex=(
            r"y_{ij} = \tfrac{1}{s^2} \sum_{p \in \text{bin}(i,j)} \sum_{u} w(p, u)\, x_u",
            r"w(p, u) = (1 - |p_x - u_x|)(1 - |p_y - u_y|)",
        ),
    )
    samples: int = option(2, "The points a side of each bin.", ge=1, le=8)

    def cut(self, maps: list[list[int]], picture: list[int]) -> Call:
        return Call(AlignedRegions, picture, self.size, self.samples, self.canonical, self.middle, self.flat)


class RoiPool(Regions):
    """RoI pooling: the maximum of a map in each of size × size bins of each region.

    Inputs as of `roi_align`. Corners are rounded to cells of the map, and bins, too, so that one reaches from
    the floor of its start to the ceiling of its end: a region that is moved by less gives the same numbers.

    Shapes: (channels, h, w), …, (k, 4 or more), (channels, H, W) → (channels, k, size, size), or flat
    (channels · size², k). No parameters. It takes k · channels · h · w numbers of memory a map. Girshick
    2015, section 2.1.
    """

    kind: Literal["roi_pool"] = "roi_pool"
    guide: ClassVar[Guide | None] = Guide(
        pros=("One map of the picture serves all regions: R-CNN ran its network for each.",),
        cons=("Rounds twice, so that a region and its numbers are off by up to a cell.",),
        use="In Fast R-CNN and the first Faster R-CNN; RoIAlign has taken its place.",
        example=Example(
            "Move a region by half a cell: the same numbers come, where RoIAlign's change.",
        ),
        mistakes=(
            Mistake(
                "It scales regions like a picture.",
                "It takes maxima over bins whose borders are rounded; bins of one region differ in size.",
            ),
        ),
        tex=(r"y_{ij} = \max_{u \in \text{bin}(i,j)} x_u",),
    )

    def cut(self, maps: list[list[int]], picture: list[int]) -> Call:
        return Call(PooledRegions, picture, self.size, self.canonical, self.middle, self.flat)


class AlignedRegions(torch.nn.Module):
    """RoIAlign of regions, each on the map of its level."""

    def __init__(
        self, picture: list[int], size: int, samples: int, canonical: float, middle: int, flat: bool
    ) -> None:
        super().__init__()
        self.picture, self.size, self.samples = picture, size, samples
        self.canonical, self.middle, self.flat = canonical, middle, flat

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        maps, boxes = list(given[:-2]), given[-2][..., :4].detach()
        levels = region_levels(boxes, len(maps), self.canonical, self.middle)
        found = pyramid_regions(maps, boxes, levels, self.picture, self.size, self.samples)
        return flat_regions(found) if self.flat else found


class PooledRegions(torch.nn.Module):
    """RoI pooling of regions, each on the map of its level."""

    def __init__(self, picture: list[int], size: int, canonical: float, middle: int, flat: bool) -> None:
        super().__init__()
        self.picture, self.size, self.canonical = picture, size, canonical
        self.middle, self.flat = middle, flat

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        maps, boxes = list(given[:-2]), given[-2][..., :4].detach()
        n, regions = boxes.shape[:2]
        levels = region_levels(boxes, len(maps), self.canonical, self.middle).flatten()
        pictures = torch.arange(n, device=boxes.device).repeat_interleave(regions)
        each = boxes.flatten(0, 1)
        found = maps[0].new_zeros(())
        for level, x in enumerate(maps):
            cells = pooled_regions(x, each, pictures, self.size, x.shape[2] / self.picture[0])
            found = torch.where((levels == level)[:, None, None, None], cells, found)
        found = found.reshape(n, regions, *found.shape[1:]).transpose(1, 2)
        return flat_regions(found) if self.flat else found


def flat_regions(found: torch.Tensor) -> torch.Tensor:
    """Each region as one column: (n, channels, k, size, size) → (n, channels · size², k)."""
    return found.permute(0, 1, 3, 4, 2).flatten(1, 3)
