"""The inverted residual block of MobileNet-v2."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.relu import ReLU6
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.blocks.parts import active, convolution
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import DepthwiseConv2d
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.node import INPUT, Context, Node


class InvertedResidual(Block):
    """Inverted residual: 1×1 makes maps many, a depthwise 3×3 works on them, 1×1 makes them few again.

    The shortcut joins the narrow ends, where a bottleneck's joins the wide ones. The last 1×1 has no
    activation (a linear bottleneck): a ReLU on few maps would lose what it sets to zero. The input is added
    where the shape stays. Sandler et al. 2018, figure 3 and table 1.
    """

    kind: Literal["inverted_residual"] = "inverted_residual"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Little memory between blocks, few multiply-adds.",),
        cons=("Depthwise convolutions are slow for the work they do on graphics cards.",),
        use="On phones.",
        example=Example(
            "Open it: the maps become many, then few.",
        ),
        mistakes=(
            Mistake(
                "A ReLU follows the last convolution.",
                "None does: the bottleneck is linear.",
            ),
        ),
        tex=(r"y = x + W_2\, f(D * f(W_1 x))",),
    )
    filters: int = option(8, "How many feature maps come out.", ge=1, le=10**9)
    expansion: int = option(
        6, "t, how many times wider the middle is; 1: no first convolution.", ge=1, le=1000
    )
    stride: int = option(1, "How far the depthwise filters move at a time.", unit="px", ge=1, le=64)
    activation: Annotated[Activation, Choice(Activation)] = option(ReLU6(), "The activation.")

    def count(self) -> int:
        """Two or three convolutions with norms, the activations between them, and the sum."""
        return 5 if self.expansion == 1 else 8

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        channels = context.shape[0]
        depthwise = DepthwiseConv2d(name="depthwise", kernel=3, stride=self.stride, padding=1, bias=False)
        nodes: list[Node] = [
            *self._widened(channels),
            depthwise,
            *self._followed("depthwise"),
            convolution("project", self.filters),
            BatchNorm(name="project_norm"),
        ]
        nodes[0] = nodes[0].model_copy(update={"inputs": [INPUT]})
        if channels == self.filters and self.stride == 1:
            nodes.append(Add(name="sum", inputs=["project_norm", INPUT]))
        return nodes

    def _widened(self, channels: int) -> list[Node]:
        if self.expansion == 1:
            return []
        return [convolution("expand", self.expansion * channels), *self._followed("expand")]

    def _followed(self, name: str) -> list[Node]:
        """Batch norm and the activation after a convolution."""
        return [BatchNorm(name=f"{name}_norm"), active(self.activation, f"{name}_{self.activation.kind}")]
