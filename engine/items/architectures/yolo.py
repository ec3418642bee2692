"""YOLO v2 and v3: detectors of one stage with anchors."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.architectures.darknet import BLOCKS, LEAKY, darknet53_stages
from glassnet.engine.items.blocks.parts import normalized
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.initializers.normal import Normal
from glassnet.engine.items.layers.anchor_boxes import AnchorBoxes, Sizes
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.merge import Concatenate
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.layers.space_to_depth import SpaceToDepth
from glassnet.engine.items.layers.upsample import Upsample
from glassnet.engine.items.node import INPUT, Context, Node, OptionError, Shape
from glassnet.engine.items.targets import Family

#: The side of the pictures for whose boxes the published anchors were found.
SIDE = 416

#: Widths and heights found by k-means in the boxes of COCO, in pixels of pictures of that side.
ANCHORS_V2 = ((18.33, 21.68), (59.98, 66.0), (106.83, 175.18), (252.25, 112.89), (312.66, 293.38))
ANCHORS_V3 = (
    *((10.0, 13.0), (16.0, 30.0), (33.0, 23.0)),
    *((30.0, 61.0), (62.0, 45.0), (59.0, 119.0)),
    *((116.0, 90.0), (156.0, 198.0), (373.0, 326.0)),
)

#: How probable an object is at an anchor before anything is learned, as Lin et al. 2017 have it, section 3.3:
#: the papers start with one half, and need thousands of steps for silence.
PRIOR = 0.01

#: The filters of Darknet-19's stages, each after a pooling but the first: 3×3 and 1×1 in turn.
STAGES = (
    (32,),
    (64,),
    (128, 64, 128),
    (256, 128, 256),
    (512, 256, 512, 256, 512),
    (1024, 512, 1024, 512, 1024),
)


class Yolo(Stemmed, ABC):
    """A YOLO with anchors: a front, and for each of its maps a number of anchors."""

    published_classes: ClassVar[int] = 80
    answers: ClassVar[Family] = "boxes"
    #: The published anchors, for pictures of `SIDE` pixels.
    published_anchors: ClassVar[tuple[tuple[float, float], ...]]
    #: How many maps have anchors, alike many each.
    maps: ClassVar[int] = 1

    anchors: Sizes | None = option(
        None,
        "Width and height of each anchor in pixels, from the smallest; empty: those published, found in the "
        "boxes of COCO, as shares of the picture. The study anchor_sizes finds those of your data.",
    )

    def _anchors(self, picture: Shape) -> list[list[float]]:
        """The width and height of every anchor. Raises OptionError where maps cannot share them out."""
        if self.anchors is None:
            across, down = picture[2] / SIDE, picture[1] / SIDE
            return [[round(w * across, 2), round(h * down, 2)] for w, h in self.published_anchors]
        if len(self.anchors) % self.maps:
            raise OptionError(
                "anchors",
                f"{len(self.anchors)} anchors for {self.maps} maps; expected a multiple of {self.maps}",
            )
        return self.anchors

    def _numbers(self, context: Context, anchors: int) -> int:
        """The channels of a map: for each anchor four numbers, an objectness and the classes."""
        return anchors * (5 + self.class_count(context))

    def _last(self, name: str, numbers: int) -> Node:
        """The convolution that gives a map's numbers: it starts so small that boxes are their anchors."""
        return Conv2d(name=name, filters=numbers, kernel=1, initializer=Normal(std=0.01))

    def _check_sides(self, context: Context, stride: int) -> None:
        """Raise ValueError where the picture cannot be halved as often as the network does."""
        shape = context.shape
        if len(shape) != 3 or any(size % stride for size in shape[1:]):
            text = "×".join(map(str, shape))
            raise ValueError(f"pictures of {text}; expected sides that are multiples of {stride}")


class YoloV2(Yolo):
    """YOLO v2: Darknet-19 and a head that reads its last map beside a finer one, five anchors a cell.

    The finer map, 26 × 26 cells of pictures of 416, is narrowed to 64 channels, its squares of four cells
    laid one behind the other, and put beside the coarse one (the passthrough). Anchors were found by k-means
    with the distance 1 − IoU in the boxes of the data. 50,962,889 parameters with the 80 classes of COCO.
    With the small stem the first two poolings are left out, so that cells are 8 pixels wide, not 32.
    Redmon & Farhadi 2017, section 2.
    """

    kind: Literal["yolo_v2"] = "yolo_v2"
    year: ClassVar[int | None] = 2016
    published_input: ClassVar[Shape | None] = (3, 608, 608)
    published_anchors: ClassVar[tuple[tuple[float, float], ...]] = ANCHORS_V2
    losses: ClassVar[Sequence[Mapping[str, Any]]] = ({"kind": "yolo_v2"},)
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Fully convolutional: pictures of any multiple of 32 pixels, which was changed while it trained.",
            "Anchors from the data nearly fit before it has learned anything.",
        ),
        cons=("One coarse map: small objects that stand close together are missed.",),
        use="To see what anchors and batch norm brought to YOLO; where speed counts.",
        example=Example(
            "The boxes come up over the pictures; follow the map that bypasses the last stage.",
            preset="yolo-v2-scenes",
        ),
        mistakes=(
            Mistake(
                "Anchors are found by k-means on widths and heights with the Euclidean distance.",
                "Large boxes would then count most: the distance is 1 − IoU.",
            ),
            Mistake(
                "YOLO v2 ends in dense layers, as v1 does.",
                "They are gone: the last layer is a 1×1 convolution over the cells.",
            ),
        ),
        tex=(
            r"x = c_x + \sigma(t_x), \quad w = p_w e^{t_w}",
            r"d(\text{box}, \text{centroid}) = 1 - \mathrm{IoU}",
        ),
    )

    def expand(self, context: Context) -> list[Node]:
        self._check_sides(context, 8 if self.stem == "small" else 32)
        anchors = self._anchors(context.shape)
        nodes: list[Node] = []
        for number, filters in enumerate(STAGES, 1):
            if number > (3 if self.stem == "small" else 1):
                nodes.append(MaxPool2d(name=f"pool{number - 1}"))
            nodes.append(self._stage(f"stage{number}", filters))
        numbers = self._numbers(context, len(anchors))
        boxes = AnchorBoxes(
            name="output",
            inputs=["cells", INPUT],
            anchors=[anchors],
            coding="cells",
            objectness=True,
            prior=PRIOR,
        )
        return [
            *nodes,
            Subnetwork(
                name="extra",
                body=[node for number in (1, 2) for node in self._conv(f"conv{number}", 1024, 3)],
            ),
            Subnetwork(
                name="passthrough",
                inputs=["stage5"],
                body=[*self._conv("conv", 64), SpaceToDepth(name="folded")],
            ),
            Concatenate(name="joined", inputs=["passthrough", "extra"]),
            *self._conv("head", 1024, 3),
            self._last("cells", numbers),
            boxes,
        ]

    def _stage(self, name: str, filters: Sequence[int]) -> Node:
        body: list[Node] = []
        for number, each in enumerate(filters, 1):
            body += self._conv(f"conv{number}", each, 3 if number % 2 else 1)
        return Subnetwork(name=name, body=body)

    def _conv(self, name: str, filters: int, kernel: int = 1) -> list[Node]:
        return normalized(name, self.wide(filters), kernel, activation=LEAKY)


