"""DenseNet."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.architectures.stems import residual_stem
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames
from glassnet.engine.items.blocks.dense_block import DenseBlock
from glassnet.engine.items.blocks.parts import convolution, norm_and
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.pooling import AveragePool2d, GlobalAveragePool
from glassnet.engine.items.node import Context, Node, Shape

#: How many layers each dense block has (the paper's table 1).
BLOCKS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}

GROWTH = 32

NAMES = TorchvisionNames(
    ("conv1", "features.conv0"),
    ("conv1_norm", "features.norm0"),
    (r"block(\d)\.layer(\d+)\.(\w+)", "features.denseblock{0}.denselayer{1}.{2}"),
    (r"transition(\d)\.(\w+)", "features.transition{0}.{1}"),
    ("norm", "features.norm5"),
    ("output", "classifier"),
)


class DenseNet(Stemmed):
    """DenseNet: in each of four blocks, every layer reads the maps of all layers before it.

    Transitions between the blocks halve maps and sides. 121 layers: 7,978,856 parameters, 169: 14,149,480,
    201: 20,013,928. Huang et al. 2017, table 1 (k = 32, compression 0.5).
    """

    kind: Literal["densenet"] = "densenet"
    year: ClassVar[int | None] = 2016
    published_input: ClassVar[Shape | None] = (3, 224, 224)
    guide: ClassVar[Guide | None] = Guide(
        pros=("As good as ResNet with a third of its parameters.",),
        cons=("Memory: every layer's input is all maps before it.",),
        use="Where parameters are dear.",
        example=Example(
            "Watch the number of maps grow within a block, and halve between them.",
            preset="digits-residual",
            changes={"/network": [{"kind": "densenet", "name": "densenet", "width": 0.125, "stem": "small"}]},
        ),
        mistakes=(
            Mistake(
                "Its shortcuts are sums, as ResNet's.",
                "It concatenates.",
            ),
        ),
        tex=(r"x_l = H_l([x_0, x_1, \dots, x_{l-1}])",),
    )
    depth: Literal[121, 169, 201] = option(121, "How many layers have weights.")

    def torchvision_names(self) -> TorchvisionNames | None:
        return NAMES if self.stem == "published" else None

    def expand(self, context: Context) -> list[Node]:
        growth = self.wide(GROWTH)
        channels = 2 * growth
        nodes = residual_stem(channels, norm_and("conv1"), small=self.stem == "small")
        for number, layers in enumerate(BLOCKS[self.depth], 1):
            if number > 1:
                channels //= 2
                nodes.append(_transition(number - 1, channels))
            nodes.append(DenseBlock(name=f"block{number}", layers=layers, growth=growth))
            channels += layers * growth
        return [
            *nodes,
            BatchNorm(name="norm"),
            ReLU(name="relu"),
            GlobalAveragePool(name="mean"),
            Linear(name="output", units=self.classes),
        ]


def _transition(number: int, filters: int) -> Node:
    """Half of the maps, at half the side where there is more than one pixel."""
    body: list[Node] = [
        BatchNorm(name="norm"),
        ReLU(name="relu"),
        convolution("conv", filters),
        AveragePool2d(name="pool", kernel=2),
    ]
    return Subnetwork(name=f"transition{number}", body=body)
