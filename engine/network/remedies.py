"""Changes of an experiment that mend a problem of it, each as a Remedy: a label and a JSON patch."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, get_args

from glassnet.engine.catalog import catalog
from glassnet.engine.errors import Remedy
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.node import Node
from glassnet.engine.items.tasks import Task
from glassnet.engine.network.plan import Plan, PlannedNode

#: The share kept for validation, the batch, and the hidden layer, where a remedy brings one.
VALIDATION_SHARE, BATCH, HIDDEN = 0.2, 10, 4


def put(path: str, value: Any) -> dict[str, Any]:
    """The operation that sets a member, or inserts an entry of a list."""
    return {"op": "add", "path": path, "value": value}


def another_task(experiment: Experiment) -> Remedy | None:
    """The first task that suits the data, with its own defaults."""
    for kind, item in catalog(Task).items():
        if item.model_validate({"kind": kind}).check(experiment.data) is None:
            return Remedy(f"Make it {item.label().lower()}", [put("/task", {"kind": kind})])
    return None


def another_loss(experiment: Experiment, index: int, kind: str = "") -> Remedy:
    """A loss of another kind in the place of one, of the same node and weight: the task's own by default."""
    task, loss = experiment.task, experiment.task.losses[index]
    kind = kind or type(task).model_validate({"kind": task.kind}).losses[0].kind
    item = catalog(Loss)[kind]
    both = item.model_fields.keys() & type(loss).model_fields.keys() - {"kind"}
    kept = {name: value for name, value in loss.model_dump(mode="json").items() if name in both}
    chosen = {"op": "replace", "path": f"/task/losses/{index}", "value": {"kind": kind, **kept}}
    return Remedy(f"Use {inline(item.label())}", [chosen])


def losses_at(nodes: Mapping[str, float], experiment: Experiment) -> Remedy:
    """The first loss once more at each of some nodes, with these weights."""
    first = experiment.task.losses[0].model_dump(mode="json")
    added = [{**first, "node": node, "weight": weight} for node, weight in nodes.items()]
    weights = " and ".join(f"{weight:g}" for weight in dict.fromkeys(nodes.values()))
    return Remedy(
        f"Add their losses with weight {weights}",
        [put("/task/losses/-", loss) for loss in added],
    )


def as_many_weights(experiment: Experiment, index: int) -> Remedy:
    """The class weights of a loss, one for each class: those that are missing are 1."""
    count = len(experiment.data.classes or ())
    given = getattr(experiment.task.losses[index], "class_weights", None) or []
    weights = [*given, *[1.0] * count][:count]
    return Remedy.setting(f"Use {count:,} weights", {f"/task/losses/{index}/class_weights": weights})


def as_wide(placed: PlannedNode, width: int) -> Remedy | None:
    """A layer of the size that the task needs, where a loss reads the layer itself."""
    size = placed.item.size_option
    if size is None or not is_own(placed):
        return None
    optional = type(None) in get_args(type(placed.item).model_fields[size].annotation)
    label = "Follow the task" if optional else f"Use {width:,}"
    return Remedy.setting(label, {f"{placed.pointer}/{size}": None if optional else width})


def validation_share() -> Remedy:
    """A share of the samples for validation."""
    return Remedy(
        f"Keep {VALIDATION_SHARE:.0%} for validation", [put("/data/validation_share", VALIDATION_SHARE)]
    )


def larger_batches(experiment: Experiment) -> Remedy | None:
    """Batches of more than one sample, in which a variance can be taken."""
    trained, size = experiment.data.trained, experiment.training.batch_size
    if trained > size > 1:
        return Remedy("Leave out the last batch", [put("/training/last_batch", "drop")])
    if trained < 2:
        return None
    larger = min(BATCH, trained)
    drop = [put("/training/last_batch", "drop")] if trained % larger == 1 else []
    return Remedy(f"Use batches of {larger}", [put("/training/batch_size", larger), *drop])


def another_kind(placed: PlannedNode, kind: str) -> Remedy | None:
    """A node of another kind in the place of one; None inside what a block adds by itself."""
    if not is_own(placed):
        return None
    item = catalog(Node)[kind]
    value: dict[str, Any] = {"kind": kind, "name": placed.item.name, "inputs": placed.item.inputs}
    return Remedy(
        f"Make it {inline(item.label())}", [{"op": "replace", "path": placed.pointer, "value": value}]
    )


def without(placed: PlannedNode, experiment: Experiment) -> Remedy | None:
    """The network without a node: removed, or made the identity where another names it."""
    if not is_own(placed):
        return None
    label, nodes = f"Remove the {inline(placed.item.label())}", experiment.network
    last = placed.pointer == f"/network/{len(nodes) - 1}" and len(nodes) > 1
    names = {reference for node in nodes for reference in node.inputs or []}
    names |= {loss.node for loss in experiment.task.losses if loss.node is not None}
    if last and placed.item.inputs is None and placed.name not in names:
        return Remedy(label, [{"op": "remove", "path": placed.pointer}])
    value = {"kind": "identity", "name": placed.item.name, "inputs": placed.item.inputs}
    return Remedy(label, [{"op": "replace", "path": placed.pointer, "value": value}])


def before(plan: Plan, placed: PlannedNode, label: str, *chain: dict[str, Any]) -> Remedy | None:
    """A chain of nodes inserted before one; None inside what a block adds by itself."""
    if not is_own(placed):
        return None
    nodes = [{**node, "name": _free_name(plan, node["kind"])} for node in chain]
    patch = [put(placed.pointer, node) for node in reversed(nodes)]
    if placed.item.inputs is not None:
        # What it reads by name is read by the first of the chain, and it reads the node before.
        above, _, place = placed.pointer.rpartition("/")
        patch[-1] = put(placed.pointer, {**nodes[0], "inputs": placed.item.inputs})
        patch.append(put(f"{above}/{int(place) + len(nodes)}/inputs", None))
    return Remedy(label, patch)


def hidden_layer(plan: Plan, placed: PlannedNode) -> Remedy | None:
    """A hidden layer before an output."""
    layer = ({"kind": "linear", "units": HIDDEN}, {"kind": "tanh"})
    return before(plan, placed, "Add a hidden layer", *layer)


def is_own(placed: PlannedNode) -> bool:
    """Whether a node is in the document itself, once: not added by a block, nor repeated by one."""
    return placed.written and placed.name.count(".") == placed.pointer.count("/body/")


def _free_name(plan: Plan, kind: str) -> str:
    """The kind with the smallest number that no node of the network has, inside blocks or outside."""
    taken = {part for placed in plan.nodes for part in placed.name.split(".")}
    return next(name for number in count(1) if (name := f"{kind}{number}") not in taken)


def inline(label: str) -> str:
    """A label within a sentence: acronyms keep their capitals."""
    return label if label != label.capitalize() else label[:1].lower() + label[1:]
