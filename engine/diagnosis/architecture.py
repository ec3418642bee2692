"""Cures that change the network: its activations, its shortcuts, its norms, its start, its dropout.

Each is the patch of an experiment, or None where it has no place there. They touch the nodes of the document
alone, and leave what blocks expand into. Operations go from the last node to the first, so that a pointer
holds whatever was inserted behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glassnet.engine.diagnosis.slopes import dies, saturates
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.network.plan import Plan, PlannedNode
from glassnet.engine.network.remedies import is_own, put

Operations = list[dict[str, Any]]

#: Roles of the layers that a shortcut goes around.
WEIGHTED = ("dense", "convolution")

#: The gain of an orthogonal start that makes up for the slope ¼ of a sigmoid at 0.
SIGMOID_GAIN = 4.0

#: The share dropped of a dense layer's units, and of a layer of maps, of which neighbours say the same.
DENSE_SHARE, MAPS_SHARE = 0.5, 0.25


def relu(experiment: Experiment, plan: Plan) -> Operations | None:
    """ReLU in the place of activations that saturate, with He's start."""
    hidden = [placed for placed in _hidden(plan) if saturates(placed)]
    if not hidden:
        return None
    return [_another(placed, "relu") for placed in hidden] + _starts(plan, {"kind": "he"})


def leaky_relu(experiment: Experiment, plan: Plan) -> Operations | None:
    """Leaky ReLU in the place of activations that have no slope on their left."""
    return [_another(placed, "leaky_relu") for placed in _hidden(plan) if dies(placed)] or None


def batch_norm(experiment: Experiment, plan: Plan) -> Operations | None:
    """Batch norm before each hidden activation that reads a layer with weights."""
    if min(experiment.training.batch_size, experiment.data.trained) < 2:
        return None
    places = [placed.pointer for placed in _hidden(plan) if _reads_weights(plan, placed)]
    return [put(pointer, {"kind": "batch_norm"}) for pointer in reversed(places)] or None


def dropout(experiment: Experiment, plan: Plan) -> Operations | None:
    """Dropout behind each hidden activation that has none yet."""
    dropped = {
        source.name for node in plan.nodes if node.item.role == "training_only" for source in node.sources
    }
    return [
        put(
            _next(placed.pointer),
            {"kind": "dropout", "p": MAPS_SHARE if len(placed.shape) > 1 else DENSE_SHARE},
        )
        for placed in reversed(_hidden(plan))
        if placed.name not in dropped
    ] or None


def initializer(experiment: Experiment, plan: Plan) -> Operations | None:
    """A start that keeps signals as large as they are: He's with rectifiers, orthogonal with sigmoids."""
    hidden = _hidden(plan)
    if any(dies(placed) for placed in hidden):
        start: dict[str, Any] = {"kind": "he"}
    elif hidden and all(_is_sigmoid(placed) for placed in hidden):
        start = {"kind": "orthogonal", "gain": SIGMOID_GAIN}
    else:
        start = {"kind": "xavier"}
    return _starts(plan, start) or None


def residual(experiment: Experiment, plan: Plan) -> Operations | None:
    """A shortcut around each layer and its activation, where both are as wide as what they read."""
    operations: Operations = []
    for first, second in reversed(list(_bypassed(experiment, plan))):
        body = [node.item.model_dump(mode="json") | {"inputs": None} for node in (first, second)]
        operations += [
            {"op": "remove", "path": second.pointer},
            {"op": "replace", "path": first.pointer, "value": {"kind": "residual", "body": body}},
        ]
    return operations or None


def _hidden(plan: Plan) -> list[PlannedNode]:
    """The elementwise activations of the document that are no output."""
    needed = plan.loss_dependencies()
    return [
        placed
        for placed in plan.nodes
        if isinstance(placed.item, Activation)
        and placed.item.elementwise
        and is_own(placed)
        and placed.name in needed
        and placed.name not in plan.loss_nodes
    ]


def _another(placed: PlannedNode, kind: str) -> dict[str, Any]:
    """The operation that makes a node one of another kind, of the same name, where it stands."""
    value = {"kind": kind, "name": placed.item.name, "inputs": placed.item.inputs}
    return {"op": "replace", "path": placed.pointer, "value": value}


def _starts(plan: Plan, start: dict[str, Any]) -> Operations:
    """The operations that give all layers of the document another initializer."""
    own = [placed for placed in plan.nodes if is_own(placed) and "weight" in placed.item.initial()]
    return [
        put(f"{placed.pointer}/initializer", start)
        for placed in own
        if "initializer" in type(placed.item).model_fields
    ]


def _reads_weights(plan: Plan, placed: PlannedNode) -> bool:
    source = placed.sources[0].name
    return placed.item.inputs is None and source in plan and plan[source].item.role in WEIGHTED


def _bypassed(experiment: Experiment, plan: Plan) -> Iterator[tuple[PlannedNode, PlannedNode]]:
    """Pairs of a layer and its activation, one behind the other, that no other node names."""
    named = {name for node in experiment.network for name in node.inputs or []}
    for activation in _hidden(plan):
        if not _reads_weights(plan, activation):
            continue
        layer = plan[activation.sources[0].name]
        beside = layer.item.inputs is None and _next(layer.pointer) == activation.pointer
        read = plan[layer.sources[0].name].shape if layer.sources[0].name in plan else plan.input_shape
        if (
            beside
            and is_own(layer)
            and read == activation.shape
            and not named & {layer.name, activation.name}
        ):
            yield layer, activation


def _is_sigmoid(placed: PlannedNode) -> bool:
    return isinstance(placed.item, Activation) and placed.item.gives == "probabilities"


def _next(pointer: str) -> str:
    """The pointer to the place behind one in the same list."""
    above, _, place = pointer.rpartition("/")
    return f"{above}/{int(place) + 1}"
