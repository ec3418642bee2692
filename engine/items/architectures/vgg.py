"""VGG."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.flatten import Flatten
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.local_response_norm import LocalResponseNorm
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape

Configuration = Literal["A", "A-LRN", "B", "C", "D", "E"]

WIDTHS = (64, 128, 256, 512, 512)

#: The sides of the filters between poolings, stage by stage (the paper's table 1).
STAGES: dict[Configuration, tuple[tuple[int, ...], ...]] = {
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "A-LRN": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}


class VGG(Architecture):
    """VGG: nothing but 3×3 convolutions, pooled five times, and three dense layers.

    Two 3×3 have the receptive field of a 5×5, with fewer parameters and a ReLU more. Configuration D is
    VGG-16 with 138,357,544 parameters, 89 % of them in its dense layers; E is VGG-19 with 143,667,240.
    "Same" padding is that of the convolutions, not of the pooling. Sides of the image: at least 32.
    Simonyan & Zisserman 2015, table 1.
    """

    kind: Literal["vgg"] = "vgg"
    year: ClassVar[int | None] = 2014
    published_input: ClassVar[Shape | None] = (3, 224, 224)
    guide: ClassVar[Guide | None] = Guide(
        pros=("One idea throughout: 3×3, and deeper.",),
        cons=("138 million parameters, 89 % of them in dense layers, and slow.",),
        use="As a plain baseline, and for its features.",
        example=Example(
            "Two 3×3 convolutions see as far as a 5×5: look at the receptive fields.",
            preset="vgg-shapes",
        ),
        mistakes=(
            Mistake(
                "VGG has no parameters in dense layers.",
                "89 % of its 138 million are in its three dense layers.",
            ),
            Mistake(
                "Its pooling has same padding.",
                "Its convolutions have; a pool of 2×2 halves the sides.",
            ),
        ),
    )
    configuration: Configuration = option("D", "The column of the paper's table; D is VGG-16, E is VGG-19.")
    batch_norm: bool = option(False, "Whether batch norm follows each convolution, which came later.")

    def expand(self, context: Context) -> list[Node]:
        nodes: list[Node] = []
        for stage, (filters, kernels) in enumerate(zip(WIDTHS, STAGES[self.configuration], strict=True), 1):
            for number, kernel in enumerate(kernels, 1):
                nodes += self._conv(f"{stage}_{number}", filters, kernel, first=not nodes)
            nodes.append(MaxPool2d(name=f"pool{stage}"))
        nodes.append(Flatten(name="flatten"))
        for number in (1, 2):
            nodes += [
                Linear(name=f"dense{number}", units=self.wide(4096)),
                ReLU(name=f"active{number}"),
                Dropout(name=f"dropout{number}"),
            ]
        return [*nodes, Linear(name="dense3", units=self.classes)]

    def torchvision_names(self) -> TorchvisionNames | None:
        if self.configuration not in ("A", "B", "D", "E"):
            return None
        pairs = []
        index = 0  # torchvision counts every module of the features through
        for stage, kernels in enumerate(STAGES[self.configuration], 1):
            for number in range(1, len(kernels) + 1):
                pairs.append((f"conv{stage}_{number}", f"features.{index}"))
                if self.batch_norm:
                    pairs.append((f"norm{stage}_{number}", f"features.{index + 1}"))
                index += 3 if self.batch_norm else 2
            index += 1
        dense = [(f"dense{number}", f"classifier.{3 * (number - 1)}") for number in (1, 2, 3)]
        return TorchvisionNames(*pairs, *dense)

    def _conv(self, place: str, filters: int, kernel: int, first: bool) -> list[Node]:
        conv = Conv2d(
            name=f"conv{place}",
            inputs=[INPUT] if first else None,
            filters=self.wide(filters),
            kernel=kernel,
            padding="same",
        )
        nodes: list[Node] = [conv]
        if self.batch_norm:
            nodes.append(BatchNorm(name=f"norm{place}"))
        nodes.append(ReLU(name=f"relu{place}"))
        if first and self.configuration == "A-LRN":
            nodes.append(LocalResponseNorm(name="norm1"))
        return nodes
