"""The residual block of convolutional networks."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.blocks.parts import last
from glassnet.engine.items.blocks.squeeze_excitation import SqueezeExcitation
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.node import INPUT, Context, Node


class ResidualConv2d(Block):
    """Residual convolutions: two convolutions with batch norm, and the input added to their output.

    y = f(x + F(x)), where the convolutions learn the difference F(x) = H(x) − x. Where size or channels
    change, the shortcut is a 1×1 convolution with batch norm. It has no gate (Highway networks have), and
    its merit is that deep networks train no worse than shallow ones (degradation), not that gradients
    vanish less. Pre-activation puts norm and activation before each convolution and none after the sum.
    Shapes: (channels, h, w) → (filters, ⌈h / s⌉, ⌈w / s⌉). He et al. 2016, figure 2; He et al. 2016b.
    """

    kind: Literal["residual_conv2d"] = "residual_conv2d"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    usual: ClassVar[int | None] = 2
    guide: ClassVar[Guide | None] = Guide(
        pros=("Networks of a hundred layers and more train.",),
        cons=("Maps of every block must be kept for the sum.",),
        use="In deep convolutional networks.",
        example=Example(
            "Digits are read with few epochs, and more blocks do no harm.",
            preset="digits-residual",
        ),
        mistakes=(
            Mistake(
                "Its shortcuts are gated.",
                "They are not; Highway networks' are.",
            ),
        ),
        tex=(r"y = f(x + F(x))",),
    )
    filters: int = option(16, "How many feature maps come out.", ge=1, le=10**9)
    kernel: int = option(3, "Side of the filters, an odd number.", unit="px", ge=1, le=127)
    stride: int = option(1, "How far the first convolution moves at a time.", unit="px", ge=1, le=64)
    squeeze: int | None = option(
        None, "The reduction of squeeze-and-excitation before the sum; empty: none.", ge=1, le=10**6
    )
    shortcut: bool = option(True, "Whether the input is added; without, the block is a plain one.")
    order: Literal["original", "pre_activation"] = option(
        "original", "Whether norm and activation follow each convolution, or go before it."
    )
    activation: Annotated[Activation, Choice(Activation)] = option(ReLU(), "The activation.")
    frozen_norm: bool = option(False, "Whether its batch norms are frozen, as those of detectors are.")

    def count(self) -> int:
        """The number of nodes: two convolutions, two norms, two activations, and the sum."""
        return 6 + self.shortcut + (5 if self.squeeze else 0)

    def with_shortcuts(self, present: bool) -> Node:
        return self.model_copy(update={"shortcut": present})

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel {self.kernel}; expected an odd number, so that sizes fit the shortcut")
        body, shortcut, after = self._original() if self.order == "original" else self._pre_activation()
        if self.squeeze:
            body.append(SqueezeExcitation(name="squeeze", reduction=self.squeeze))
        if not self.shortcut:
            return [*body, *after]
        if context.shape[0] == self.filters and self.stride == 1:
            shortcut = []
        ends = [last(body), last(shortcut) if shortcut else INPUT]
        return [*body, *shortcut, Add(name="sum", inputs=ends), *after]

    def _original(self) -> tuple[list[Node], list[Node], list[Node]]:
        """The nodes of the body, of the shortcut's projection (if needed), and after the sum."""
        body = [self._conv(1, INPUT), self._norm(1), self._active(1), self._conv(2), self._norm(2)]
        return (
            body,
            [self._projection(INPUT), BatchNorm(name="shortcut_norm", frozen=self.frozen_norm)],
            [self._active(2)],
        )

    def _pre_activation(self) -> tuple[list[Node], list[Node], list[Node]]:
        """The same for pre-activation: the shortcut reads the normalised and activated input."""
        body = [self._norm(1, INPUT), self._active(1), self._conv(1), self._norm(2), self._active(2)]
        return [*body, self._conv(2)], [self._projection(body[1].name or "")], []

    def _projection(self, reads: str) -> Node:
        return Conv2d(
            name="shortcut", inputs=[reads], filters=self.filters, kernel=1, stride=self.stride, bias=False
        )

    def _conv(self, number: int, reads: str | None = None) -> Node:
        return Conv2d(
            name=f"conv{number}",
            inputs=[reads] if reads else None,
            filters=self.filters,
            kernel=self.kernel,
            stride=self.stride if number == 1 else 1,
            padding=self.kernel // 2,
            bias=False,
        )

    def _norm(self, number: int, reads: str | None = None) -> Node:
        return BatchNorm(name=f"norm{number}", inputs=[reads] if reads else None, frozen=self.frozen_norm)

    def _active(self, number: int) -> Node:
        kind = self.activation.kind
        return self.activation.model_copy(update={"name": f"{kind}{number}", "inputs": None})
