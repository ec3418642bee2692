"""Squeeze-and-excitation."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.activations.sigmoid import Sigmoid
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.merge import Multiply
from glassnet.engine.items.layers.pooling import GlobalAveragePool
from glassnet.engine.items.node import INPUT, Context, Node


class SqueezeExcitation(Block):
    """Squeeze-and-excitation: each channel is scaled by a weight between 0 and 1 that all channels decide.

    Squeeze: the mean of each map. Excite: two dense layers, the first of a share of the channels, with a ReLU
    between them and a sigmoid at the end. Then each map is multiplied by its number. Parameters:
    2c² / reduction and biases. It won ILSVRC 2017 within SENet. Hu et al. 2018, equations 2 to 4.
    """

    kind: Literal["squeeze_excitation"] = "squeeze_excitation"
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("A few per cent more parameters and hardly any work, and errors fall.",),
        cons=("Every place of a map gets the same factor: where something is plays no part.",),
        use="At the end of a residual block, before the sum.",
        example=Example(
            "Look at the sigmoid's output: which channels are let through for this sample?",
        ),
        mistakes=(
            Mistake(
                "It squeezes by the maximum.",
                "By the average of each map.",
            ),
        ),
        tex=(
            r"z_c = \frac{1}{hw} \sum_{i,j} x_{c,i,j}",
            r"y_c = \sigma(W_2\,\mathrm{ReLU}(W_1 z))_c \; x_c",
        ),
    )
    reduction: int = option(
        16, "By how much the layer in between is narrower than the channels.", ge=1, le=10**6
    )

    def count(self) -> int:
        """The mean, two dense layers with what follows them, and the product."""
        return 6

    def expand(self, context: Context) -> list[Node]:
        channels = context.shape[0]
        return [
            GlobalAveragePool(name="mean", inputs=[INPUT]),
            Linear(name="reduce", units=max(1, channels // self.reduction)),
            ReLU(name="relu"),
            Linear(name="expand", units=channels),
            Sigmoid(name="gate"),
            Multiply(name="product", inputs=[INPUT, "gate"]),
        ]
