"""YOLO v1."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import LeakyReLU
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.layers import require_dimensions, shape_text
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.cell_boxes import CellBoxes
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.flatten import Flatten
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.layers.reshape import Reshape
from glassnet.engine.items.node import INPUT, Context, Node, Shape
from glassnet.engine.items.targets import Family

#: Filters and kernel of the convolutions of each stage (the paper's figure 3). A pooling ends the first four.
STAGES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((64, 7),),
    ((192, 3),),
    ((128, 1), (256, 3), (256, 1), (512, 3)),
    (*((256, 1), (512, 3)) * 4, (512, 1), (1024, 3)),
    (*((512, 1), (1024, 3)) * 2, (1024, 3), (1024, 3)),
    ((1024, 3), (1024, 3)),
)

#: The convolutions that halve the side beside the poolings.
STRIDED = {"conv1_1", "conv5_6"}

LEAKY = LeakyReLU(slope=0.1)


class YoloV1(Stemmed):
    """YOLO v1: one look at the picture answers for all cells of a grid at once, as one regression.

    24 convolutions with leaky ReLU and no batch norm, and two dense layers, whose last gives S · S · (5 B +
    classes) numbers: 7 × 7 × 30 with S = 7, B = 2 and the 20 classes of PASCAL VOC. At 448×448 it has
    271,703,550 parameters, 78 % of them in the dense layers. `cell_boxes` reads the numbers as boxes; the
    loss yolo_v1 teaches them. The side is divided by 64, with the small stem by 8; pictures must be as large,
    and 16 pixels. Redmon et al. 2016, figure 3.
    """

    kind: Literal["yolo_v1"] = "yolo_v1"
    year: ClassVar[int | None] = 2015
    published_input: ClassVar[Shape | None] = (3, 448, 448)
    published_classes: ClassVar[int] = 20
    answers: ClassVar[Family] = "boxes"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "No proposals, no second stage: 45 pictures a second in 2015.",
            "Each answer sees the whole picture, so ground is seldom taken for an object.",
        ),
        cons=(
            "A cell has one class: of small things in a flock most are missed.",
            "Boxes come from nothing, not from anchors: places are coarser than those of later detectors.",
        ),
        use="As the first detector to understand: a picture, a grid, one sum of squares.",
        example=Example(
            "Each cell answers: look at the numbers of one, and at the boxes that they mean.",
        ),
        mistakes=(
            Mistake(
                "Its 7 × 7 × 30 numbers are 98 boxes with 30 numbers each.",
                "Each cell has two boxes of five numbers, and 20 classes that both share: 2 · 5 + 20 = 30.",
            ),
            Mistake(
                "YOLO's first version has anchor boxes and batch norm.",
                "Both came with its second.",
            ),
        ),
        tex=(r"S \cdot S \cdot (5 B + C) = 7 \cdot 7 \cdot 30 = 1470",),
    )
    stem: Literal["published", "small"] = option(
        "published",
        "As published, or for small pictures: without the two strides and the first pooling, so that the "
        "side is divided by 8, not by 64.",
    )
    grid: int = option(
        7, "S, the cells along each side; with the head `convolution` the maps say it.", ge=1, le=64
    )
    boxes: int = option(2, "B, the boxes of each cell.", ge=1, le=16)
    head: Literal["dense", "convolution"] = option(
        "dense",
        "Two dense layers, as published, or a 1×1 convolution: a cell then sees its surroundings only, and "
        "few pictures teach it.",
    )
    batch_norm: bool = option(False, "Whether batch norm follows each convolution, which came with v2.")

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "a picture: channels × height × width")
        least = 16 if self.stem == "small" else 64
        if min(context.shape[1:]) < least:
            raise ValueError(
                f"{shape_text(context.shape)} arrives; expected at least {least}×{least} pixels for the stem "
                f"'{self.stem}'"
            )
        classes = self.class_count(context)
        nodes: list[Node] = []
        for stage, convolutions in enumerate(STAGES, 1):
            for number, (filters, kernel) in enumerate(convolutions, 1):
                nodes += self._conv(f"{stage}_{number}", filters, kernel)
            if stage <= 4 and not (stage == 1 and self.stem == "small"):
                nodes.append(MaxPool2d(name=f"pool{stage}"))
        numbers = 5 * self.boxes + classes
        return [
            *nodes,
            *self._head(numbers),
            CellBoxes(name="output", inputs=["cells", INPUT], boxes=self.boxes),
        ]

    def _conv(self, place: str, filters: int, kernel: int) -> list[Node]:
        name, small = f"conv{place}", place == "1_1" and self.stem == "small"
        conv = Conv2d(
            name=name,
            inputs=[INPUT] if place == "1_1" else None,
            filters=self.wide(filters),
            kernel=3 if small else kernel,
            stride=2 if name in STRIDED and self.stem == "published" else 1,
            padding=(3 if small else kernel) // 2,
        )
        norm = [BatchNorm(name=f"norm{place}")] if self.batch_norm else []
        return [conv, *norm, LEAKY.model_copy(update={"name": f"leaky{place}"})]

    def _head(self, numbers: int) -> list[Node]:
        """The nodes from the last map to the numbers of the cells."""
        if self.head == "convolution":
            return [Conv2d(name="cells", filters=numbers, kernel=1)]
        return [
            Flatten(name="flatten"),
            Linear(name="dense1", units=self.wide(4096)),
            LEAKY.model_copy(update={"name": "leaky7"}),
            Dropout(name="dropout"),
            Linear(name="dense2", units=self.grid**2 * numbers),
            Reshape(name="cells", shape=[numbers, self.grid, self.grid]),
        ]
