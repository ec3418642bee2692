"""Subnetwork: nodes under one name, once or several times one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.node import Context, Node, Nodes

#: What the number of repetitions is divided by for a shallower network.
SHALLOWER = 8


class Subnetwork(Block):
    """Subnetwork: nodes under one name, drawn as one; repeated, each time with weights of its own.

    Its nodes read what arrives as `input`, of several inputs as `input`, `input2` and so on, and the last of
    them gives what leaves; others are read from outside by their names, `block.node`. Repeated n times,
    the copies `copy1` to `copyn` follow each other, as the blocks of a stage in VGG or ResNet do.
    """

    kind: Literal["subnetwork"] = "subnetwork"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    takes: ClassVar[tuple[int, ...] | None] = (0,)
    starter: ClassVar[Mapping[str, Any]] = {
        "body": [{"kind": "linear", "name": "linear1", "units": 8}, {"kind": "tanh", "name": "tanh1"}]
    }
    guide: ClassVar[Guide | None] = Guide(
        pros=("A deep network is read, and changed, in one place.",),
        cons=("What is repeated is the same each time but for its weights.",),
        use="For the stages of deep networks.",
        example=Example(
            "Open it: its nodes are one behind the other.",
        ),
        tex=(r"y = f_n(\dots f_1(x))",),
    )
    body: Nodes = option([Linear.model_construct(name="linear1")], "The nodes that belong together.")
    times: int = option(
        1, "How often they follow each other, each time with weights of their own.", ge=1, le=1000
    )

    def count(self) -> int:
        """The nodes of the body, as often as they are repeated."""
        return self.times * sum(node.count() for node in self.body)

    def with_shortcuts(self, present: bool) -> Node:
        return self.model_copy(update={"body": [node.with_shortcuts(present) for node in self.body]})

    def shallower(self) -> Node:
        body = [node.shallower() for node in self.body]
        return self.model_copy(update={"body": body, "times": max(1, self.times // SHALLOWER)})

    def expand(self, context: Context) -> list[Node]:
        if self.times == 1:
            return self.body
        if len(context.shapes) > 1:
            raise ValueError(
                f"{len(context.shapes)} inputs for {self.times} copies in a row; expected one input"
            )
        return [Subnetwork.model_construct(name=f"copy{n}", body=self.body) for n in range(1, self.times + 1)]
