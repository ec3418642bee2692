"""Xception."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.blocks.parts import convolution, last, norm_and, normalized
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import Conv2d, DepthwiseConv2d
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.layers.pooling import GlobalAveragePool, MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape

#: Filters of the separable convolutions of each block that halves the side: entry flow, and exit flow.
ENTRY, EXIT = ((128, 128), (256, 256), (728, 728)), (728, 1024)

#: How often the middle flow is repeated.
MIDDLE = 8


class Xception(Stemmed):
    """Xception: Inception taken to its end, depthwise separable convolutions with shortcuts.

    Entry flow, a middle flow of eight equal blocks, exit flow: 36 convolutions, 22,855,952 parameters. A
    separable convolution looks at space and at channels one after the other; nothing stands between the two.
    Chollet 2017, figure 5.
    """

    kind: Literal["xception"] = "xception"
    year: ClassVar[int | None] = 2016
    published_input: ClassVar[Shape | None] = (3, 299, 299)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Better than Inception-v3 with as many parameters, and simpler to write down.",),
        cons=("Depthwise convolutions are slow for the work they do on graphics cards.",),
        use="To see how far separable convolutions go.",
        example=Example(
            "Open a block of the middle flow: ReLU, separable, norm, three times.",
            preset="digits-residual",
            changes={"/network": [{"kind": "xception", "name": "xception", "width": 0.05, "stem": "small"}]},
        ),
        mistakes=(
            Mistake(
                "Xception is the smallest of these networks.",
                "MobileNet is; Xception has about 23 million parameters.",
            ),
        ),
        tex=(r"y = x + S_3(S_2(S_1(x)))",),
    )

    def expand(self, context: Context) -> list[Node]:
        small = self.stem == "small"
        border = 1 if small else 0
        return [
            *normalized("conv1", self.wide(32), 3, reads=INPUT, stride=1 if small else 2, padding=border),
            *normalized("conv2", self.wide(64), 3, padding=border),
            *(self._halving(f"entry{number}", each, number > 1) for number, each in enumerate(ENTRY, 1)),
            *(self._middle(number) for number in range(1, MIDDLE + 1)),
            self._halving("exit1", EXIT, True),
            *(*self._separable("conv3", 1536), ReLU(name="conv3_relu")),
            *(*self._separable("conv4", 2048), ReLU(name="conv4_relu")),
            GlobalAveragePool(name="mean"),
            Linear(name="output", units=self.classes),
        ]

    def _halving(self, name: str, widths: tuple[int, int], active: bool) -> Node:
        """Two separable convolutions and a pooling; the shortcut is a 1×1 with stride 2."""
        body: list[Node] = [
            *([ReLU(name="relu1", inputs=[INPUT])] if active else []),
            *self._separable("separable1", widths[0]),
            ReLU(name="relu2"),
            *self._separable("separable2", widths[1]),
            MaxPool2d(name="pool", kernel=3, stride=2, padding=1),
            convolution("shortcut", self.wide(widths[1]), reads=INPUT, stride=2),
            BatchNorm(name="shortcut_norm"),
            Add(name="sum", inputs=["pool", "shortcut_norm"]),
        ]
        return Subnetwork(name=name, body=body)

    def _middle(self, number: int) -> Node:
        body: list[Node] = []
        for index in (1, 2, 3):
            body += [ReLU(name=f"relu{index}"), *self._separable(f"separable{index}", 728)]
        return Subnetwork(name=f"middle{number}", body=[*body, Add(name="sum", inputs=[last(body), INPUT])])

    def _separable(self, name: str, filters: int) -> list[Node]:
        """A depthwise and a 1×1 convolution with nothing between them, and batch norm."""
        depthwise = DepthwiseConv2d(name=f"{name}_depthwise", kernel=3, padding=1, bias=False)
        pointwise = Conv2d(name=name, filters=self.wide(filters), kernel=1, bias=False)
        return [depthwise, pointwise, *norm_and(name, None)]
