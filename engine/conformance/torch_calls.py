"""What an item becomes in PyTorch, as lines of source."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call
from glassnet.engine.conformance.places import made, placed, plannable
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.modules import call_of
from glassnet.engine.items.node import Node
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.regularizers import Regularizer
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.items.stops import Stop
from glassnet.engine.network import planner

#: The steps of an epoch and of a training, for schedules: 10 epochs.
STEPS = (25, 250)


def torch_calls(family: str, item: type[Item]) -> list[str]:
    """The calls of an item with every default; of a node, in a network that it fits into.

    Empty where an item is no part of a PyTorch program, as probes are, or fits into no network here.
    """
    if issubclass(item, Node):
        return _calls_of_node(family, item)
    return [str(call) for call in _calls(made(item)) if call is not None]


def _calls_of_node(family: str, item: type[Node]) -> list[str]:
    """The call of each node that a node expands to: one, where it is no block."""
    document, _ = placed(family, item)
    if not plannable(document):
        return []
    nodes = [node for node in planner.plan(Experiment.parse(document)).nodes if _is_part(node.name)]
    calls = [(node.name.removeprefix("item."), str(call_of(node.item, node.context))) for node in nodes]
    return [call if name == "item" else f"{name} = {call}" for name, call in calls]


def _is_part(name: str) -> bool:
    return name == "item" or name.startswith("item.")


def _calls(item: Item) -> Iterator[Call | None]:
    match item:
        case Dataset():
            yield item.generate()
        case Normalization():
            yield item.fit()
        case Loss() | Optimizer() | Initializer() | Augmentation():
            yield item.call()
        case Schedule():
            yield item.call(*STEPS)
        case Stop():
            yield item.call(dict.fromkeys(item.metrics().values(), False))
        case Regularizer():
            yield from (item.penalty(), item.on_gradients(), item.at_update(), item.after_update())
