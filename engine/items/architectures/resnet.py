"""ResNet, and what was made of it: ResNeXt and SE-ResNet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.architectures.stems import residual_stem
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.blocks.bottleneck import Bottleneck
from glassnet.engine.items.blocks.parts import norm_and
from glassnet.engine.items.blocks.residual_conv import ResidualConv2d
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.pooling import GlobalAveragePool
from glassnet.engine.items.node import Context, Node, Shape

Depth = Literal[18, 34, 50, 101, 152]

#: How many blocks each of the four stages has (the paper's table 1).
STAGES: dict[Depth, tuple[int, int, int, int]] = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}

#: The widths of the stages, before bottlenecks make four times as many maps.
WIDTHS = (64, 128, 256, 512)

#: From this depth on, blocks are bottlenecks.
BOTTLENECKS_FROM = 50

BLOCK = r"stage(\d)\.block(\d+)\."
NAMES = TorchvisionNames(
    ("conv1", "conv1"),
    ("conv1_norm", "bn1"),
    (BLOCK + r"conv(\d)", "layer{0}.{1-}.conv{2}"),
    (BLOCK + r"norm(\d)", "layer{0}.{1-}.bn{2}"),
    (BLOCK + "shortcut", "layer{0}.{1-}.downsample.0"),
    (BLOCK + "shortcut_norm", "layer{0}.{1-}.downsample.1"),
    ("output", "fc"),
)


class _Residual(Stemmed, ABC):
    """A stem, four stages of residual blocks, all but the first of which halve the side, and one layer."""

    published_input: ClassVar[Shape | None] = (3, 224, 224)

    def expand(self, context: Context) -> list[Node]:
        return [
            *self.features(),
            GlobalAveragePool(name="mean"),
            Linear(name="output", units=self.classes),
        ]

    def features(self) -> list[Node]:
        """The nodes up to the last maps, without the dense layer: what a detector begins with."""
        return [*self._stem(), *(self._stage(number) for number in range(4)), *self._end()]

    def _stem(self) -> list[Node]:
        return residual_stem(self.wide(64), self._after_stem(), small=self.stem == "small")

    def _after_stem(self) -> list[Node]:
        """What follows the first convolution."""
        return norm_and("conv1")

    def _stage(self, number: int) -> Node:
        blocks = [
            self.block(f"block{index + 1}", number, stride=2 if index == 0 and number > 0 else 1)
            for index in range(self.blocks()[number])
        ]
        return Subnetwork(name=f"stage{number + 1}", body=list(blocks))

    def _end(self) -> list[Node]:
        """What follows the last block."""
        return []

    @abstractmethod
    def blocks(self) -> tuple[int, int, int, int]:
        """How many blocks each stage has."""

    @abstractmethod
    def block(self, name: str, stage: int, stride: int) -> Block:
        """A block of a stage, counted from 0."""


class ResNet(_Residual):
    """ResNet: blocks that learn what to add to their input, in four stages, 18 to 152 layers deep.

    A deeper plain network trains worse than a shallower one (degradation, which is not overfitting: its
    training error is higher); with shortcuts it does not. 18: 11,689,512 parameters, 34: 21,797,672,
    50: 25,557,032, 101: 44,549,160, 152: 60,192,808. From 50 on blocks are bottlenecks, which thin out at
    their 3×3 as is usual today. Won ILSVRC 2015 with a top-five error of 3.57 % (six networks together).
    He et al. 2016, table 1; pre-activation: He et al. 2016b.
    """

    kind: Literal["resnet"] = "resnet"
    year: ClassVar[int | None] = 2015
    guide: ClassVar[Guide | None] = Guide(
        pros=("Depth does no harm: a hundred and fifty layers train.",),
        cons=("The maps of every block are kept for the sum.",),
        use="As the first network to try on pictures.",
        example=Example(
            "Compare it with the same network without shortcuts (plain).",
            preset="digits-residual",
            changes={"/network": [{"kind": "resnet", "name": "resnet", "width": 0.125, "stem": "small"}]},
        ),
        mistakes=(
            Mistake(
                "ResNet solved vanishing gradients.",
                "Normalization had; it solved degradation, that a deeper plain network trains worse.",
            ),
            Mistake(
                "Its skips are gated.",
                "They are plain sums; Highway networks have gates.",
            ),
        ),
        tex=(r"y = f(x + F(x))",),
    )
    depth: Depth = option(18, "How many layers have weights.")
    pre_activation: bool = option(
        False, "Whether norm and ReLU go before each convolution, and nothing follows the sum."
    )
    frozen_norm: bool = option(
        False, "Whether its batch norms are frozen: what trained weights brought is kept, as in detectors."
    )
    plain: bool = option(False, "Whether the shortcuts are left out: the network that degrades with depth.")

    def torchvision_names(self) -> TorchvisionNames | None:
        other = self.plain or self.pre_activation or self.stem == "small"
        return None if other else NAMES

    def with_shortcuts(self, present: bool) -> Node:
        return self.model_copy(update={"plain": not present})

    def shallower(self) -> Node:
        return self.model_copy(update={"depth": 18})

    def blocks(self) -> tuple[int, int, int, int]:
        return STAGES[self.depth]

    def block(self, name: str, stage: int, stride: int) -> Block:
        order: Literal["pre_activation", "original"] = "pre_activation" if self.pre_activation else "original"
        width = self.wide(WIDTHS[stage])
        if self.depth < BOTTLENECKS_FROM:
            return ResidualConv2d(
                name=name,
                filters=width,
                stride=stride,
                order=order,
                shortcut=not self.plain,
                frozen_norm=self.frozen_norm,
            )
        return Bottleneck(
            name=name,
            filters=4 * width,
            inner=width,
            stride=stride,
            order=order,
            shortcut=not self.plain,
            frozen_norm=self.frozen_norm,
        )

    def _after_stem(self) -> list[Node]:
        """Nothing where the first block begins with norm and ReLU."""
        return [] if self.pre_activation else norm_and("conv1", frozen=self.frozen_norm)

    def _end(self) -> list[Node]:
        """The norm and the ReLU that pre-activation leaves for the end."""
        return (
            [BatchNorm(name="norm", frozen=self.frozen_norm), ReLU(name="relu")]
            if self.pre_activation
            else []
        )


class ResNeXt(_Residual):
    """ResNeXt: ResNet's bottlenecks with a 3×3 in parallel groups; their number is the cardinality.

    More groups at the same cost are worth more than more depth or width. 50 layers with 32 groups of 4 maps
    (32×4d) have 25,028,904 parameters; published too are 101 layers with 32×4d, 32×8d and 64×4d. Second at
    ILSVRC 2016. Xie et al. 2017, table 1.
    """

    kind: Literal["resnext"] = "resnext"
    year: ClassVar[int | None] = 2016
    guide: ClassVar[Guide | None] = Guide(
        pros=("Better than a ResNet of the same cost, with one number more to choose.",),
        cons=("Grouped convolutions are slower than their multiply-adds promise.",),
        use="Where a ResNet is not good enough and the cost must stay.",
        example=Example(
            "Compare the weights of a block with 1 and with 32 groups.",
            preset="digits-residual",
            changes={
                "/network": [
                    {"kind": "resnext", "name": "resnext", "width": 0.125, "groups": 4, "stem": "small"}
                ]
            },
        ),
        mistakes=(
            Mistake(
                "Its cardinality is how many blocks or maps it has.",
                "How many parallel paths each block has, written as the groups of its 3×3 convolution.",
            ),
            Mistake(
                "Its 32 paths cost more than the one of ResNet-50.",
                "About as much: each path has 4 maps, so that parameters and work stay as they were.",
            ),
        ),
        tex=(r"y = x + \sum_{i=1}^{C} T_i(x)",),
    )
    depth: Literal[50, 101, 152] = option(50, "How many layers have weights.")
    groups: int = option(32, "C, the cardinality: how many parallel paths.", ge=1, le=1024)
    group_width: int = option(4, "d, how many maps each path has in the first stage.", ge=1, le=1024)

    def torchvision_names(self) -> TorchvisionNames | None:
        return NAMES if self.stem == "published" else None

    def blocks(self) -> tuple[int, int, int, int]:
        return STAGES[self.depth]

    def block(self, name: str, stage: int, stride: int) -> Block:
        path = self.wide(self.group_width * 2**stage)
        return Bottleneck(
            name=name,
            filters=4 * self.wide(WIDTHS[stage]),
            inner=self.groups * path,
            groups=self.groups,
            stride=stride,
        )


class SEResNet(_Residual):
    """SE-ResNet: ResNet whose blocks weigh their channels before the sum, by squeeze-and-excitation.

    50 layers: 28,088,024 parameters, a tenth more than ResNet-50, for 0.26 % more work. SENet won ILSVRC
    2017 with a top-five error of 2.25 %. Blocks of 50 layers and more thin out in their first 1×1, as in the
    paper. Hu et al. 2018, table 1.
    """

    kind: Literal["se_resnet"] = "se_resnet"
    year: ClassVar[int | None] = 2017
    guide: ClassVar[Guide | None] = Guide(
        pros=("Fewer errors than ResNet for hardly more work.",),
        cons=("A tenth more parameters, most of them in the last stage.",),
        use="Where a ResNet is not good enough.",
        example=Example(
            "Look at the gates: which channels does a sample let through?",
            preset="digits-residual",
            changes={
                "/network": [
                    {"kind": "se_resnet", "name": "se_resnet", "depth": 18, "width": 0.25, "stem": "small"}
                ]
            },
        ),
        mistakes=(
            Mistake(
                "SE squeezes by the maximum.",
                "By the average of each map.",
            ),
        ),
        tex=(r"y = f(x + s(F(x)) \odot F(x))",),
    )
    depth: Depth = option(50, "How many layers have weights.")
    reduction: int = option(16, "By how much squeeze-and-excitation narrows.", ge=1, le=1024)

    def blocks(self) -> tuple[int, int, int, int]:
        return STAGES[self.depth]

    def block(self, name: str, stage: int, stride: int) -> Block:
        width = self.wide(WIDTHS[stage])
        if self.depth < BOTTLENECKS_FROM:
            return ResidualConv2d(name=name, filters=width, stride=stride, squeeze=self.reduction)
        return Bottleneck(
            name=name,
            filters=4 * width,
            inner=width,
            stride=stride,
            stride_at="first",
            squeeze=self.reduction,
        )
