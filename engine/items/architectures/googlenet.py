"""GoogLeNet: Inception, version 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames, normalized_names
from glassnet.engine.items.blocks.inception import Inception
from glassnet.engine.items.blocks.parts import convolution, normalized
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.flatten import Flatten
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.local_response_norm import LocalResponseNorm
from glassnet.engine.items.layers.pooling import AveragePool2d, GlobalAveragePool, MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape

#: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5 and pool proj of each block (the paper's table 1).
TABLE = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}

#: The blocks after which maps are halved.
HALVED_AFTER = ("3b", "4e")

#: The blocks that an auxiliary head reads.
HEADS = {"4a": "auxiliary1", "4d": "auxiliary2"}

#: The side of the auxiliary heads' pooling, and how far it moves.
HEAD_POOL, HEAD_STRIDE = 5, 3

BLOCK = r"(inception\d\w)\."
NAMES = TorchvisionNames(
    *normalized_names(
        ("conv1", "conv1"),
        ("conv2_reduce", "conv2"),
        ("conv2", "conv3"),
        (f"{BLOCK}one", "{0}.branch1"),
        (f"{BLOCK}three_reduce", "{0}.branch2.0"),
        (f"{BLOCK}three", "{0}.branch2.1"),
        (f"{BLOCK}five_reduce", "{0}.branch3.0"),
        (f"{BLOCK}five", "{0}.branch3.1"),
        (f"{BLOCK}pool_conv", "{0}.branch4.1"),
        (r"auxiliary(\d)\.conv", "aux{0}.conv"),
    ),
    (r"auxiliary(\d)\.dense", "aux{0}.fc1"),
    (r"auxiliary(\d)\.output", "aux{0}.fc2"),
    ("output", "fc"),
)


class GoogLeNet(Stemmed):
    """GoogLeNet: nine inception blocks, 22 layers deep, with twelve times fewer parameters than AlexNet.

    6,998,552 parameters, 13,378,280 with the two auxiliary heads, whose losses weigh 0.3 each while it is
    trained: as losses of the task at `NAME.auxiliary1.output` and `NAME.auxiliary2.output`. It won ILSVRC
    2014 with a top-five error of 6.67 %. torchvision's network has batch norm, 3×3 for 5×5, and 6,624,904
    parameters. Szegedy et al. 2015, table 1.
    """

    kind: Literal["googlenet"] = "googlenet"
    year: ClassVar[int | None] = 2014
    published_input: ClassVar[Shape | None] = (3, 224, 224)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Few parameters: 1×1 convolutions keep it cheap, and the mean takes the dense layers' place.",),
        cons=("Many widths that were found by trial.",),
        use="To understand branches, 1×1 convolutions and auxiliary losses.",
        example=Example(
            "Open a block: four branches read the same maps.",
            preset="digits-residual",
            changes={
                "/network": [
                    {
                        "kind": "googlenet",
                        "name": "googlenet",
                        "width": 0.125,
                        "variant": "torchvision",
                        "stem": "small",
                    }
                ]
            },
        ),
        mistakes=(
            Mistake(
                "GoogLeNet is of 2015 and has 19 layers.",
                "Of 2014, with 22.",
            ),
            Mistake(
                "It has 4 million parameters.",
                "About 7 million.",
            ),
        ),
        tex=(r"y = [\,c_{1}(x),\; c_{3}(c_{1}(x)),\; c_{5}(c_{1}(x)),\; c_{1}(\max x)\,]",),
    )
    auxiliary: bool = option(
        False, "Whether two heads on the way are there too, which the task's further losses may read."
    )
    variant: Literal["paper", "torchvision"] = option(
        "paper", "As in the paper, or with batch norm and 3×3 for 5×5, as torchvision's."
    )

    def torchvision_names(self) -> TorchvisionNames | None:
        return NAMES if self._normed and self.stem == "published" else None

    def expand(self, context: Context) -> list[Node]:
        nodes = self._first()
        read = nodes[-1].name
        for name, widths in TABLE.items():
            nodes.append(self._inception(name, widths, [str(read)]))
            read = f"inception{name}"
            if self.auxiliary and name in HEADS:
                nodes.append(self._head(HEADS[name], context, read))
            if name in HALVED_AFTER:
                nodes.append(self._pool(f"pool{name[0]}", [read], small=2))
                read = f"pool{name[0]}"
        return [
            *nodes,
            GlobalAveragePool(name="mean"),
            Dropout(name="dropout", p=0.4),
            Linear(name="output", units=self.classes),
        ]

    def heads(self) -> Mapping[str, float]:
        return dict.fromkeys((f"{name}.output" for name in HEADS.values()), 0.3) if self.auxiliary else {}

    @property
    def _normed(self) -> bool:
        return self.variant == "torchvision"

    def _first(self) -> list[Node]:
        """The layers before the first inception block."""
        small = self.stem == "small"
        first = self._conv("conv1", 64, 3 if small else 7, stride=1 if small else 2, reads=INPUT)
        return [
            *first,
            *([] if small else [self._pool("pool1"), *self._response_norm(1)]),
            *self._conv("conv2_reduce", 64, 1),
            *self._conv("conv2", 192, 3),
            *([] if small else [*self._response_norm(2), self._pool("pool2")]),
        ]

    def _response_norm(self, number: int) -> list[Node]:
        return [] if self._normed else [LocalResponseNorm(name=f"norm{number}")]

    def _conv(
        self, name: str, filters: int, kernel: int, stride: int = 1, reads: str | None = None
    ) -> list[Node]:
        width = self.wide(filters)
        if self._normed:
            return normalized(name, width, kernel, reads=reads, stride=stride, epsilon=1e-3)
        conv = convolution(name, width, kernel, reads=reads, stride=stride, bias=True)
        return [conv, ReLU(name=f"{name}_relu")]

    def _pool(self, name: str, reads: list[str] | None = None, small: int = 3) -> Node:
        """A pooling that halves the side; small pictures get windows that do not overlap."""
        kernel = small if self.stem == "small" or (self._normed and name == "pool4") else 3
        return MaxPool2d(name=name, inputs=reads, kernel=kernel, stride=2, ceil_mode=True)

    def _inception(self, name: str, widths: tuple[int, ...], reads: list[str]) -> Node:
        one, three_reduce, three, five_reduce, five, pool = map(self.wide, widths)
        return Inception(
            name=f"inception{name}",
            inputs=reads,
            one=one,
            three_reduce=three_reduce,
            three=three,
            five_reduce=five_reduce,
            five=five,
            pool=pool,
            five_kernel=3 if self._normed else 5,
            batch_norm=self._normed,
        )

    def _head(self, name: str, context: Context, reads: str) -> Node:
        """An auxiliary classifier: 5×5 average, 1×1, two dense layers."""
        pool: Node = AveragePool2d(name="pool", kernel=HEAD_POOL, stride=HEAD_STRIDE)
        if self.stem == "small":  # maps of small pictures are smaller than its window
            pool = AveragePool2d(name="pool", kernel=1)
        body = [
            pool,
            *self._conv("conv", 128, 1),
            Flatten(name="flatten"),
            Linear(name="dense", units=self.wide(1024)),
            ReLU(name="relu"),
            Dropout(name="dropout", p=0.7),
            Linear(name="output", units=self.classes),
        ]
        return Subnetwork(name=name, inputs=[reads], body=body)
