"""Blocks and architectures written out: the same network, node by node in the document."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from glassnet.engine.catalog import catalog
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.blocks import Expansion
from glassnet.engine.items.node import Node
from glassnet.engine.network import planner
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.written_out import written_out

Document = dict[str, Any]


def replaced(experiment: Experiment, pointer: str) -> Experiment:
    """The experiment with the block at a pointer written out."""
    document = deepcopy(experiment.document())
    *above, place = pointer.split("/")[1:]
    within: Any = document
    for key in above:
        within = within[int(key) if key.isdecimal() else key]
    within[int(place)] = written_out(experiment, pointer).model_dump(mode="json")
    return Experiment.parse(document)


def facts(plan: Plan) -> list[tuple[Any, ...]]:
    return [(node.name, node.kind, node.sources, node.shapes, node.own, node.macs) for node in plan.nodes]


def single(item: type[Node]) -> Experiment:
    """A block of this kind between two layers, or an architecture alone, on a picture or a table."""
    small: Document = {"width": 0.05} if issubclass(item, Architecture) else {}
    node = {"kind": item.model_fields["kind"].default, "name": "whole", **dict(item.starter), **small}
    flat = item.takes == (0,) or item.takes is None
    end = [{"kind": "flatten"}, {"kind": "linear", "units": None}]
    data = {"kind": "spiral"} if flat else {"kind": "shapes", "size": 96}
    answers = issubclass(item, Architecture) and item.answers == "class"
    return Experiment.parse({"data": data, "network": [node] if answers else [node, *end[flat:]]})


EXPANDING = sorted(kind for kind, item in catalog(Node).items() if issubclass(item, Expansion))


@pytest.mark.parametrize("kind", EXPANDING)
def test_what_is_written_out_is_the_same_network(kind: str) -> None:
    experiment = single(catalog(Node)[kind])
    before = planner.plan(experiment)
    after = replaced(experiment, "/network/0")
    assert after.network[0].kind == "subnetwork"
    assert facts(planner.plan(after)) == facts(before)


def test_a_block_of_what_was_written_out_is_written_out_in_its_turn() -> None:
    experiment = Experiment.parse(
        {"data": {"kind": "digits"}, "network": [{"kind": "resnet", "width": 0.05, "stem": "small"}]}
    )
    before = facts(planner.plan(experiment))
    opened = replaced(experiment, "/network/0")
    stages = [index for index, node in enumerate(opened.document()["network"][0]["body"]) if "body" in node]
    whole = replaced(opened, f"/network/0/body/{stages[0]}/body/0")
    assert facts(planner.plan(whole)) == before


@pytest.mark.parametrize("pointer", ["/network/1", "/network/0/body/3", "", "/data", "network"])
def test_what_does_not_expand_is_refused_at_its_pointer(pointer: str) -> None:
    network = [
        {"kind": "residual", "body": [{"kind": "linear", "units": 2}]},
        {"kind": "linear", "units": None},
    ]
    experiment = Experiment.parse({"data": {"kind": "spiral"}, "network": network})
    with pytest.raises(InvalidExperiment, match="no block and no architecture is here") as caught:
        written_out(experiment, pointer)
    assert caught.value.problems[0].pointer == pointer
