"""The applicability of methods to a network, checked on shapes alone, with errors that name alternatives."""

from __future__ import annotations

from glassnet.engine.attribution.rules import Rule
from glassnet.engine.items.layers import shape_text
from glassnet.engine.network.plan import Plan, PlannedNode

#: The names of the rules in messages.
RULE_NAMES: dict[Rule, str] = {
    "gradient": "the gradient",
    "deconvnet": "the deconvnet",
    "guided": "guided backprop",
}


def require_places(plan: Plan) -> None:
    """Raise ValueError where samples have no places: along one axis, as sounds, two, as images, or three."""
    if len(plan.input_shape) < 2:
        raise ValueError(
            f"the samples are {shape_text(plan.input_shape)}, numbers without places; expected signals, "
            "images, volumes or clips, such as waveforms, digits or volumes"
        )


def require_images(plan: Plan) -> None:
    """Raise ValueError where samples are not images."""
    if len(plan.input_shape) != 3:
        raise ValueError(
            f"the samples are {shape_text(plan.input_shape)}, no images; expected data of channels "
            "× height × width, such as digits or shapes"
        )


def has_maps(plan: Plan, placed: PlannedNode) -> bool:
    """Whether a node gives feature maps: a number for each channel and place, along the axes of the samples.

    A matrix may also be of times and features; only where each of its places sees a window of the samples
    is its second axis theirs.
    """
    if len(placed.shape) < 2 or len(placed.shape) != len(plan.input_shape):
        return False
    return len(placed.shape) > 2 or bool(placed.receptive_field)


def require_node(plan: Plan, node: str) -> PlannedNode:
    """The node of a name. Raises ValueError where there is none, or its output is neither maps nor units."""
    names = [placed.name for placed in plan.nodes]
    if node not in names:
        maps = nodes_with_maps(plan)
        expected = f"one with feature maps: {_listed(maps)}" if maps else f"one of {_listed(names)}"
        raise ValueError(f"node: '{node}' names no node; expected {expected}")
    placed = plan[node]
    if len(placed.shape) != 1 and not has_maps(plan, placed):
        axes = {2: "length", 3: "height × width", 4: "depth × height × width"}[len(plan.input_shape)]
        raise ValueError(
            f"node '{node}' gives {shape_text(placed.shape)}; expected feature maps "
            f"(channels × {axes}) or a vector of units"
        )
    return placed


def require_maps(plan: Plan, node: str, otherwise: str) -> PlannedNode:
    """The node of a name with feature maps.

    Raises ValueError where it has none; `otherwise` is the alternative where no node has.
    """
    placed = require_node(plan, node)
    if not has_maps(plan, placed):
        maps = nodes_with_maps(plan)
        expected = f"expected one with feature maps: {_listed(maps)}" if maps else otherwise
        raise ValueError(f"node '{node}' gives a vector; {expected}")
    return placed


def nodes_with_maps(plan: Plan) -> list[str]:
    """The names of the nodes with feature maps."""
    return [placed.name for placed in plan.nodes if has_maps(plan, placed)]


def require_channels(placed: PlannedNode, channels: list[int]) -> None:
    """Raise ValueError for a channel that the node does not have."""
    for channel in channels:
        if channel >= placed.shape[0]:
            raise ValueError(
                f"'{placed.name}' has {placed.shape[0]} feature maps; expected a channel of 0 to "
                f"{placed.shape[0] - 1}, not {channel}"
            )


def require_rule(plan: Plan, node: str, rule: Rule, otherwise: str = "or the rule 'gradient'") -> None:
    """Raise ValueError where a non-linearity before a node has no backward rule.

    `otherwise` is the alternative in the message.
    """
    if rule == "gradient":
        return
    unruled = plan.ways[node].unruled
    if unruled is not None:
        placed = plan.nodes[unruled]
        raise ValueError(
            f"node '{placed.name}' is {placed.item.label()}, for which {RULE_NAMES[rule]} has no rule; "
            f"expected ReLU or leaky ReLU on the way to '{node}', {otherwise}"
        )


def require_rectifier(plan: Plan, node: str, rule: Rule, otherwise: str) -> None:
    """Raise ValueError where no ReLU is before a node: the method would be the plain gradient."""
    require_rule(plan, node, rule, otherwise)
    if not plan.ways[node].rectified:
        raise ValueError(
            f"no ReLU is on the way to '{node}', so {RULE_NAMES[rule]} would be the plain gradient; "
            f"expected a network with ReLUs, {otherwise}"
        )


def last_maps(plan: Plan, otherwise: str = "or a method that needs none") -> str:
    """The last node with feature maps before the output, before global pooling.

    Raises ValueError where there is none; `otherwise` is the alternative in the message.
    """
    way = plan.ways[plan.loss_nodes[0]]
    if way.maps is None or "convolution" not in way.roles:
        raise ValueError(
            "the network has no feature maps of more than one place; expected a convolution on the way to "
            f"the answer, {otherwise}"
        )
    return plan.nodes[way.maps].name


def layers(plan: Plan) -> list[str]:
    """The last node of each layer: of each convolution with its norm and activation.

    In a network without convolutions, of each dense layer: its units are maps of one position.
    """
    readers: dict[str, list[PlannedNode]] = {}
    for placed in plan.nodes:
        for source in placed.sources:
            readers.setdefault(source.name, []).append(placed)
    convolutions = [p for p in plan.nodes if p.item.role == "convolution" and has_maps(plan, p)]
    found = []
    for placed in convolutions or [p for p in plan.nodes if p.item.role == "dense"]:
        last = placed
        while len(after := readers.get(last.name, [])) == 1 and after[0].item.folds:
            last = after[0]
        found.append(last.name)
    return found


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
