"""The depth of a network: its layers with weights, counted as papers count them."""

from __future__ import annotations

from collections.abc import Sequence

from glassnet.engine.items.node import INPUT
from glassnet.engine.network.plan import PlannedNode

#: What has weights and is counted as a layer, by role.
COUNTED = frozenset({"convolution", "dense"})


def depth(nodes: Sequence[PlannedNode]) -> int:
    """The most layers with weights on a way from the input to the last node.

    Of a product only the way of its first input counts: the others are gates, which no paper counts. A
    depthwise convolution and a 1×1 directly behind it are one separable convolution, and one layer.
    """
    placed = {node.name: node for node in nodes}
    depths = {INPUT: 0}
    for node in nodes:
        sources = node.sources[:1] if node.item.role == "product" else node.sources
        before = max(depths.get(source.name, 0) for source in sources)
        read = placed.get(node.sources[0].name)
        counted = node.item.role in COUNTED and not (read and _is_separable(read, node))
        depths[node.name] = before + counted
    return depths[nodes[-1].name]


def groups(node: PlannedNode) -> int:
    """The number of groups of a convolution; of a depthwise one, as many as it reads maps."""
    if node.item.role != "convolution" or not node.own:
        return 1
    reads = next(iter(node.own.values()))[1]
    return int(node.context.shape[0] // reads)


def _is_separable(first: PlannedNode, second: PlannedNode) -> bool:
    """Whether two convolutions, the second of which reads the first, are depthwise and 1×1."""
    windows = second.item.windows(second.context) or ()
    return (
        first.item.role == second.item.role == "convolution"
        and groups(first) == first.context.shape[0] > 1
        and all(window.size == 1 for window in windows)
    )
