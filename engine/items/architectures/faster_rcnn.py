"""Faster R-CNN."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.architectures.resnet import Depth, ResNet
from glassnet.engine.items.blocks.feature_pyramid import FeaturePyramid
from glassnet.engine.items.blocks.shared_head import SharedHead
from glassnet.engine.items.initializers.normal import Normal
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes
from glassnet.engine.items.layers.convolution import Conv1d, Conv2d
from glassnet.engine.items.layers.proposals import Proposals, RegionBoxes
from glassnet.engine.items.layers.regions import RoiAlign, RoiPool
from glassnet.engine.items.node import INPUT, Context, Node, Shape
from glassnet.engine.items.targets import Family

#: The last of the stages that the pyramid reads; a level more comes of every second number of its map.
LAST = 5

#: Ratios of height to width of the anchors at each place, one size to a level.
RATIOS = (0.5, 1.0, 2.0)

#: The channels of the levels, the units of the dense layers, and the spread of the last weights.
CHANNELS, UNITS, SPREAD, OFFSET_SPREAD = 256, 1024, 0.01, 0.001

#: How many levels there are as published, from each of which as many candidates are looked at as are kept.
LOOKED = 5

#: The side of a region that is read from level 4.
CANONICAL = 224.0


class TwoStage(Stemmed):
    """A detector that proposes regions of a feature pyramid, and looks at each of them again."""

    published_input: ClassVar[Shape | None] = (3, 800, 800)
    published_classes: ClassVar[int] = 90

    depth: Depth = option(50, "How many layers of the ResNet have weights.")
    norm: Literal["frozen", "batch"] = option(
        "frozen", "Whether its batch norms are frozen, as published, or learn, as they must without weights."
    )
    finest: Literal[2, 3, 4] = option(
        2, "The finest level of the pyramid; 3 in place of 2 spares most of the work of small pictures."
    )
    anchor_size: float = option(8.0, "The side of the anchors, in cells of their level.", ge=0.5, le=64)
    proposed: int = option(1000, "How many regions are proposed and looked at again.", ge=1, le=2000)
    regions: Literal["align", "pool"] = option(
        "align", "How regions are read: by RoIAlign, or by RoI pooling, as in the first paper."
    )

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "a picture: channels × height × width")
        return [
            *self._resnet().features(),
            FeaturePyramid(
                name="pyramid",
                inputs=[f"stage{level - 1}" for level in range(self.finest, LAST + 1)],
                filters=self.wide(CHANNELS),
                first=self.finest,
                further=1,
                further_by="pooling",
            ),
            *self._first_stage(),
            *self._second_stage(self.class_count(context)),
        ]

    def _resnet(self) -> ResNet:
        return ResNet(depth=self.depth, width=self.width, stem=self.stem, frozen_norm=self.norm == "frozen")

    def _first_stage(self) -> list[Node]:
        """The head that all levels share, what it says of anchors, and the best of these."""
        levels = range(self.finest, LAST + 2)
        maps = range(1, len(levels) + 1)
        pairs = [f"rpn_head.map{place}.{answer}" for place in maps for answer in ("boxes", "objects")]
        return [
            SharedHead(
                name="rpn_head",
                inputs=[f"pyramid.level{level}" for level in levels],
                body=[
                    self._spread("conv", self.wide(CHANNELS), 3),
                    ReLU(name="relu"),
                    self._spread("objects", len(RATIOS), 1),
                    self._spread("boxes", 4 * len(RATIOS), 1, reads="relu"),
                ],
            ),
            AnchorBoxes(
                name="rpn",
                inputs=[*pairs, INPUT],
                anchors=[three_anchors(self.anchor_size * 2**level / self._finer()) for level in levels],
                offset_weights=[1.0] * 4,
                scores="sigmoid",
                separate=True,
            ),
            Proposals(
                name="proposals",
                inputs=["rpn", INPUT],
                looked=LOOKED * self.proposed,
                kept=self.proposed,
            ),
        ]

    def _second_stage(self, classes: int) -> list[Node]:
        """Regions of the levels, two dense layers for each, and what they answer."""
        units = self.wide(UNITS)

        def dense(name: str, filters: int, spread: float | None = None, reads: str | None = None) -> Conv1d:
            inputs = None if reads is None else [reads]
            if spread is None:
                return Conv1d(name=name, inputs=inputs, filters=filters, kernel=1)
            start = Normal(std=spread)
            return Conv1d(name=name, inputs=inputs, filters=filters, kernel=1, initializer=start)

        return [
            self._regions("regions", "proposals", 7, flat=True),
            dense("dense1", units),
            ReLU(name="dense1_relu"),
            dense("dense2", units),
            ReLU(name="dense2_relu"),
            dense("classes", classes + 1, self._as_spread(SPREAD, UNITS, units)),
            dense(
                "offsets",
                4 * (classes + 1),
                self._as_spread(OFFSET_SPREAD, UNITS, units),
                reads="dense2_relu",
            ),
            RegionBoxes(name="output", inputs=["proposals", "classes", "offsets"]),
        ]

    def _regions(self, name: str, boxes: str, size: int, flat: bool) -> RoiAlign | RoiPool:
        """Regions of the pyramid's own levels; the further one is for large anchors alone."""
        kind = RoiAlign if self.regions == "align" else RoiPool
        return kind(
            name=name,
            inputs=[*(f"pyramid.level{level}" for level in range(self.finest, LAST + 1)), boxes, INPUT],
            size=size,
            canonical=CANONICAL / self._finer(),
            middle=4 - self.finest,
            flat=flat,
        )

    def _finer(self) -> int:
        """How much smaller cells are than published, whose side in level 5 is 32 pixels."""
        return 4 if self.stem == "small" else 1

    def _spread(self, name: str, filters: int, kernel: int, reads: str | None = None) -> Conv2d:
        return Conv2d(
            name=name,
            inputs=None if reads is None else [reads],
            filters=filters,
            kernel=kernel,
            padding="same",
            initializer=Normal(std=self._as_spread(SPREAD, CHANNELS, self.wide(CHANNELS))),
        )

    @staticmethod
    def _as_spread(published: float, width: int, here: int) -> float:
        """At another width as much more as keeps what the published spread does to a signal."""
        return min(100.0, published * math.sqrt(width / here))


