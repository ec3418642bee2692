"""Inception-v3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.architectures.inception_parts import Branches, Factored, Step
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames, normalized_names
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.pooling import AveragePool2d, GlobalAveragePool, MaxPool2d
from glassnet.engine.items.node import Context, Node, Shape

#: Maps after the pooling of the three blocks on 35×35, and inside the 7-long filters of the four on 17×17.
POOLED, SEVENS = (32, 64, 64), (128, 160, 160, 192)

BLOCK = r"mixed(\d\w)\."
NAMES = TorchvisionNames(
    *normalized_names(
        (r"conv(1a|2a|2b|4a)", "Conv2d_{0}_3x3"),
        ("conv3b", "Conv2d_3b_1x1"),
        (f"{BLOCK}one1", "Mixed_{0}.branch1x1"),
        (rf"{BLOCK}five(\d)", "Mixed_{0}.branch5x5_{1}"),
        (r"mixed6a\.three1", "Mixed_6a.branch3x3"),
        (rf"{BLOCK}three(\d[ab]?)", "Mixed_{0}.branch3x3_{1}"),
        (r"mixed7a\.seven(\d)", "Mixed_7a.branch7x7x3_{0}"),
        (rf"{BLOCK}seven(\d)", "Mixed_{0}.branch7x7_{1}"),
        (r"mixed(6[bcde])\.double(\d)", "Mixed_{0}.branch7x7dbl_{1}"),
        (rf"{BLOCK}double(\d[ab]?)", "Mixed_{0}.branch3x3dbl_{1}"),
        (f"{BLOCK}pool2", "Mixed_{0}.branch_pool"),
        (r"auxiliary\.conv(\d)", "AuxLogits.conv{0-}"),
    ),
    (r"auxiliary\.output", "AuxLogits.fc"),
    ("output", "fc"),
)


class InceptionV3(Factored):
    """Inception-v3: inception blocks whose large filters are factored into small and long ones.

    Two 3×3 for a 5×5; 1×7 and 7×1 for a 7×7; grids halved by strided branches beside a pooling. 299×299;
    23,834,568 parameters, 27,161,264 with the auxiliary head, whose loss weighs 0.4 in torchvision and is
    read at `NAME.auxiliary.output`. Szegedy et al. 2016, table 1; layers as in the published code.
    """

    kind: Literal["inception_v3"] = "inception_v3"
    year: ClassVar[int | None] = 2015
    published_input: ClassVar[Shape | None] = (3, 299, 299)
    guide: ClassVar[Guide | None] = Guide(
        pros=("As good as the networks of its year that are several times larger.",),
        cons=("Ten kinds of blocks: hard to change.",),
        use="For its features; to see filters factored.",
        example=Example(
            "Open a block on 17×17: filters of 1×7 and 7×1.",
            preset="digits-residual",
            changes={
                "/network": [{"kind": "inception_v3", "name": "inception", "width": 0.08, "stem": "small"}]
            },
        ),
        mistakes=(
            Mistake(
                "Any kernel separates into 1×n and n×1.",
                "Only one of rank 1; two layers learn what such products can do.",
            ),
        ),
        tex=(r"7 \times 7 \;\to\; 1 \times 7,\; 7 \times 1",),
    )
    auxiliary: bool = option(
        False, "Whether a head on the way is there too, which a further loss of the task may read."
    )

    def torchvision_names(self) -> TorchvisionNames | None:
        return NAMES if self.stem == "published" else None

    def expand(self, context: Context) -> list[Node]:
        parts = Branches(self.wide)
        return [
            *self.first(),
            *(self._block_a(parts, f"mixed5{'bcd'[n]}", pooled) for n, pooled in enumerate(POOLED)),
            self._reduction_a(parts),
            *(self._block_b(parts, f"mixed6{'bcde'[n]}", inner) for n, inner in enumerate(SEVENS)),
            *([self._head()] if self.auxiliary else []),
            self._reduction_b(parts),
            self._block_c(parts, "mixed7b"),
            self._block_c(parts, "mixed7c"),
            GlobalAveragePool(name="mean"),
            Dropout(name="dropout", p=0.5),
            Linear(name="output", units=self.classes),
        ]

    def heads(self) -> Mapping[str, float]:
        return {"auxiliary.output": 0.4} if self.auxiliary else {}

    def _block_a(self, parts: Branches, name: str, pooled: int) -> Node:
        return parts.block(
            name,
            one=[Step(64)],
            five=[Step(48), Step(64, 5)],
            double=[Step(64), Step(96, 3), Step(96, 3)],
            pool=[AveragePool2d(name="pool", kernel=3, stride=1, padding=1), Step(pooled)],
        )

    def _reduction_a(self, parts: Branches) -> Node:
        border = self.border
        return parts.block(
            "mixed6a",
            three=[Step(384, 3, 2, border)],
            double=[Step(64), Step(96, 3), Step(96, 3, 2, border)],
            pool=[MaxPool2d(name="pool", kernel=3, stride=2, padding=border)],
        )

    def _block_b(self, parts: Branches, name: str, inner: int) -> Node:
        row, column = (1, 7), (7, 1)
        return parts.block(
            name,
            one=[Step(192)],
            seven=[Step(inner), Step(inner, row), Step(192, column)],
            double=[
                *(Step(inner), Step(inner, column), Step(inner, row)),
                *(Step(inner, column), Step(192, row)),
            ],
            pool=[AveragePool2d(name="pool", kernel=3, stride=1, padding=1), Step(192)],
        )

    def _reduction_b(self, parts: Branches) -> Node:
        border = self.border
        return parts.block(
            "mixed7a",
            reads="mixed6e",
            three=[Step(192), Step(320, 3, 2, border)],
            seven=[Step(192), Step(192, (1, 7)), Step(192, (7, 1)), Step(192, 3, 2, border)],
            pool=[MaxPool2d(name="pool", kernel=3, stride=2, padding=border)],
        )

    def _block_c(self, parts: Branches, name: str) -> Node:
        row, column = (1, 3), (3, 1)
        return parts.block(
            name,
            one=[Step(320)],
            three=[Step(384), (Step(384, row), Step(384, column))],
            double=[Step(448), Step(384, 3), (Step(384, row), Step(384, column))],
            pool=[AveragePool2d(name="pool", kernel=3, stride=1, padding=1), Step(192)],
        )

    def _head(self) -> Node:
        """The auxiliary classifier on 17×17: 5×5 average with stride 3, 1×1, 5×5, a dense layer."""
        small = self.stem == "small"
        body = [
            AveragePool2d(name="pool", kernel=1 if small else 5, stride=1 if small else 3),
            *self.conv("conv1", 128),
            *self.conv("conv2", 768, 1 if small else 5, padding=0),
            GlobalAveragePool(name="mean"),
            Linear(name="output", units=self.classes),
        ]
        return Subnetwork(name="auxiliary", inputs=["mixed6e"], body=body)
