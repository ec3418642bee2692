"""SSD."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.architectures.vgg import WIDTHS
from glassnet.engine.items.layers import require_dimensions, shape_text
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.l2_norm import L2Norm
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape
from glassnet.engine.items.targets import Family

#: The convolutions of each of VGG-16's stages.
CONVOLUTIONS = (2, 2, 3, 3, 3)

#: Of each further pair of convolutions the filters, and stride and padding of the second, a 3×3.
EXTRA = ((256, 512, 2, 1), (128, 256, 2, 1), (128, 256, 1, 0), (128, 256, 1, 0))

#: The anchors at each place of each map: ratios of width to height beside 1, and their inverses.
RATIOS = ((2,), (2, 3), (2, 3), (2, 3), (2,), (2,))

#: The least side of each map's anchors as a share of the picture's, and of one map more: 30, 60, … of 300.
SIDES = (0.1, 0.2, 0.37, 0.54, 0.71, 0.88, 1.05)

#: The least side of a picture: the fifth stage then has two cells a side.
LEAST = 32


class SSD(Architecture):
    """SSD: six maps of a classifier and of what follows it answer at once, fine ones for small objects.

    VGG-16 up to its fifth stage; its dense layers as a 3×3 convolution with dilation 6 and a 1×1; then pairs
    of a 1×1 and a 3×3 that make the map smaller: 38, 19, 10, 5, 3 and 1 cells a side at 300×300. A 3×3
    convolution on each gives, for each of its 4 or 6 anchors, a box and the classes with the ground: 8,732
    candidates. The numbers of the fourth stage are brought to one length first (L2 norm, from 20 on). SSD300
    with the 20 classes of PASCAL VOC has 26,285,486 parameters. Of small pictures, which must have 32 pixels
    a side, fewer maps answer. Liu et al. 2016, section 2.
    """

    kind: Literal["ssd"] = "ssd"
    year: ClassVar[int | None] = 2016
    published_input: ClassVar[Shape | None] = (3, 300, 300)
    published_classes: ClassVar[int] = 20
    answers: ClassVar[Family] = "boxes"
    losses: ClassVar[Sequence[Mapping[str, Any]]] = ({"kind": "multibox"},)
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Several scales in one pass, from maps that are computed anyway.",
            "As precise as the two-stage detectors of its time, and faster than the first YOLO.",
        ),
        cons=(
            "Small objects are sought on an early map, which knows little of what it sees.",
            "Anchors are many, and their sizes and ratios chosen by hand.",
        ),
        use="Where a picture must be searched quickly, and things have several sizes.",
        example=Example(
            "Look which map finds what: small shapes the first, large ones the last.",
        ),
        mistakes=(
            Mistake(
                "SSD scales the picture to find objects of several sizes.",
                "It looks once: maps of several sizes answer, each for anchors of its own.",
            ),
            Mistake(
                "All anchors of the ground are learned from.",
                "Only the hardest, three for each anchor that is matched.",
            ),
        ),
        tex=(r"38^2 \cdot 4 + 19^2 \cdot 6 + 10^2 \cdot 6 + 5^2 \cdot 6 + 3^2 \cdot 4 + 4 = 8732",),
    )
    maps: int | None = option(
        None,
        "How many maps answer, from the finest on; empty: as many as the picture has room for.",
        ge=1,
        le=6,
    )
    anchor_scale: float = option(
        1.0,
        "How much larger all anchors are than published, where 30 of 300 pixels are least.",
        ge=0.1,
        le=10,
    )
    batch_norm: bool = option(
        False, "Whether batch norm follows each convolution, which helps to train without VGG's weights."
    )

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "a picture: channels × height × width")
        classes = self.class_count(context)
        sides = map_sides(min(context.shape[1:]))
        if min(context.shape[1:]) < LEAST or len(sides) < (self.maps or 1):
            raise ValueError(
                f"{shape_text(context.shape)} arrives, with room for {len(sides)} maps; expected at least "
                f"{LEAST}×{LEAST} pixels, and room for {self.maps or 1}"
            )
        maps = self.maps or len(sides)
        read = ["norm4_3", self._end("conv7"), *(self._end(f"conv{number}_2") for number in range(8, 12))]
        heads = [
            Conv2d(
                name=f"head{number}",
                inputs=[reads],
                filters=anchor_count(number) * (4 + 1 + classes),
                padding="same",
            )
            for number, reads in enumerate(read[:maps], 1)
        ]
        return [
            *self._vgg(dilation=max(1, min(6, sides[1] // 3))),
            *self._extra(maps),
            L2Norm(name="norm4_3", inputs=[self._end("conv4_3")]),
            *heads,
            AnchorBoxes(
                name="output",
                inputs=[*(head.name or "" for head in heads), INPUT],
                anchors=self._anchors(min(context.shape[1:]), maps),
            ),
        ]

    def _vgg(self, dilation: int) -> list[Node]:
        """VGG-16 up to its fifth stage, and its dense layers as convolutions."""
        nodes: list[Node] = []
        for stage, (filters, count) in enumerate(zip(WIDTHS, CONVOLUTIONS, strict=True), 1):
            for number in range(1, count + 1):
                nodes += self._conv(f"conv{stage}_{number}", filters, first=not nodes)
            if stage == 5:
                nodes.append(MaxPool2d(name="pool5", kernel=3, stride=1, padding=1))
            else:
                nodes.append(MaxPool2d(name=f"pool{stage}", ceil_mode=True))
        # Of a small map a dilation of 6, a third of the published map, would reach beyond its edges only.
        nodes += self._conv("conv6", 1024, dilation=dilation, padding=dilation)
        return [*nodes, *self._conv("conv7", 1024, kernel=1)]

    def _extra(self, maps: int) -> list[Node]:
        """The pairs of convolutions behind VGG, as many as there are maps."""
        nodes: list[Node] = []
        for number, (few, filters, stride, padding) in enumerate(EXTRA[: max(0, maps - 2)], 8):
            nodes += self._conv(f"conv{number}_1", few, kernel=1)
            nodes += self._conv(f"conv{number}_2", filters, stride=stride, padding=padding)
        return nodes

    def _conv(
        self,
        name: str,
        filters: int,
        kernel: int = 3,
        *,
        first: bool = False,
        stride: int = 1,
        padding: int | None = None,
        dilation: int = 1,
    ) -> list[Node]:
        conv = Conv2d(
            name=name,
            inputs=[INPUT] if first else None,
            filters=self.wide(filters),
            kernel=kernel,
            stride=stride,
            padding=kernel // 2 if padding is None else padding,
            dilation=dilation,
        )
        norm = [BatchNorm(name=f"{name}_norm")] if self.batch_norm else []
        return [conv, *norm, ReLU(name=f"{name}_relu")]

    def _end(self, name: str) -> str:
        """The node that ends a convolution."""
        return f"{name}_relu"

    def _anchors(self, side: int, maps: int) -> list[list[list[float]]]:
        """The anchors of each map, in pixels: two squares, and for each ratio a wide and a high one."""
        found = []
        for place in range(maps):
            least, next_one = (self.anchor_scale * side * share for share in SIDES[place : place + 2])
            between = math.sqrt(least * next_one)
            sizes = [[least, least], [between, between]]
            for ratio in RATIOS[place]:
                wide, narrow = least * math.sqrt(ratio), least / math.sqrt(ratio)
                sizes += [[wide, narrow], [narrow, wide]]
            found.append(sizes)
        return found


def anchor_count(number: int) -> int:
    """How many anchors a place of a map, counted from 1, has."""
    return 2 + 2 * len(RATIOS[number - 1])


def map_sides(side: int) -> list[int]:
    """The cells a side of each map that a picture of so many pixels has room for, from the finest on.

    The first has an eighth of the side, the second a sixteenth, rounded up. A further convolution needs two
    cells where it is padded, and as many as its kernel has where it is not.
    """
    sides = [-(-side // 8), -(-side // 16)]
    for _, _, stride, padding in EXTRA:
        if sides[-1] < 3 - padding:
            break
        sides.append((sides[-1] + 2 * padding - 3) // stride + 1)
    return sides
