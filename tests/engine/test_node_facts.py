"""What items say of nodes of their kind, held against what the engine finds in a network with one."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import pytest
import torch
from torch import nn

from glassnet.engine.catalog import catalog
from glassnet.engine.errors import GlassnetError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.node import Node, Operation
from glassnet.engine.network import planner
from glassnet.engine.network.plan import PlannedNode
from glassnet.engine.probes.arithmetic import reading

#: What arrives, by the number of its axes.
SHAPES = {0: [12], 1: [6, 64], 2: [6, 80, 80], 3: [6, 16, 16, 16]}
KINDS = catalog(Node)

#: Options with which a node fits what arrives.
FITTING: dict[str, dict[str, Any]] = {
    "cell_boxes": {"boxes": 1},
    "anchor_boxes": {"anchors": [[[16, 16]]]},
    "yolo_v2": {"stem": "small"},
    "yolo_v3": {"stem": "small"},
}
OPERATIONS = {kind: item for kind, item in KINDS.items() if issubclass(item, Operation)}


def read_by(kind: str) -> list[int]:
    takes = KINDS[kind].takes
    return list(SHAPES if takes is None else takes)


@cache
def placed(kind: str, axes: int, option: str | None = None, value: Any = None) -> PlannedNode:
    """The last node of what a node of a kind expands to, behind what has so many axes."""
    before = [
        {"kind": "linear", "name": "made", "units": prod(SHAPES[axes])},
        {"kind": "reshape", "name": "shaped", "shape": SHAPES[axes]},
        {"kind": "identity", "name": "other", "inputs": ["shaped"]},
    ]
    node: dict[str, Any] = {"kind": kind, "name": "placed", **KINDS[kind].starter, **FITTING.get(kind, {})}
    node |= {"inputs": ["shaped", "other"]} if KINDS[kind].arity[0] > 1 else {}
    node |= {option: value} if option else {}
    after = [{"kind": "flatten"}, {"kind": "linear", "units": None}]
    document = {"data": {"kind": "spiral"}, "network": [*before, node, *after]}
    plan = planner.plan(Experiment.parse(document))
    return [each for each in plan.nodes if each.name.split(".")[0] == "placed"][-1]


def module(found: PlannedNode) -> nn.Module:
    built = found.item.call(found.context).build(dropout=torch.Generator())
    assert isinstance(built, nn.Module)
    return built


@pytest.mark.parametrize("kind", KINDS)
def test_a_node_takes_what_it_says_and_gives_as_many_units_as_it_says(kind: str) -> None:
    item = KINDS[kind]
    for axes in read_by(kind):
        found = placed(kind, axes)
        if item.keeps_units:
            assert found.shape[0] == SHAPES[axes][0]
        if item.size_option is not None:
            assert placed(kind, axes, item.size_option, 6).shape[0] == 6


@pytest.mark.parametrize("kind", [kind for kind, item in KINDS.items() if item.takes])
def test_what_a_node_does_not_take_is_refused(kind: str) -> None:
    for axes in SHAPES.keys() - read_by(kind):
        with pytest.raises(GlassnetError, match="expected"):
            placed(kind, axes)


@pytest.mark.parametrize("kind", [kind for kind, item in KINDS.items() if item.multiple_of > 1])
def test_units_that_are_no_multiple_are_refused(kind: str) -> None:
    document = {
        "data": {"kind": "spiral"},
        "network": [
            {"kind": "linear", "units": KINDS[kind].multiple_of + 1},
            {"kind": kind, "name": "placed"},
            {"kind": "linear", "units": None},
        ],
    }
    with pytest.raises(GlassnetError, match="expected a multiple of"):
        planner.plan(Experiment.parse(document))


@pytest.mark.parametrize("kind", OPERATIONS)
def test_the_arithmetic_that_is_followed_is_shown_and_no_other(kind: str) -> None:
    for axes in read_by(kind):
        found = placed(kind, axes)
        if found.followed:
            assert callable(reading(module(found), 0))
        else:
            with pytest.raises(ValueError, match="expected"):
                reading(module(found), 0)


def test_transposed_weights_come_inputs_first_and_all_others_units_first() -> None:
    for kind, item in OPERATIONS.items():
        if item.role == "convolution" and item.size_option is not None:
            for axes in read_by(kind):
                first = placed(kind, axes).own["weight"][0]
                assert first == SHAPES[axes][0] if item.transposed else first % 8 == 0


def test_what_slides_has_one_filter_for_each_map_and_a_stride() -> None:
    sliding = [kind for kind, item in OPERATIONS.items() if item.slides]
    assert sliding
    for kind in sliding:
        found = placed(kind, read_by(kind)[0])
        assert found.own["weight"][0] == found.shape[0]
        assert getattr(module(found), "stride", None)


def test_one_activation_is_preferred() -> None:
    assert sum(getattr(item, "preferred", False) for item in KINDS.values()) == 1