class YoloV3(Yolo):
    """YOLO v3: Darknet-53, and boxes from three of its maps, three anchors a cell of each.

    Coarse features are narrowed, enlarged and put beside the finer ones, so that small objects are told
    apart by what is known of their surroundings. Classes do not exclude each other. 61,949,149 parameters
    with the 80 classes of COCO. With the small stem the first two convolutions that halve the sides keep
    them, so that cells are 8, 4 and 2 pixels wide, not 32, 16 and 8. Redmon & Farhadi 2018, section 2.
    """

    kind: Literal["yolo_v3"] = "yolo_v3"
    year: ClassVar[int | None] = 2018
    published_input: ClassVar[Shape | None] = (3, 608, 608)
    published_anchors: ClassVar[tuple[tuple[float, float], ...]] = ANCHORS_V3
    losses: ClassVar[Sequence[Mapping[str, Any]]] = ({"kind": "yolo_v3"},)
    maps: ClassVar[int] = 3
    guide: ClassVar[Guide | None] = Guide(
        pros=("Small objects are answered for by fine maps, large ones by coarse ones.",),
        cons=("Three maps give ten thousand boxes and more, nearly all of them ground.",),
        use="Where objects differ much in size.",
        example=Example(
            "Compare the three maps: which size does each of them answer for?",
            preset="yolo-v3-scenes",
        ),
        mistakes=(
            Mistake(
                "Every scale predicts with all nine anchors.",
                "Each has three: the finest map the three smallest, the coarsest the three largest.",
            ),
        ),
        tex=(r"x = c_x + \sigma(t_x), \quad w = p_w e^{t_w}", r"\text{score}_c = \sigma(t_o) \, \sigma(t_c)"),
    )

    blocks: list[Annotated[int, Field(ge=0, le=16, json_schema_extra={"default": 1})]] = option(
        list(BLOCKS),
        "How many residual blocks each of the five stages of Darknet-53 has.",
        min_length=5,
        max_length=5,
    )

    def expand(self, context: Context) -> list[Node]:
        self._check_sides(context, 8 if self.stem == "small" else 32)
        anchors = self._anchors(context.shape)
        share = len(anchors) // self.maps
        numbers = self._numbers(context, share)
        nodes = darknet53_stages(self.wide, self.stem == "small", self.blocks)
        for number, filters in enumerate((512, 256, 128), 1):
            if number > 1:
                finer = f"stage{6 - number}"
                nodes += [
                    *normalized(
                        f"narrow{number}", self.wide(filters), reads=f"neck{number - 1}", activation=LEAKY
                    ),
                    Upsample(name=f"enlarged{number}"),
                    Concatenate(name=f"joined{number}", inputs=[f"enlarged{number}", finer]),
                ]
            nodes += [self._neck(number, filters), self._cells(number, filters, numbers)]
        grouped = [anchors[share * place : share * (place + 1)] for place in (2, 1, 0)]
        boxes = AnchorBoxes(
            name="output",
            inputs=["cells1", "cells2", "cells3", INPUT],
            anchors=grouped,
            coding="cells",
            objectness=True,
            scores="sigmoid",
            prior=PRIOR,
        )
        return [*nodes, boxes]

    def _neck(self, number: int, filters: int) -> Node:
        """Five convolutions, 1×1 and 3×3 in turn, from which a map's boxes and the next map are made."""
        body: list[Node] = []
        for place in range(1, 6):
            wide, kernel = (filters, 1) if place % 2 else (2 * filters, 3)
            body += normalized(f"conv{place}", self.wide(wide), kernel, activation=LEAKY)
        return Subnetwork(name=f"neck{number}", body=body)

    def _cells(self, number: int, filters: int, numbers: int) -> Node:
        nodes = normalized("conv", self.wide(2 * filters), 3, activation=LEAKY)
        return Subnetwork(name=f"cells{number}", body=[*nodes, self._last("numbers", numbers)])
