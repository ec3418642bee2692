"""AlexNet, and ZFNet, which corrects faults seen in AlexNet's first layers."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.items.initializers.scaled import He
from glassnet.engine.items.layers import Layer
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.dropout import Dropout
from glassnet.engine.items.layers.flatten import Flatten
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.local_contrast_norm import LocalContrastNorm
from glassnet.engine.items.layers.local_response_norm import LocalResponseNorm
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape


class _EightLayers(Architecture, ABC):
    """The common part of AlexNet and ZFNet: five convolutions and three dense layers."""

    drop: Literal["outputs", "inputs"] = option(
        "outputs", "Whether dropout is after the first two dense layers, as in the paper, or before them."
    )
    first_initializer: Annotated[Initializer, Choice(Initializer)] = option(
        He(), "How the first layer's filters start. In the papers all weights were normal with std 0.01."
    )

    def conv(
        self,
        number: int,
        filters: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
    ) -> list[Node]:
        """A convolution and its ReLU; with groups, the number of filters is a multiple of them."""
        conv = Conv2d(
            name=f"conv{number}",
            inputs=[INPUT] if number == 1 else None,
            filters=groups * self.wide(filters // groups),
            kernel=kernel,
            stride=stride,
            padding=padding,
            groups=groups,
            initializer=self.first_initializer if number == 1 else He(),
        )
        return [conv, ReLU(name=f"relu{number}")]

    def dense(self) -> list[Node]:
        """The three dense layers at the end."""
        nodes: list[Node] = [Flatten(name="flatten")]
        for number in (6, 7):
            layer = [Linear(name=f"dense{number}", units=self.wide(4096)), ReLU(name=f"relu{number}")]
            drop = Dropout(name=f"dropout{number}")
            nodes += [*layer, drop] if self.drop == "outputs" else [drop, *layer]
        return [*nodes, Linear(name="dense8", units=self.classes)]


class AlexNet(_EightLayers):
    """AlexNet: five convolutions and three dense layers, with ReLU, dropout and local response norm.

    227×227×3 → 96@55×55 → 27×27 → 256@27×27 → 13×13 → 384 → 384 → 256 → 6×6 → 4096 → 4096 → 1000, 62,378,344
    parameters in one tower and 60,965,224 in the two of the paper, a graphics card each. It used local
    response norm, not batch norm, and won ILSVRC 2012 by far with eight layers. Convolutions hold 6 % of
    the parameters and do 95 % of the work. Krizhevsky et al. 2012.
    """

    kind: Literal["alexnet"] = "alexnet"
    year: ClassVar[int | None] = 2012
    published_input: ClassVar[Shape | None] = (3, 227, 227)
    guide: ClassVar[Guide | None] = Guide(
        pros=("The network with which deep learning won ImageNet; its parts are all common today.",),
        cons=("62 million parameters, 94 % of them in dense layers.",),
        use="To understand what changed in 2012.",
        example=Example(
            "Its first filters are large and coarse: look for dead ones.",
            preset="alexnet-shapes",
        ),
        mistakes=(
            Mistake(
                "It is of 2013 and has seven layers.",
                "Of 2012, with eight.",
            ),
            Mistake(
                "It used batch norm and 14 million pictures.",
                "Local response norm, and 1.2 million.",
            ),
            Mistake(
                "It was the first network on graphics cards.",
                "Others were before it: Cireșan and others won contests with theirs in 2011.",
            ),
        ),
    )
    towers: int = option(1, "Towers that are connected in the third convolution alone.", ge=1, le=2)
    padding: int = option(0, "Zeros around the image: 0 for 227×227, 2 for 224×224.", unit="px", ge=0, le=5)
    norm: Literal["local_response", "none"] = option(
        "local_response", "What follows the first two convolutions."
    )

    def expand(self, context: Context) -> list[Node]:
        return [
            *self.conv(1, 96, 11, stride=4, padding=self.padding, groups=1),
            *self._norm(1),
            MaxPool2d(name="pool1", kernel=3, stride=2),
            *self.conv(2, 256, 5, padding=2, groups=self.towers),
            *self._norm(2),
            MaxPool2d(name="pool2", kernel=3, stride=2),
            *self.conv(3, 384, 3, padding=1),
            *self.conv(4, 384, 3, padding=1, groups=self.towers),
            *self.conv(5, 256, 3, padding=1, groups=self.towers),
            MaxPool2d(name="pool5", kernel=3, stride=2),
            *self.dense(),
        ]

    def _norm(self, number: int) -> list[Node]:
        return [LocalResponseNorm(name=f"norm{number}")] if self.norm == "local_response" else []


class ZFNet(_EightLayers):
    """ZFNet: AlexNet with smaller filters and strides in front, chosen by visualising its first layers.

    224×224×3 → 96@110×110 → 55×55 → 256@26×26 → 13×13 → 384 → 384 → 256 → 6×6 → 4096 → 4096 → 1000,
    62,357,608 parameters. AlexNet's 11×11 filters with stride 4 were blurred, dead or aliased when shown by
    deconvolution; 7×7 with stride 2 and contrast norm keep more. The paper reports a top-five error of
    14.8 %; ILSVRC 2013 was won by Clarifai. The second convolution is 5×5 with stride 2 (not 3×3). Zeiler
    & Fergus 2014.
    """

    kind: Literal["zfnet"] = "zfnet"
    year: ClassVar[int | None] = 2013
    published_input: ClassVar[Shape | None] = (3, 224, 224)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Chosen by looking: its first layer keeps what AlexNet's aliased.",),
        cons=("As large as AlexNet.",),
        use="To see what visualisation is good for.",
        example=Example(
            "Compare its first filters with AlexNet's.",
            preset="zfnet-shapes",
        ),
        mistakes=(
            Mistake(
                "ZFNet won ILSVRC 2013.",
                "Clarifai did; the paper reports 14.8 %.",
            ),
            Mistake(
                "Its second convolution is 3×3.",
                "5×5, with stride 2.",
            ),
        ),
    )
    norm: Literal["local_contrast", "local_response", "none"] = option(
        "local_contrast", "What follows the first two poolings."
    )

    def expand(self, context: Context) -> list[Node]:
        return [
            *self.conv(1, 96, 7, stride=2, padding=1),
            MaxPool2d(name="pool1", kernel=3, stride=2, ceil_mode=True),
            *self._norm(1),
            *self.conv(2, 256, 5, stride=2),
            MaxPool2d(name="pool2", kernel=3, stride=2, ceil_mode=True),
            *self._norm(2),
            *self.conv(3, 384, 3, padding=1),
            *self.conv(4, 384, 3, padding=1),
            *self.conv(5, 256, 3, padding=1),
            MaxPool2d(name="pool5", kernel=3, stride=2),
            *self.dense(),
        ]

    def _norm(self, number: int) -> list[Node]:
        norms: dict[str, type[Layer]] = {
            "local_contrast": LocalContrastNorm,
            "local_response": LocalResponseNorm,
        }
        chosen = norms.get(self.norm)
        return (
            []
            if chosen is None
            else [chosen.model_validate({"kind": self.norm + "_norm", "name": f"norm{number}"})]
        )
