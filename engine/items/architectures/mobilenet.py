"""MobileNet, versions 1 and 2."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.items.activations.relu import ReLU, ReLU6
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames
from glassnet.engine.items.blocks.inverted_residual import InvertedResidual
from glassnet.engine.items.blocks.parts import normalized
from glassnet.engine.items.blocks.separable import SeparableConv2d
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.pooling import GlobalAveragePool
from glassnet.engine.items.node import INPUT, Context, Node, Shape

#: Filters and stride of each separable convolution of version 1 (the paper's table 1).
SEPARABLE = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)

#: t, c, n and s of each stage of version 2 (the paper's table 2).
INVERTED = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _names_of_version_2() -> TorchvisionNames:
    """torchvision counts the blocks of all stages through, and the modules of each."""
    pairs = [("conv1", "features.0.0"), ("conv1_norm", "features.0.1")]
    number = 0
    for stage, (expansion, _, times, _) in enumerate(INVERTED, 1):
        for block in range(1, times + 1):
            number += 1
            first = 0 if expansion == 1 else 1
            ours, theirs = rf"stage{stage}\.block{block}\.", f"features.{number}.conv."
            pairs += [
                (f"{ours}expand", f"{theirs}0.0"),
                (f"{ours}expand_norm", f"{theirs}0.1"),
                (f"{ours}depthwise", f"{theirs}{first}.0"),
                (f"{ours}depthwise_norm", f"{theirs}{first}.1"),
                (f"{ours}project", f"{theirs}{first + 1}"),
                (f"{ours}project_norm", f"{theirs}{first + 2}"),
            ]
    end = f"features.{number + 1}"
    return TorchvisionNames(
        *pairs, ("conv2", f"{end}.0"), ("conv2_norm", f"{end}.1"), ("output", "classifier.1")
    )


NAMES_V2 = _names_of_version_2()


def in_eights(width: float) -> int:
    """The nearest multiple of eight, at least 8, that is no more than a tenth narrower than `width`.

    The rounding of the published variants of version 2 (TensorFlow's `make_divisible`, and torchvision's).
    """
    nearest = max(8, int(width + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * width else nearest


class MobileNetV1(Stemmed):
    """MobileNet-v1: thirteen depthwise separable convolutions, for phones.

    224 → 7×7×1024 → the mean → 1000; 4,231,976 parameters and 0.58 thousand million multiply-adds, 95 % of
    them in 1×1 convolutions. The width multiplier is the paper's α. The last depthwise convolution has
    stride 1; the 2 in the paper's table is an error. Howard et al. 2017, table 1.
    """

    kind: Literal["mobilenet_v1"] = "mobilenet_v1"
    year: ClassVar[int | None] = 2017
    published_input: ClassVar[Shape | None] = (3, 224, 224)
    guide: ClassVar[Guide | None] = Guide(
        pros=("A thirtieth of VGG-16's parameters and work, for nearly its accuracy.",),
        cons=("No shortcuts; depthwise filters sometimes die.",),
        use="On phones, and wherever little time is.",
        example=Example(
            "Compare the multiply-adds of depthwise and 1×1 convolutions.",
            preset="digits-residual",
            changes={
                "/network": [{"kind": "mobilenet_v1", "name": "mobilenet", "width": 0.125, "stem": "small"}]
            },
        ),
        mistakes=(
            Mistake(
                "Its last depthwise convolution has stride 2.",
                "1; else 7×7 would become 4×4.",
            ),
        ),
        tex=(r"k^2 c + c f \quad \text{against} \quad k^2 c f",),
    )

    def expand(self, context: Context) -> list[Node]:
        stride = 1 if self.stem == "small" else 2
        return [
            *normalized("conv1", self.wide(32), 3, reads=INPUT, stride=stride),
            *(self._separable(number, *each) for number, each in enumerate(SEPARABLE, 1)),
            GlobalAveragePool(name="mean"),
            Linear(name="output", units=self.classes),
        ]

    def _separable(self, number: int, filters: int, stride: int) -> Node:
        return SeparableConv2d(
            name=f"separable{number}",
            filters=self.wide(filters),
            stride=stride,
            padding=1,
            batch_norm=True,
            activation=ReLU(),
        )


class MobileNetV2(Stemmed):
    """MobileNet-v2: seventeen inverted residuals with linear bottlenecks.

    Narrow ends joined by shortcuts, wide depthwise middles: 3,504,872 parameters, 0.30 thousand million
    multiply-adds. As published, widths are rounded to multiples of eight, and the last convolution keeps its
    1280 maps where the others are fewer; with the small stem it is narrowed with them. Sandler et al. 2018,
    table 2 and section 6.1.
    """

    kind: Literal["mobilenet_v2"] = "mobilenet_v2"
    year: ClassVar[int | None] = 2018
    published_input: ClassVar[Shape | None] = (3, 224, 224)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Half the work of version 1, and better.",),
        cons=("Wide middles need memory while training.",),
        use="On phones; as the front of detectors.",
        example=Example(
            "Follow the number of maps through a block: few, many, few.",
            preset="digits-residual",
            changes={
                "/network": [{"kind": "mobilenet_v2", "name": "mobilenet", "width": 0.25, "stem": "small"}]
            },
        ),
        mistakes=(
            Mistake(
                "A ReLU follows each block's last convolution.",
                "None does: the bottleneck is linear.",
            ),
        ),
        tex=(r"y = x + W_2\, f(D * f(W_1 x))",),
    )

    def torchvision_names(self) -> TorchvisionNames | None:
        return NAMES_V2 if self.stem == "published" else None

    def expand(self, context: Context) -> list[Node]:
        small = self.stem == "small"
        stride = 1 if small else 2
        last = self.wide(1280) if small else in_eights(1280 * max(1.0, self.width))
        return [
            *normalized("conv1", self._maps(32), 3, reads=INPUT, stride=stride, activation=ReLU6()),
            *(self._stage(number, *each) for number, each in enumerate(INVERTED, 1)),
            *normalized("conv2", last, activation=ReLU6()),
            GlobalAveragePool(name="mean"),
            Dropout(name="dropout", p=0.2),
            Linear(name="output", units=self.classes),
        ]

    def _maps(self, published: int) -> int:
        return self.wide(published) if self.stem == "small" else in_eights(published * self.width)

    def _stage(self, number: int, expansion: int, filters: int, times: int, stride: int) -> Node:
        body: list[Node] = [
            InvertedResidual(
                name=f"block{index + 1}",
                filters=self._maps(filters),
                expansion=expansion,
                stride=stride if index == 0 else 1,
            )
            for index in range(times)
        ]
        return Subnetwork(name=f"stage{number}", body=body)
