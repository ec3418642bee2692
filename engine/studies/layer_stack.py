"""A network as a stack of layers, and the smaller networks that begin and end as it does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from glassnet.engine.catalog import catalog
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.node import Node, Operation
from glassnet.engine.network import planner

Document = dict[str, Any]


class LayerStack:
    """The hidden layers of a chain of nodes, each with what follows it, and the head that answers."""

    def __init__(self, experiment: Experiment) -> None:
        """Raises ValueError, with what was expected, where it is no chain of two or more hidden layers."""
        self._experiment = experiment
        self._document: Document = experiment.document()
        nodes: list[Document] = self._document["network"]
        updates = self._document["training"]["updates"]
        if len(updates) != 1 or updates[0]["nodes"] != "*":
            raise ValueError(f"{len(updates)} updates of some nodes each; expected one that moves all nodes")
        _check_chain(nodes)
        plan = planner.plan(experiment)
        self._own = {
            node["name"]: [placed.name for placed in plan.nodes if placed.own and _is_part(placed.name, node)]
            for node in nodes
        }
        starts = [index for index, node in enumerate(nodes) if self._own[node["name"]] and not _folds(node)]
        if len(starts) < 3:
            raise ValueError(
                f"{max(0, len(starts) - 1)} hidden layers with weights; expected two or more below the output"
            )
        head = starts[-1]
        # What only reshapes or pools before the output belongs to the output: every layer's result needs it.
        while not self._own[nodes[head - 1]["name"]] and not _folds(nodes[head - 1]):
            head -= 1
        bounds = [0, *starts[1:-1], head]
        #: The nodes of each hidden layer, and those of the head.
        self.layers = [nodes[low:high] for low, high in pairwise(bounds)]
        self.head = nodes[head:]

    def up_to(self, count: int, *, last_alone: bool = False) -> Experiment:
        """The experiment of the first `count` hidden layers and the head.

        `last_alone` trains the last of them and the head, the rest keeps its weights. Raises ValueError where
        it is no network.
        """
        layers = self.layers[:count]
        document: Document = {
            **self._document,
            "network": [node for layer in layers for node in layer] + self.head,
        }
        training = {**self._document["training"], "regularizers": [], "stops": []}
        if last_alone:
            [update] = training["updates"]
            trained = [name for node in [*layers[-1], *self.head] for name in self._own[node["name"]]]
            training["updates"] = [{**update, "nodes": name} for name in trained]
        document["training"] = training
        try:
            experiment = Experiment.parse(document)
            planner.plan(experiment)
        except InvalidDocument as error:
            raise ValueError(f"its first {count} layers and the output are no network: {error}") from None
        return experiment

    def of_head(self, name: str) -> bool:
        """Whether a tensor of the state belongs to the head."""
        node = name.partition("/")[2]
        return any(node.startswith(f"{each['name']}.") for each in self.head)


def _check_chain(nodes: Sequence[Document]) -> None:
    """Raise ValueError where a node reads another than the one before it."""
    for before, node in zip([None, *nodes], nodes, strict=False):
        expected = "input" if before is None else before["name"]
        if node.get("inputs") not in (None, [], [expected]):
            raise ValueError(
                f"node '{node['name']}' reads {', '.join(node['inputs'])}; expected a chain of nodes, "
                "each of which reads the one before it"
            )


def _is_part(name: str, node: Document) -> bool:
    return name == node["name"] or name.startswith(f"{node['name']}.")


def _folds(node: Document) -> bool:
    item = catalog(Node)[node["kind"]]
    return issubclass(item, Operation) and item.folds
