"""RetinaNet."""

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
from glassnet.engine.items.initializers.constant import Constant, Zeros
from glassnet.engine.items.initializers.normal import Normal
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape
from glassnet.engine.items.targets import Family

#: The levels of the pyramid, the first three of which read stages of the classifier.
LEVELS = (3, 4, 5, 6, 7)

#: Three sizes of anchors to an octave, and three ratios of height to width: 3 × 3 at each place.
SCALES = (1.0, 2 ** (1 / 3), 2 ** (2 / 3))
RATIOS = (0.5, 1.0, 2.0)
ANCHORS = len(SCALES) * len(RATIOS)

#: The channels of the levels and heads, the convolutions of a head, and the spread of its weights.
CHANNELS, CONVOLUTIONS, SPREAD = 256, 4, 0.01

#: π, how likely an object is at the start, at each anchor.
RARE = 0.01


class RetinaNet(Stemmed):
    """RetinaNet: a pyramid of maps, two small heads for all its levels, and a loss that hears the few.

    ResNet's last three stages become the levels P3 to P7 of a feature pyramid; a head for classes and one for
    boxes, four 3×3 convolutions each and one more for the answer, are applied to every level with the same
    weights. Nine anchors at each place; each class has a sigmoid, whose bias starts at
    −log((1 − π) / π) with π = 0.01, so that the ground does not drown the first steps. Its norms are frozen
    unless it trains without weights. With 50 layers and 91 classes, as torchvision counts COCO, it has
    34,014,999 parameters, and 151.5 thousand million multiply-adds at 800×800. P6 is made from P5, as there;
    in the paper from the last stage. Lin et al. 2017b, section 4.
    """

    kind: Literal["retinanet"] = "retinanet"
    year: ClassVar[int | None] = 2017
    published_input: ClassVar[Shape | None] = (3, 800, 800)
    published_classes: ClassVar[int] = 91
    answers: ClassVar[Family] = "boxes"
    losses: ClassVar[Sequence[Mapping[str, Any]]] = ({"kind": "focal_boxes"},)
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "One stage as precise as two were: the loss was in the way, not the missing second stage.",
            "Small things are found on fine levels, large ones on coarse ones, by the same weights.",
        ),
        cons=(
            "Hundreds of thousands of anchors for a large picture, of which a handful is an object.",
            "Its heads read every level: most of its work is there.",
        ),
        use="Where one stage must do, with objects of many sizes.",
        example=Example(
            "Look at the scores before the first step: all are about one in a hundred.",
        ),
        mistakes=(
            Mistake(
                "Focal loss is for classes that are rare among the objects.",
                "It is for the ground, which outnumbers objects a thousand to one and is mostly easy.",
            ),
            Mistake(
                "Each level of the pyramid has heads of its own.",
                "All levels share two: one for classes and one for boxes.",
            ),
        ),
        tex=(r"b = -\log \frac{1 - \pi}{\pi}, \quad \pi = 0.01",),
    )
    depth: Depth = option(50, "How many layers of the ResNet have weights.")
    norm: Literal["frozen", "batch"] = option(
        "frozen", "Whether its batch norms are frozen, as published, or learn, as they must without weights."
    )
    anchor_size: float = option(
        4.0, "The side of the smallest anchor at a place, in cells of its level.", ge=0.5, le=32
    )

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "a picture: channels × height × width")
        classes = self.class_count(context)
        levels = [f"pyramid.level{level}" for level in LEVELS]
        pairs = [
            f"{head}.map{place}.answer"
            for place in range(1, len(LEVELS) + 1)
            for head in ("boxes", "classes")
        ]
        return [
            *self._resnet().features(),
            FeaturePyramid(
                name="pyramid",
                inputs=["stage2", "stage3", "stage4"],
                filters=self.wide(CHANNELS),
                first=LEVELS[0],
                further=2,
            ),
            SharedHead(name="classes", inputs=levels, body=self._head(ANCHORS * classes, rare=True)),
            SharedHead(name="boxes", inputs=levels, body=self._head(ANCHORS * 4, rare=False)),
            AnchorBoxes(
                name="output",
                inputs=[*pairs, INPUT],
                anchors=self._anchors(),
                offset_weights=[1.0] * 4,
                scores="sigmoid",
                separate=True,
            ),
        ]

    def _resnet(self) -> ResNet:
        return ResNet(depth=self.depth, width=self.width, stem=self.stem, frozen_norm=self.norm == "frozen")

    def _head(self, numbers: int, rare: bool) -> list[Node]:
        filters = self.wide(CHANNELS)
        # At another width as much more as keeps what the paper's spread does to a signal.
        spread = Normal(std=min(100.0, SPREAD * math.sqrt(CHANNELS / filters)))
        nodes: list[Node] = []
        for number in range(1, CONVOLUTIONS + 1):
            nodes += [
                Conv2d(name=f"conv{number}", filters=filters, padding="same", initializer=spread),
                ReLU(name=f"relu{number}"),
            ]
        bias = Constant(value=-math.log((1 - RARE) / RARE)) if rare else Zeros()
        answer = Conv2d(
            name="answer", filters=numbers, padding="same", initializer=spread, bias_initializer=bias
        )
        return [*nodes, answer]

    def _anchors(self) -> list[list[list[float]]]:
        """The anchors of each level, whose cells are 2 to its number wide, with the small stem a quarter."""
        finer = 4 if self.stem == "small" else 1
        return [nine_anchors(self.anchor_size * 2**level / finer) for level in LEVELS]


def nine_anchors(least: float) -> list[list[float]]:
    """Width and height for every ratio and scale, at equal area, as `anchor_sizes` has them: (9, 2).

    Numbers, not tensors: where networks are planned a tensor has none.
    """
    return [
        [least * scale / math.sqrt(ratio), least * scale * math.sqrt(ratio)]
        for ratio in RATIOS
        for scale in SCALES
    ]
