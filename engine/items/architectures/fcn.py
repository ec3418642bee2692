"""Fully convolutional networks for segmentation."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.architectures.vgg import WIDTHS
from glassnet.engine.items.initializers.bilinear import Bilinear
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.crop import CropLike
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.layers.transposed import ConvTranspose2d
from glassnet.engine.items.layers.upsample import Upsample
from glassnet.engine.items.node import INPUT, Context, Node, Shape
from glassnet.engine.items.targets import Family

#: The convolutions of each stage, as in VGG-16, and the padding of the first one as published.
CONVOLUTIONS, PADDING = (2, 2, 3, 3, 3), 100

#: With that padding, where the scores of two poolings, and the answer, begin in the larger maps.
OFFSETS = {"pool4": 6, "pool3": 12, "output": 3}


class FCN(Architecture):
    """FCN: VGG-16 with its dense layers as convolutions, its coarse scores enlarged to the picture's size.

    A score for each class at every 32nd pixel (32s); those of the fourth pooling are added at every 16th
    (16s), and those of the third at every 8th (8s). Enlarging is bilinear: fixed, or learned by transposed
    convolutions that begin so. FCN-32s with 21 classes has 134,346,581 parameters, and 136,152,917 with
    learned enlarging. As published the picture is padded by 100 pixels, so that any size fits; "same"
    padding suits small pictures. Long et al. 2015, sections 3 and 4.
    """

    kind: Literal["fcn"] = "fcn"
    year: ClassVar[int | None] = 2015
    published_input: ClassVar[Shape | None] = (3, 500, 500)
    published_classes: ClassVar[int] = 21
    answers: ClassVar[Family] = "masks"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Any classifier becomes a segmenter, with the weights that it has.",
            "Pictures of any size.",
        ),
        cons=("32s gives blots: what five poolings lost no enlarging brings back.",),
        use="As the first of its kind, and to see what the scores of finer maps add.",
        example=Example(
            "Compare 32s, 16s and 8s: blots become outlines.",
            preset="fcn-shapes",
        ),
        mistakes=(
            Mistake(
                "A dense layer cannot read pictures of another size.",
                "As a convolution with a kernel as large as its input it can: it gives a map of answers.",
            ),
        ),
    )
    stride: Literal["32s", "16s", "8s"] = option(
        "8s", "How many pixels lie between two scores, before they are enlarged."
    )
    upsampling: Literal["fixed", "learned"] = option(
        "fixed", "Whether the weights by which scores are enlarged stay bilinear."
    )
    padding: Literal["published", "same"] = option(
        "published",
        "Whether the picture is padded by 100 pixels, or every convolution keeps its size; its sides must "
        "then be multiples of 32.",
    )

    def expand(self, context: Context) -> list[Node]:
        nodes = [*self._features(), *self._dense(), Conv2d(name="score", filters=self.classes, kernel=1)]
        factor = 32
        for pool in {"32s": (), "16s": ("pool4",), "8s": ("pool4", "pool3")}[self.stride]:
            nodes += self._finer(pool)
            factor //= 2
        return [*nodes, self._enlarged("enlarged", factor), self._cropped("output", "enlarged", INPUT)]

    def _features(self) -> list[Node]:
        nodes: list[Node] = []
        for stage, (filters, convolutions) in enumerate(zip(WIDTHS, CONVOLUTIONS, strict=True), 1):
            for number in range(1, convolutions + 1):
                wide = not nodes and self.padding == "published"
                nodes += [
                    Conv2d(
                        name=f"conv{stage}_{number}",
                        inputs=None if nodes else [INPUT],
                        filters=self.wide(filters),
                        padding=PADDING if wide else "same",
                    ),
                    ReLU(name=f"relu{stage}_{number}"),
                ]
            nodes.append(MaxPool2d(name=f"pool{stage}", ceil_mode=True))
        return nodes

    def _dense(self) -> list[Node]:
        """VGG's dense layers as convolutions: the first has a kernel as large as its input was."""
        nodes: list[Node] = []
        for number, kernel in ((6, 7), (7, 1)):
            border: Literal["same", "valid"] = "same" if self.padding == "same" else "valid"
            nodes += [
                Conv2d(name=f"conv{number}", filters=self.wide(4096), kernel=kernel, padding=border),
                ReLU(name=f"relu{number}"),
                Dropout(name=f"dropout{number}"),
            ]
        return nodes

    def _finer(self, pool: str) -> list[Node]:
        """Scores twice as fine: those so far, enlarged, and those of a pooling."""
        return [
            self._enlarged(f"up_{pool}", 2),
            Conv2d(name=f"score_{pool}", inputs=[pool], filters=self.classes, kernel=1),
            self._cropped(f"crop_{pool}", f"score_{pool}", f"up_{pool}", OFFSETS[pool]),
            Add(name=f"sum_{pool}", inputs=[f"up_{pool}", f"crop_{pool}"]),
        ]

    def _enlarged(self, name: str, factor: int) -> Node:
        if self.upsampling == "fixed":
            return Upsample(name=name, factor=factor, mode="linear")
        return ConvTranspose2d(
            name=name,
            filters=self.classes,
            kernel=2 * factor,
            stride=factor,
            padding=factor // 2,
            bias=False,
            initializer=Bilinear(),
        )

    def _cropped(self, name: str, first: str, like: str, offset: int = OFFSETS["output"]) -> Node:
        return CropLike(name=name, inputs=[first, like], offset=offset if self.padding == "published" else 0)
