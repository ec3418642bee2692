"""The bottleneck block of deep residual networks."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.blocks.parts import active, convolution, last
from glassnet.engine.items.blocks.squeeze_excitation import SqueezeExcitation
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.node import INPUT, Context, Node


class Bottleneck(Block):
    """Bottleneck: 1×1 makes maps few, 3×3 works on the few, 1×1 makes them many; the input is added.

    y = f(x + F(x)). A 3×3 on all of 256 maps has 590 thousand weights; on 64 between two 1×1 it is 70
    thousand in all. With groups the 3×3 falls into parallel paths (ResNeXt's cardinality); with squeeze its
    output is weighed channel by channel before the sum (SENet). Shapes: (channels, h, w) →
    (filters, ⌈h / s⌉, ⌈w / s⌉). He et al. 2016, figure 5; Xie et al. 2017; Hu et al. 2018.
    """

    kind: Literal["bottleneck"] = "bottleneck"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Three layers for the price of one wide 3×3: networks of a hundred and fifty layers.",),
        cons=("Little of its work looks at neighbours: two of three convolutions are 1×1.",),
        use="In residual networks of fifty layers and more.",
        example=Example(
            "Open it: the maps become few, then many.",
            preset="digits-residual",
        ),
        mistakes=(
            Mistake(
                "Its shortcuts are gated.",
                "They are not; Highway networks' are.",
            ),
        ),
        tex=(r"y = f(x + F(x))", r"2 c \tfrac{c}{4} + 9 \left(\tfrac{c}{4}\right)^2 \text{ weights}"),
    )
    filters: int = option(32, "How many feature maps come out.", ge=1, le=10**9)
    inner: int | None = option(
        None, "How many the 3×3 convolution gives; empty: a quarter of those that come out.", ge=1, le=10**9
    )
    stride: int = option(1, "How far the convolution that thins out moves at a time.", unit="px", ge=1, le=64)
    stride_at: Literal["first", "middle"] = option(
        "middle",
        "Which convolution thins out: the 3×3, as is usual today, or the first 1×1, as in the paper.",
    )
    groups: int = option(1, "Into how many parallel paths the 3×3 falls, as in ResNeXt.", ge=1, le=10**9)
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
        """Three convolutions, three norms, three activations, and the sum."""
        return 9 + self.shortcut + (5 if self.squeeze else 0)

    def with_shortcuts(self, present: bool) -> Node:
        return self.model_copy(update={"shortcut": present})

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        changes = context.shape[0] != self.filters or self.stride != 1
        body, shortcut, after = self._original() if self.order == "original" else self._pre_activation()
        if self.squeeze:
            body.append(SqueezeExcitation(name="squeeze", reduction=self.squeeze))
        if not self.shortcut:
            return [*body, *after]
        if not changes:
            shortcut = []
        ends = [last(body), last(shortcut) if shortcut else INPUT]
        return [*body, *shortcut, Add(name="sum", inputs=ends), *after]

    def _original(self) -> tuple[list[Node], list[Node], list[Node]]:
        """The nodes of the body, of the shortcut's projection, and after the sum."""
        body = [
            *(self._conv(1, INPUT), self._norm(1), self._active(1)),
            *(self._conv(2), self._norm(2), self._active(2)),
            *(self._conv(3), self._norm(3)),
        ]
        return (
            body,
            [self._projection(INPUT), BatchNorm(name="shortcut_norm", frozen=self.frozen_norm)],
            [self._active(3)],
        )

    def _pre_activation(self) -> tuple[list[Node], list[Node], list[Node]]:
        """The same for pre-activation: the shortcut reads the normalised and activated input."""
        body = [
            *(self._norm(1, INPUT), self._active(1), self._conv(1)),
            *(self._norm(2), self._active(2), self._conv(2)),
            *(self._norm(3), self._active(3), self._conv(3)),
        ]
        return body, [self._projection(last(body[:2]))], []

    def _conv(self, number: Literal[1, 2, 3], reads: str | None = None) -> Node:
        inner = self.inner or max(1, self.filters // 4)
        thins = self.stride_at == ("first", "middle", "")[number - 1]
        return convolution(
            f"conv{number}",
            self.filters if number == 3 else inner,
            3 if number == 2 else 1,
            reads=reads,
            stride=self.stride if thins else 1,
            groups=self.groups if number == 2 else 1,
        )

    def _projection(self, reads: str) -> Node:
        return convolution("shortcut", self.filters, reads=reads, stride=self.stride)

    def _norm(self, number: int, reads: str | None = None) -> Node:
        return BatchNorm(name=f"norm{number}", inputs=[reads] if reads else None, frozen=self.frozen_norm)

    def _active(self, number: int) -> Node:
        return active(self.activation, f"{self.activation.kind}{number}")
