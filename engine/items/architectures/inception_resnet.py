"""Inception-ResNet-v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures.inception_parts import Branches, Factored, Part, Step
from glassnet.engine.items.blocks.parts import convolution
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.merge import Add, Concatenate, Multiply
from glassnet.engine.items.layers.pooling import AveragePool2d, GlobalAveragePool, MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape

#: The widths of the maps that the residual blocks are added to, and how often each block is repeated.
WIDTHS, TIMES = (320, 1088, 2080), (10, 20, 10)

#: What a block's output is multiplied by before it is added, "to stabilise" (section 3.3).
SCALES = (0.17, 0.1, 0.2)


class InceptionResNetV2(Factored):
    """Inception-ResNet-v2: inception branches as the residual of a sum, scaled down before it is added.

    Forty blocks in three stages on 35×35, 17×17 and 8×8; 299×299; 55,843,464 parameters. Scaling by 0.1 to
    0.2 keeps very wide residuals from dying early in training. Szegedy et al. 2017, figures 15 to 19 and
    section 3.3; layers and widths as in the published code.
    """

    kind: Literal["inception_resnet_v2"] = "inception_resnet_v2"
    year: ClassVar[int | None] = 2016
    published_input: ClassVar[Shape | None] = (3, 299, 299)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Trains faster than an Inception of the same cost without sums.",),
        cons=("56 million parameters, 13 thousand million multiply-adds, many kinds of blocks.",),
        use="To see branches and shortcuts together.",
        example=Example(
            "Open a block: branches, 1×1, a factor, the sum.",
            preset="digits-residual",
            changes={
                "/network": [
                    {
                        "kind": "inception_resnet_v2",
                        "name": "inception",
                        "width": 0.04,
                        "stem": "small",
                    }
                ]
            },
        ),
        mistakes=(
            Mistake(
                "The factor is learned, a gate.",
                "It is a constant.",
            ),
        ),
        tex=(r"y = f(x + 0.17\, F(x))",),
    )

    def expand(self, context: Context) -> list[Node]:
        parts = Branches(self.wide)
        return [
            *self.first(),
            self._mixed(parts),
            self._stage(parts, 0, one=[Step(32)], two=[Step(32), Step(32, 3)], three=_double(32, 48, 64)),
            self._reduction_a(parts),
            self._stage(parts, 1, one=[Step(192)], two=_long(128, 160, 192, 7)),
            self._reduction_b(parts),
            self._stage(parts, 2, one=[Step(192)], two=_long(192, 224, 256, 3)),
            *self.conv("conv7b", 1536),
            GlobalAveragePool(name="mean"),
            Dropout(name="dropout", p=0.2),
            Linear(name="output", units=self.classes),
        ]

    def _mixed(self, parts: Branches) -> Node:
        """The only block without a sum: it makes the 320 maps of the first stage."""
        pool = AveragePool2d(name="pool", kernel=3, stride=1, padding=1, count_padding=False)
        return parts.block(
            "mixed5b",
            one=[Step(96)],
            five=[Step(48), Step(64, 5)],
            double=_double(64, 96, 96),
            pool=[pool, Step(64)],
        )

    def _stage(self, parts: Branches, stage: int, **branches: Sequence[Part]) -> Node:
        scale, width = SCALES[stage], self._joined(stage)
        blocks: list[Node] = []
        for number in range(1, TIMES[stage] + 1):
            final = stage == len(TIMES) - 1 and number == TIMES[stage]
            blocks.append(
                _residual(parts, f"block{number}", width, 1.0 if final else scale, not final, branches)
            )
        return Subnetwork(name=f"stage{stage + 1}", body=blocks)

    def _joined(self, stage: int) -> int:
        """The maps that arrive at a stage: what its forerunner's branches give, each rounded by itself."""
        wide = self.wide
        first = wide(96) + wide(64) + wide(96) + wide(64)
        second = first + wide(384) + wide(384)
        return (first, second, second + wide(384) + wide(288) + wide(320))[stage]

    def _reduction_a(self, parts: Branches) -> Node:
        border = self.border
        return parts.block(
            "mixed6a",
            three=[Step(384, 3, 2, border)],
            double=[Step(256), Step(256, 3), Step(384, 3, 2, border)],
            pool=[MaxPool2d(name="pool", kernel=3, stride=2, padding=border)],
        )

    def _reduction_b(self, parts: Branches) -> Node:
        border = self.border
        return parts.block(
            "mixed7a",
            three=[Step(256), Step(384, 3, 2, border)],
            second=[Step(256), Step(288, 3, 2, border)],
            double=[Step(256), Step(288, 3), Step(320, 3, 2, border)],
            pool=[MaxPool2d(name="pool", kernel=3, stride=2, padding=border)],
        )


def _double(reduce: int, middle: int, filters: int) -> list[Part]:
    return [Step(reduce), Step(middle, 3), Step(filters, 3)]


def _long(reduce: int, middle: int, filters: int, length: int) -> list[Part]:
    """A square filter as a row and a column."""
    return [Step(reduce), Step(middle, (1, length)), Step(filters, (length, 1))]


def _residual(
    parts: Branches,
    name: str,
    width: int,
    scale: float,
    active: bool,
    branches: dict[str, Sequence[Part]],
) -> Node:
    """f(x + scale · conv([branches]))."""
    body: list[Node] = []
    ends: list[str] = []
    for branch, steps in branches.items():
        nodes, found = parts.chain(branch, steps)
        body += nodes
        ends += found
    body += [
        Concatenate(name="joined", inputs=ends),
        convolution("conv", width, bias=True),
        Multiply(name="scaled", factor=scale),
        Add(name="sum", inputs=["scaled", INPUT]),
    ]
    return Subnetwork(name=name, body=[*body, ReLU(name="relu")] if active else body)
