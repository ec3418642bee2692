"""The dense block of DenseNet."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.blocks.parts import convolution
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.merge import Concatenate
from glassnet.engine.items.node import INPUT, Context, Node


class DenseBlock(Block):
    """Dense block: each layer reads all maps before it, and adds a few of its own.

    A layer is norm, ReLU, 1×1 (which makes few of many), norm, ReLU, 3×3; its maps are laid behind what it
    read. Shapes: (channels, h, w) → (channels + layers · growth, h, w). Huang et al. 2017, equation 2.
    """

    kind: Literal["dense_block"] = "dense_block"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Features are made once and used by every layer after it: few parameters.",
            "Each layer is close to the loss.",
        ),
        cons=("All maps are kept, and read again by each layer: much memory.",),
        use="Where parameters are dear and memory is not.",
        example=Example(
            "Watch the number of maps grow from layer to layer.",
        ),
        mistakes=(
            Mistake(
                "It adds, as ResNet does.",
                "It concatenates: nothing is summed.",
            ),
        ),
        tex=(r"x_l = H_l([x_0, x_1, \dots, x_{l-1}])",),
    )
    layers: int = option(3, "How many layers.", ge=1, le=200)
    growth: int = option(8, "k, how many maps each layer adds.", ge=1, le=10**6)
    bottleneck: int | None = option(
        4, "How many times k the 1×1 convolution gives; empty: no 1×1, the 3×3 reads all.", ge=1, le=1000
    )

    def count(self) -> int:
        """Of each layer the convolutions, norms and activations, and the concatenation."""
        return self.layers * (7 if self.bottleneck else 4)

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        nodes: list[Node] = []
        read = INPUT
        for number in range(1, self.layers + 1):
            layer = Subnetwork(name=f"layer{number}", inputs=[read], body=self._layer())
            joined = Concatenate(name=f"joined{number}", inputs=[read, f"layer{number}"])
            nodes += [layer, joined]
            read = f"joined{number}"
        return nodes

    def _layer(self) -> list[Node]:
        """Norm, ReLU and 3×3, after norm, ReLU and 1×1 where there is a bottleneck."""
        nodes: list[Node] = [BatchNorm(name="norm1"), ReLU(name="relu1")]
        if self.bottleneck:
            reduce = convolution("conv1", self.bottleneck * self.growth)
            nodes += [reduce, BatchNorm(name="norm2"), ReLU(name="relu2")]
        return [*nodes, convolution("conv2", self.growth, 3)]
