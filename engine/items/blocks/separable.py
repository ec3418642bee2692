"""Convolutions in two steps: depthwise separable and spatially separable."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import Conv2d, DepthwiseConv2d
from glassnet.engine.items.layers.sliding import Borders, Sides
from glassnet.engine.items.node import INPUT, Context, Node


class SeparableConv2d(Block):
    """Depthwise separable convolution: a filter for each channel, then a 1×1 convolution that mixes channels.

    Parameters: channels · k² + channels · filters, and biases, against channels · filters · k² of a
    convolution: about k² times fewer, as are the multiply-adds. MobileNet has batch norm and ReLU after
    both steps, Xception nothing between. Sifre 2014; Howard et al. 2017, section 3.1.
    """

    kind: Literal["separable_conv2d"] = "separable_conv2d"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=("About k² times fewer weights and multiply-adds than a convolution.",),
        cons=("Less able for its width: it needs more channels.",),
        use="On phones, as MobileNet and Xception.",
        example=Example(
            "Compare its parameters with a convolution's of the same width.",
        ),
        mistakes=(
            Mistake(
                "Xception is the smallest of these networks.",
                "MobileNet is; Xception has about 23 million parameters.",
            ),
        ),
        tex=(r"k^2 c + c f \quad \text{against} \quad k^2 c f",),
    )
    filters: int = option(8, "How many feature maps come out.", ge=1, le=10**9)
    kernel: Sides = option(3, "Side of the depthwise filters.", unit="px")
    stride: Sides = option(1, "How far the depthwise filters move at a time.", unit="px")
    padding: Borders | Literal["valid", "same", "full"] = option("same", "Zeros around the image.")
    dilation: Sides = option(1, "Distance between a depthwise filter's numbers.")
    multiplier: int = option(1, "How many depthwise filters each channel has.", ge=1, le=10**6)
    batch_norm: bool = option(False, "Whether batch norm follows each step; biases are then left out.")
    activation: Annotated[Activation, Choice(Activation)] | None = option(
        None, "What follows each step; empty: nothing, as after any convolution."
    )

    def count(self) -> int:
        """Both steps, and what follows each."""
        return 2 + 2 * len(self._after(1))

    def expand(self, context: Context) -> list[Node]:
        depthwise = DepthwiseConv2d(
            name="depthwise",
            inputs=[INPUT],
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            multiplier=self.multiplier,
            bias=not self.batch_norm,
        )
        pointwise = Conv2d(name="pointwise", filters=self.filters, kernel=1, bias=not self.batch_norm)
        return [depthwise, *self._after(1), pointwise, *self._after(2)]

    def _after(self, step: int) -> list[Node]:
        return _following(step, self.batch_norm, self.activation)


class SpatiallySeparableConv2d(Block):
    """Spatially separable convolution: down the columns with k×1 filters, then along the rows with 1×k.

    Two lines in place of a square: k + k numbers for k². Exact only where the square is the outer product
    of a column and a row, a matrix of rank 1, as Gaussian and Sobel kernels are; not any kernel separates.
    Parameters: middle · channels · k + filters · middle · k, and biases.
    """

    kind: Literal["spatially_separable_conv2d"] = "spatially_separable_conv2d"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=("k + k numbers in place of k².",),
        cons=("Only kernels of rank 1 can be written so.",),
        use="For blurs and edge filters, and long thin kernels.",
        example=Example(
            "Compare its parameters with a convolution's.",
        ),
        mistakes=(
            Mistake(
                "Any kernel separates.",
                "Only one of rank 1: the outer product of a column and a row.",
            ),
        ),
        tex=(r"K = u\,v^\top",),
    )
    filters: int = option(8, "How many feature maps come out.", ge=1, le=10**9)
    middle: int | None = option(
        None, "How many feature maps lie between the steps; empty: as many as come out.", ge=1, le=10**9
    )
    kernel: int = option(3, "k, the length of both lines.", unit="px", ge=1, le=1024)
    stride: int = option(1, "How far each line moves along its own axis at a time.", unit="px", ge=1, le=1024)
    padding: Literal["valid", "same", "full"] = option("same", "Zeros around the image.")
    batch_norm: bool = option(False, "Whether batch norm follows each step; biases are then left out.")
    activation: Annotated[Activation, Choice(Activation)] | None = option(
        None, "What follows each step; empty: nothing, so that both are one linear filter."
    )

    def count(self) -> int:
        """Both steps, and what follows each."""
        return 2 + 2 * len(self._after(1))

    def expand(self, context: Context) -> list[Node]:
        k, s, bias = self.kernel, self.stride, not self.batch_norm
        middle = self.filters if self.middle is None else self.middle
        if self.padding == "same" and (s != 1 or k % 2 == 0):
            raise ValueError(
                f"padding 'same' with stride {s} and kernel {k}; expected stride 1 and an odd kernel"
            )
        border = {"valid": 0, "same": (k - 1) // 2, "full": k - 1}[self.padding]
        column = Conv2d(
            name="column",
            inputs=[INPUT],
            filters=middle,
            kernel=[k, 1],
            stride=[s, 1],
            padding=[border, 0],
            bias=bias,
        )
        row = Conv2d(
            name="row", filters=self.filters, kernel=[1, k], stride=[1, s], padding=[0, border], bias=bias
        )
        return [column, *self._after(1), row, *self._after(2)]

    def _after(self, step: int) -> list[Node]:
        return _following(step, self.batch_norm, self.activation)


def _following(step: int, batch_norm: bool, activation: Activation | None) -> list[Node]:
    """The nodes after a step of a block: batch norm and an activation, each optional."""
    nodes: list[Node] = [BatchNorm(name=f"norm{step}")] if batch_norm else []
    if activation is not None:
        nodes.append(activation.model_copy(update={"name": f"{activation.kind}{step}", "inputs": None}))
    return nodes
