"""One head for several maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.blocks import Block, inside_name
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.node import Context, Node, Nodes

#: What the inputs' copies are called inside.
FIRST = "map1"


class SharedHead(Block):
    """Shared head: the same nodes with the same weights for each of several inputs, as on a pyramid's levels.

    Its nodes are applied to the first input as `map1`, to the second as `map2`, and so on; the parameters are
    those of `map1` throughout, and count once. What a node gives for the second input is read from outside
    as `head.map2.NODE`; the output is what the last node gives for the last input. Lin et al. 2017b,
    section 4: the heads of RetinaNet.
    """

    kind: Literal["shared_head"] = "shared_head"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    starter: ClassVar[Mapping[str, Any]] = {
        "body": [{"kind": "conv2d", "name": "conv1", "filters": 8, "padding": "same"}]
    }
    guide: ClassVar[Guide | None] = Guide(
        pros=("An object is known at every scale by the same weights: each scale teaches all others.",),
        cons=("As much work as a head for each map.",),
        use="Behind a feature pyramid, whose levels mean the same at other scales.",
        example=Example(
            "The gradient of its weights is the sum of those of all levels.",
        ),
        mistakes=(
            Mistake(
                "RetinaNet's classes and boxes share a head.",
                "They have a head each; it is the levels that share it.",
            ),
        ),
        tex=(r"y_i = f_\theta(x_i)",),
    )
    body: Nodes = option([Conv2d.model_construct(name="conv1")], "The nodes that are applied to each input.")

    def count(self) -> int:
        """The nodes of the body, for one input."""
        return sum(node.count() for node in self.body)

    def with_shortcuts(self, present: bool) -> Node:
        return self.model_copy(update={"body": [node.with_shortcuts(present) for node in self.body]})

    def expand(self, context: Context) -> list[Node]:
        return [
            Subnetwork.model_construct(
                name=f"map{place + 1}",
                inputs=[inside_name(place)],
                weights=FIRST if place else None,
                body=self.body,
            )
            for place in range(len(context.shapes))
        ]
