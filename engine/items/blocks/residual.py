"""The residual block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers import shape_text
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.node import INPUT, Context, Node, Nodes


class Residual(Block):
    """Residual: the input is added to the body's output, y = x + F(x).

    The body learns the difference F(x) = H(x) − x. Where the body changes the shape, the shortcut is a
    learned projection (a dense layer, or a 1×1 convolution with the stride that fits). The shortcut has
    no gate; Highway networks do. He et al. 2016, equations 1 and 2.
    """

    kind: Literal["residual"] = "residual"
    takes: ClassVar[tuple[int, ...] | None] = (0,)
    usual: ClassVar[int | None] = 2
    starter: ClassVar[Mapping[str, Any]] = {
        "body": [{"kind": "linear", "name": "linear1", "units": 8}, {"kind": "tanh", "name": "tanh1"}]
    }
    guide: ClassVar[Guide | None] = Guide(
        pros=("Deep networks train no worse than shallow ones: the body learns a difference.",),
        cons=("Where the body changes the shape, the shortcut needs weights.",),
        use="In every deep network.",
        example=Example(
            "Open it: the sum at its end has two inputs, one of them the block's own.",
        ),
        mistakes=(
            Mistake(
                "ResNet solved vanishing gradients.",
                "Normalization had; it solved degradation, that a deeper plain network trains worse.",
            ),
        ),
        tex=(r"y = x + F(x), \quad F(x) = H(x) - x",),
    )
    body: Nodes = option([Linear.model_construct(name="linear1")], "The nodes that the shortcut bypasses.")

    def count(self) -> int:
        """The number of nodes of the expanded body, plus the sum."""
        return sum(node.count() for node in self.body) + 1

    def with_shortcuts(self, present: bool) -> Node:
        """A subnetwork of the body where it is to have none."""
        body = [node.with_shortcuts(present) for node in self.body]
        if present:
            return self.model_copy(update={"body": body})
        return Subnetwork(name=self.name, inputs=self.inputs, body=body)

    def shallower(self) -> Node:
        return self.model_copy(update={"body": [node.shallower() for node in self.body]})

    def expand(self, context: Context) -> list[Node]:
        before, after = context.shape, context.shape_after(self.body)
        shortcut = [] if before == after else [_projection(before, after)]
        ends = [self.body[-1].name or "", shortcut[0].name or "" if shortcut else INPUT]
        return [*self.body, *shortcut, Add(name="sum", inputs=ends)]


def _projection(before: tuple[int, ...], after: tuple[int, ...]) -> Node:
    """The learned shortcut from one shape to another (He et al. 2016, option B)."""
    if len(before) == len(after) == 1:
        return Linear(name="shortcut", inputs=[INPUT], units=after[0], bias=False)
    if len(before) == len(after) == 3:
        stride = -(-before[1] // after[1])
        reached = tuple((size - 1) // stride + 1 for size in before[1:])
        if reached == after[1:]:
            return Conv2d(
                name="shortcut", inputs=[INPUT], filters=after[0], kernel=1, stride=stride, bias=False
            )
    raise ValueError(
        f"the body turns {shape_text(before)} into {shape_text(after)}, which no shortcut can follow; "
        "expected a body that keeps the image's size, or divides it evenly"
    )