class FasterRCNN(TwoStage):
    """Faster R-CNN: a network proposes regions, and looks at each of them again to name and correct it.

    A ResNet's stages become the levels P2 to P6 of a feature pyramid. First stage (RPN): one small head for
    all levels says of 3 anchors at each place whether they hold an object, and moves them; the best, without
    those that overlap too much, are the proposals. Second stage: RoIAlign cuts each proposal out of the level
    of its size, 7×7 cells; two dense layers, the same for each region, give a class, or the ground, and
    offsets for each class. Its norms are frozen unless it trains without weights. With 50 layers and 91
    outputs, as torchvision counts COCO with the ground, it has 41,755,286 parameters, and 134.4 thousand
    million multiply-adds at 800×800 with 1,000 proposals. The paper has VGG-16, one map with k = 9 anchors,
    and RoI pooling. Ren et al. 2015; Lin et al. 2017, section 5.
    """

    kind: Literal["faster_rcnn"] = "faster_rcnn"
    year: ClassVar[int | None] = 2015
    answers: ClassVar[Family] = "boxes"
    losses: ClassVar[Sequence[Mapping[str, Any]]] = (
        {"name": "region_class", "kind": "fast_rcnn", "part": "class"},
        {"name": "region_box", "kind": "fast_rcnn", "part": "box"},
        {"name": "objectness", "kind": "proposals", "part": "object", "node": "rpn"},
        {"name": "anchor_box", "kind": "proposals", "part": "box", "node": "rpn"},
    )
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Precise: each region is looked at twice, the second time at its own size.",
            "Proposals cost next to nothing: the maps are there anyway.",
        ),
        cons=(
            "Two stages with four losses, the second of which learns only what the first proposes.",
            "Slower than detectors with one stage, by as much as there are proposals.",
        ),
        use="Where precision counts more than speed, and things are small or many.",
        example=Example(
            "Watch the four losses: the proposals' fall first, the boxes of regions last.",
        ),
        mistakes=(
            Mistake(
                "It has 3 + 3 anchors at each place.",
                "3 scales × 3 ratios: k = 9. With a pyramid, 3 ratios at each of 5 levels.",
            ),
            Mistake(
                "Positive anchors are those with IoU of 0.5.",
                "Of 0.7 or more, or the best of an object; negative ones are below 0.3.",
            ),
            Mistake(
                "Proposals come from selective search.",
                "That was R-CNN and Fast R-CNN: here a network proposes, which is what made it faster.",
            ),
        ),
        tex=(r"L = L_{\text{cls}} + L_{\text{box}} + L_{\text{rpn cls}} + L_{\text{rpn box}}",),
    )


def three_anchors(side: float) -> list[list[float]]:
    """Width and height for every ratio, at equal area."""
    return [[side / math.sqrt(ratio), side * math.sqrt(ratio)] for ratio in RATIOS]
