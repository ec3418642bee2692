"""Darknet-53."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.items.activations.relu import LeakyReLU
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.blocks.parts import last, normalized
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.layers.pooling import GlobalAveragePool
from glassnet.engine.items.node import INPUT, Context, Node, Shape

#: How many residual blocks follow each convolution that halves the side (the paper's table 1).
BLOCKS = (1, 2, 8, 8, 4)

LEAKY = LeakyReLU(slope=0.1)


class Darknet53(Stemmed):
    """Darknet-53: the front of YOLO-v3, residual blocks of a 1×1 and a 3×3, halved by strides alone.

    52 convolutions with batch norm and leaky ReLU, the mean and one dense layer: 41,609,928 parameters. As
    good as ResNet-152 and twice as fast. Redmon & Farhadi 2018, table 1.
    """

    kind: Literal["darknet53"] = "darknet53"
    year: ClassVar[int | None] = 2018
    published_input: ClassVar[Shape | None] = (3, 256, 256)
    guide: ClassVar[Guide | None] = Guide(
        pros=("No pooling, few kinds of layers, fast on graphics cards.",),
        cons=("As many parameters as ResNet-101.",),
        use="As the front of a detector.",
        example=Example(
            "No pooling: look where the sides are halved.",
            preset="digits-residual",
            changes={
                "/network": [{"kind": "darknet53", "name": "darknet", "width": 0.0625, "stem": "small"}]
            },
        ),
        mistakes=(
            Mistake(
                "It has 53 convolutions.",
                "52; the 53rd layer with weights is the dense one, which YOLO-v3 leaves away.",
            ),
            Mistake(
                "It halves the maps by pooling, as Darknet-19 does.",
                "Five 3×3 convolutions with stride 2 do.",
            ),
        ),
        tex=(r"y = x + c_3(c_1(x))",),
    )

    def expand(self, context: Context) -> list[Node]:
        return [
            *darknet53_stages(self.wide, self.stem == "small"),
            GlobalAveragePool(name="mean"),
            Linear(name="output", units=self.classes),
        ]


def darknet53_stages(wide: Callable[[int], int], small: bool, blocks: Sequence[int] = BLOCKS) -> list[Node]:
    """The convolutions of Darknet-53, `wide` of each published width: `conv1`, then `stage1` to `stage5`.

    With `small`, the first two stages keep the sides. `blocks` are the residual blocks of each stage.
    """

    def block(name: str, stage: int) -> Node:
        nodes = [
            *normalized("conv1", wide(16 * 2**stage), activation=LEAKY),
            *normalized("conv2", wide(32 * 2**stage), 3, activation=LEAKY),
        ]
        return Subnetwork(name=name, body=[*nodes, Add(name="sum", inputs=[last(nodes), INPUT])])

    stages: list[Node] = []
    for number, times in enumerate(blocks, 1):
        stride = 1 if small and number <= 2 else 2
        body: list[Node] = [
            *normalized("conv", wide(32 * 2**number), 3, stride=stride, activation=LEAKY),
            *(block(f"block{index + 1}", number) for index in range(times)),
        ]
        stages.append(Subnetwork(name=f"stage{number}", body=body))
    return [*normalized("conv1", wide(32), 3, reads=INPUT, activation=LEAKY), *stages]
