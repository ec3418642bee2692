"""The plan: shapes, costs and receptive fields without a number computed; and networks that cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.network.graph import matches
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.planning_budget import MAX_PLANNED_NODES, limit_planning
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, experiment, mlp, refused, residual, residual_cnn

Node = dict[str, Any]

DIGITS = {"kind": "digits"}
LAST: Node = {"kind": "linear", "name": "output", "units": None}
REGRESSION: dict[str, Any] = {
    "data": {"kind": "regression_plane"},
    "task": {"kind": "regression", "losses": [{"kind": "mse"}]},
}


def plan(*nodes: Node, data: Node | None = None, **parts: Any) -> Plan:
    return planner.plan(Experiment.parse(document(*nodes, data=data, **parts)))


def document(*nodes: Node, data: Node | None = None, **parts: Any) -> dict[str, Any]:
    return {"data": data or {"kind": "spiral"}, "network": list(nodes), **parts}


def problems(*nodes: Node, data: Node | None = None, **parts: Any) -> dict[str, str]:
    """What the plan says against these nodes; the pointers are known to resolve."""
    return refused(lambda d: planner.plan(Experiment.parse(d)), document(*nodes, data=data, **parts))


# Shapes and costs ------------------------------------------------------------------------------------


def test_the_tasks_width_reaches_the_last_node() -> None:
    assert plan(LAST)["output"].shape == (2,)
    assert plan(LAST, data={"kind": "iris"})["output"].shape == (3,)
    hinge = {"kind": "classification", "losses": [{"kind": "hinge"}]}
    assert plan(LAST, task=hinge)["output"].shape == (1,)
    assert plan(LAST, **REGRESSION)["output"].shape == (1,)


def test_the_width_reaches_through_what_follows_the_last_weights() -> None:
    nodes = [{**LAST, "name": "linear1"}, {"kind": "dropout"}, {"kind": "identity", "name": "last"}]
    assert plan(*nodes)["linear1"].shape == (2,)


def test_each_head_gets_the_width_of_its_own_loss() -> None:
    losses = [{"kind": "cross_entropy", "node": "index"}, {"kind": "hinge", "node": "side"}]
    heads = [
        {"kind": "linear", "name": "index", "units": None, "inputs": ["body"]},
        {"kind": "linear", "name": "side", "units": None, "inputs": ["body"]},
    ]
    made = plan({"kind": "linear", "name": "body"}, *heads, task={"kind": "classification", "losses": losses})
    assert (made["index"].shape, made["side"].shape) == ((2,), (1,))
    assert made.loss_nodes == ["index", "side"]


@pytest.mark.parametrize(
    "made", [mlp(8, 4), cnn(), residual(), residual_cnn(), dropout_mlp()], ids=lambda e: e.network[0].kind
)
def test_shapes_parameters_and_multiply_adds_are_those_of_the_real_network(made: Experiment) -> None:
    trainer = Trainer(made)
    network, sample = trainer.evaluation_network, trainer.data.train.inputs[:1]
    outputs = network(sample)
    for placed in trainer.plan.nodes:
        assert tuple(outputs[placed.name].shape[1:]) == placed.shape
    assert trainer.plan.parameters == sum(p.numel() for p in network.parameters())
    with FlopCounterMode(display=False) as counter:
        network(sample)
    assert trainer.plan.macs == counter.get_total_flops() // 2
    assert trainer.plan.activations == sum(x.numel() for name, x in outputs.items() if name != "input")


def test_lenet_has_its_published_size() -> None:
    """61,706 parameters and 416,520 multiply-adds, on 32×32 pictures (here after padding 8 to 32)."""
    made = plan(
        {"kind": "conv2d", "filters": 1, "kernel": 1, "padding": 12, "name": "to32"},
        {"kind": "conv2d", "filters": 6, "kernel": 5, "name": "c1"},
        {"kind": "max_pool2d"},
        {"kind": "conv2d", "filters": 16, "kernel": 5, "name": "c3"},
        {"kind": "max_pool2d"},
        {"kind": "flatten"},
        {"kind": "linear", "units": 120},
        {"kind": "linear", "units": 84},
        LAST,
        data=DIGITS,
    )
    assert made["c1"].shape == (6, 28, 28)
    assert made.parameters - made["to32"].parameters == 61_706
    assert made.macs - made["to32"].macs == 416_520


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells a process its peak memory"
)
def test_a_hundred_billion_parameters_are_described_without_memory() -> None:
    code = """
import json, pathlib, re
from glassnet.engine.network import planner
from glassnet.engine.experiment.experiment import Experiment
network = [{"kind": "linear", "units": units} for units in (100_000, 1_000_000, None)]
totals = planner.plan(Experiment.parse({"data": {"kind": "spiral"}, "network": network})).describe()["totals"]
# Not getrusage, whose peak is that of whoever started us, if that is more.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())
print(json.dumps([totals["parameters"], int(peak[1])]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    parameters, peak = json.loads(done.stdout)
    assert parameters == 3 * 100_000 + 100_001 * 1_000_000 + 2 * 1_000_001
    assert peak < 500_000  # kB


def test_describe_is_plain_data_with_pointers_and_totals() -> None:
    described = planner.plan(residual()).describe()
    assert described["input"] == {"name": "input", "shape": [2]}
    assert [node["name"] for node in described["nodes"]][:4] == [
        "block1.inner",
        "block1.tanh",
        "block1.shortcut",
        "block1.sum",
    ]
    assert described["nodes"][0]["pointer"] == "/network/0/body/0"
    assert described["nodes"][3]["pointer"] == "/network/0"
    assert described["nodes"][3]["inputs"] == ["block1.tanh", "block1.shortcut"]
    assert described["totals"]["parameters"] == sum(node["parameters"] for node in described["nodes"])
    assert described["outputs"] == ["output"]


# Receptive fields ------------------------------------------------------------------------------------


def test_two_threes_see_what_a_five_sees() -> None:
    twice = plan(
        {"kind": "conv2d", "name": "a"},
        {"kind": "conv2d", "name": "b"},
        {"kind": "flatten"},
        LAST,
        data=DIGITS,
    )
    once = plan({"kind": "conv2d", "name": "b", "kernel": 5}, {"kind": "flatten"}, LAST, data=DIGITS)
    assert twice["b"].receptive_field == once["b"].receptive_field
    assert [axis.size for axis in twice["b"].receptive_field or ()] == [5, 5]
    assert twice["flatten1"].receptive_field is None


@pytest.mark.parametrize(
    "nodes",
    [
        [{"kind": "conv2d", "kernel": 3}, {"kind": "tanh"}, {"kind": "conv2d", "kernel": 2}],
        [{"kind": "conv2d", "kernel": 2, "stride": 2}, {"kind": "conv2d", "kernel": 3}],
        [{"kind": "conv2d", "kernel": 3, "stride": 2, "padding": 1}, {"kind": "conv2d", "kernel": 2}],
        [{"kind": "residual", "body": [{"kind": "conv2d", "filters": 3, "padding": "same"}]}],
        [
            {"kind": "conv2d", "kernel": 3},
            {"kind": "max_pool2d", "kernel": 2},
            {"kind": "conv2d", "kernel": 2},
        ],
    ],
)
def test_a_receptive_field_is_what_the_gradient_reaches(nodes: list[Node]) -> None:
    names = [{**node, "name": f"n{number}"} for number, node in enumerate(nodes)]
    made = experiment([*names, {"kind": "flatten"}, LAST], data=DIGITS)
    trainer = Trainer(made)
    # Max pooling passes the gradient to one of its window alone: an average sees as far, and all of it.
    for name, module in trainer.evaluation_network.named_modules():
        if isinstance(module, nn.MaxPool2d):
            replacement = nn.AvgPool2d(module.kernel_size, module.stride)
            trainer.evaluation_network.__dict__["_nodes"][name] = replacement
    reached = torch.zeros(8, 8, dtype=torch.bool)
    for seed in range(3):  # a weight may be zero, or two paths cancel; not three times
        x = torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(seed), requires_grad=True)
        last = trainer.evaluation_network(x)[trainer.plan.nodes[-3].name]
        place = tuple(size // 2 for size in last.shape[2:])
        (gradient,) = torch.autograd.grad(last[0, :, place[0], place[1]].sum(), x)
        reached |= gradient[0, 0] != 0
    rows, columns = reached.any(dim=1).nonzero(), reached.any(dim=0).nonzero()
    seen = [int(axis.max() - axis.min()) + 1 for axis in (rows, columns)]
    expected = trainer.plan.nodes[-3].receptive_field
    assert expected is not None
    assert seen == [axis.size for axis in expected]


# Any graph -------------------------------------------------------------------------------------------


@given(st.permutations(range(6)))
def test_nodes_may_stand_in_any_order(order: list[int]) -> None:
    nodes: list[Node] = [
        {"kind": "input", "name": "left", "columns": [0]},
        {"kind": "input", "name": "right", "columns": [1]},
        {"kind": "linear", "name": "a", "inputs": ["left"], "units": 4},
        {"kind": "linear", "name": "b", "inputs": ["right"], "units": 4},
        {"kind": "concatenate", "name": "both", "inputs": ["a", "b"]},
        {**LAST, "inputs": ["both"]},
    ]
    task = {"kind": "classification", "losses": [{"kind": "cross_entropy", "node": "output"}]}
    made = plan(*[nodes[index] for index in order], task=task)
    assert made["both"].shape == (8,)
    known = {"input"}
    for placed in made.nodes:
        assert {source.name for source in placed.sources} <= known
        known.add(placed.name)


@given(st.data())
def test_any_graph_without_a_cycle_can_be_planned_and_parsed_again(data: st.DataObject) -> None:
    nodes: list[Node] = []
    for number in range(data.draw(st.integers(1, 8))):
        before = ["input", *(node["name"] for node in nodes)]
        kind = data.draw(st.sampled_from(["linear", "tanh", "dropout", "batch_norm", "add", "concatenate"]))
        inputs = data.draw(
            st.lists(st.sampled_from(before), min_size=2, max_size=3)
            if kind in ("add", "concatenate")
            else st.lists(st.sampled_from(before), min_size=1, max_size=1)
        )
        nodes.append({"kind": kind, "name": f"n{number}", "inputs": inputs})
    nodes.append({**LAST, "inputs": [nodes[-1]["name"]]})
    try:
        made = plan(*nodes)
    except InvalidExperiment as error:
        # The one thing that can be wrong with these: widths that do not add up.
        if "expected the same shape on every input" not in str(error):
            raise
    else:
        assert [placed.name for placed in made.nodes] == [node["name"] for node in nodes]
        assert planner.plan(Experiment.parse(Experiment.parse(document(*nodes)).document())) is not None


def test_a_tied_node_adds_no_parameters() -> None:
    made = plan(
        {"kind": "linear", "name": "a", "units": 2},
        {"kind": "linear", "name": "b", "units": 2, "weights": "a"},
        {"kind": "linear", "name": "c", "units": 2, "weights": "b"},
    )
    assert [placed.parameters for placed in made.nodes] == [6, 0, 0]
    assert [placed.ties for placed in made.nodes] == [None, "a", "a"]


# Networks that cannot be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "pointer", "words"),
    [
        ([{"kind": "tanh", "inputs": ["nowhere"]}, LAST], "/network/0/inputs/0", "'nowhere' names no node"),
        ([{"kind": "tanh", "inputs": []}, LAST], "/network/0", "0 inputs; expected 1"),
        ([{"kind": "add"}, LAST], "/network/0", "1 inputs; expected at least 2"),
        ([{"kind": "tanh", "inputs": ["input", "input"]}, LAST], "/network/0", "2 inputs; expected 1"),
        ([{"kind": "tanh", "name": "a", "inputs": ["a"]}, LAST], "/network/0", "a → a is a cycle"),
        (
            [
                {"kind": "tanh", "name": "a", "inputs": ["b"]},
                {"kind": "tanh", "name": "b", "inputs": ["c"]},
                {"kind": "tanh", "name": "c", "inputs": ["a"]},
                LAST,
            ],
            "/network/0",
            "is a cycle",
        ),
        ([{"kind": "tanh", "inputs": ["input:second"]}, LAST], "/network/0/inputs/0", "no output 'second'"),
        ([{"kind": "conv2d"}, LAST], "/network/0", "2 arrives; expected an image"),
        ([{"kind": "linear", "units": None}, {"kind": "linear"}], "/network/1", "gives 8"),
        (
            [
                {"kind": "linear", "name": "a", "units": 3},
                {"kind": "add", "inputs": ["a", "input"]},
                LAST,
            ],
            "/network/1",
            "3 and 2 arrive; expected the same shape",
        ),
        ([{"kind": "input", "columns": [2]}, LAST], "/network/0", "column 2; expected 0 to 1"),
        ([{"kind": "input", "columns": [-1]}, LAST], "/network/0", "column -1"),
        ([{"kind": "linear", "weights": "tanh1"}, {"kind": "tanh"}, LAST], "/network/0", "is a cycle"),
        ([{"kind": "linear", "weights": "none_such"}, LAST], "/network/0/weights", "names no node"),
        ([{"kind": "linear", "weights": "input"}, LAST], "/network/0/weights", "cannot use the data"),
        ([{"kind": "linear"}, {**LAST, "weights": "linear1"}], "/network/1/weights", "other shapes"),
        (
            [{"kind": "linear"}, {"kind": "tanh", "weights": "linear1"}, LAST],
            "/network/1/weights",
            "has no parameters",
        ),
        (
            [{"kind": "linear"}, {"kind": "residual", "weights": "linear1"}, LAST],
            "/network/1/weights",
            "names no block",
        ),
        (
            [{"kind": "residual", "body": [{"kind": "linear", "name": "sum"}]}, LAST],
            "/network/0",
            "'sum' is the name of a node that the block adds",
        ),
        (
            [{"kind": "residual", "body": [{"kind": "linear"}, {"kind": "conv2d"}]}, LAST],
            "/network/0/body/1",
            "8 arrives; expected an image",
        ),
        (
            [{"kind": "linear"}, {"kind": "residual", "body": [{"kind": "tanh", "inputs": ["linear1"]}]}],
            "/network/1/body/0/inputs/0",
            "'linear1' names no node",
        ),
        (
            [{"kind": "linear", "units": 10**12}, {"kind": "linear", "units": 10**12}, LAST],
            "/network/1",
            "torch refuses",
        ),
    ],
)  # fmt: skip
def test_networks_that_cannot_be_are_refused_at_the_node(nodes: list[Node], pointer: str, words: str) -> None:
    assert words in problems(*nodes)[pointer]


@pytest.mark.parametrize(
    ("nodes", "pointer", "words"),
    [
        ([LAST], "/network/0", "1×8×8 arrives; expected a vector"),
        ([{"kind": "conv2d", "kernel": 9}], "/network/0", "at least 9×9"),
        ([{"kind": "max_pool2d", "kernel": 9}], "/network/0", "at least 9×9"),
        ([{"kind": "conv2d", "padding": "same", "stride": 2}], "/network/0", "expected stride 1"),
        ([{"kind": "conv2d", "padding": "same", "kernel": 4}], "/network/0", "an odd kernel"),
        (
            [
                {"kind": "conv2d", "name": "a", "filters": 2},
                {"kind": "concatenate", "inputs": ["a", "input"]},
            ],
            "/network/1",
            "agree in everything but their first size",
        ),
        ([{"kind": "flatten"}, {"kind": "conv2d"}], "/network/1", "64 arrives; expected an image"),
        ([{"kind": "conv2d"}], "/network/0", "loss 'cross_entropy' on 'digits' expected 10"),
        (
            [{"kind": "residual", "body": [{"kind": "conv2d", "kernel": 4}]}],
            "/network/0",
            "no shortcut can follow",
        ),
        (
            [{"kind": "residual", "body": [{"kind": "flatten"}]}],
            "/network/0",
            "no shortcut can follow",
        ),
    ],
)
def test_images_that_do_not_fit_are_refused_at_the_node(nodes: list[Node], pointer: str, words: str) -> None:
    assert words in problems(*nodes, data=DIGITS)[pointer]


def test_units_that_no_loss_decides_are_refused() -> None:
    side = {"kind": "linear", "name": "side", "units": None, "inputs": ["input"]}
    assert "no loss reads this node" in problems(side, {**LAST, "inputs": ["input"]})["/network/0"]


def test_numbers_beyond_all_measure_are_refused() -> None:
    doubling = [
        {
            "kind": "concatenate",
            "name": f"a{number}",
            "inputs": [f"a{number - 1}" if number else "input"] * 64,
        }
        for number in range(20)
    ]
    (message,) = problems(*doubling, LAST).values()
    assert "expected at most 10¹⁵ numbers" in message


def test_blocks_that_unfold_into_too_many_nodes_are_refused() -> None:
    body = [{"kind": "tanh", "name": f"t{number}"} for number in range(999)]
    blocks = [{"kind": "residual", "name": f"r{number}", "body": body} for number in range(6)]
    (message,) = problems(*blocks, LAST).values()
    counted = "6,001 nodes once all blocks are unfolded, 1,000 of them here"
    assert message == f"{counted}; expected at most {MAX_PLANNED_NODES:,}"
    with limit_planning(nodes=3):
        (message,) = problems({"kind": "vgg"}, LAST, data={"kind": "cifar10"}).values()
    assert message == "more than 3 nodes; expected fewer"


def test_a_million_blocks_are_refused_by_their_count_alone() -> None:
    block: Node = {"kind": "residual", "name": "block", "body": [{"kind": "tanh", "name": "t"}]}
    (message,) = problems({"kind": "subnetwork", "times": 10**6, "body": [block]}, LAST).values()
    assert message == "1000000; expected a whole number from 1 to 1000"
    for times in (100, 100, 100):
        block = {"kind": "subnetwork", "name": f"of{times}", "times": times, "body": [block]}
    (message,) = problems(block, LAST).values()
    assert message.startswith("2,000,001 nodes once all blocks are unfolded, 2,000,000 of them here")
    (message,) = problems(*[block] * 10**6, LAST).values()
    assert message == "a list of 1,000,001; expected a list of 1 to 1000"


def test_planning_ends_when_its_time_is_up() -> None:
    with limit_planning(seconds=1e-9):
        (message,) = problems({"kind": "tanh"}, LAST).values()
    assert message == "after 1e-09 seconds and 0 nodes the network was not planned; expected a simpler one"
    assert plan({"kind": "tanh"}, LAST).nodes


@pytest.mark.parametrize(
    "block",
    [
        {"kind": "residual", "body": [{"kind": "tanh"}, {"kind": "residual", "body": [{"kind": "tanh"}]}]},
        {"kind": "residual_conv2d"},
        {"kind": "residual_conv2d", "order": "pre_activation"},
        {"kind": "separable_conv2d"},
        {"kind": "separable_conv2d", "batch_norm": True},
        {"kind": "spatially_separable_conv2d", "activation": {"kind": "relu"}},
    ],
)
def test_what_a_block_unfolds_into_is_counted_without_building(block: Node) -> None:
    (counted,) = (node.count() for node in Experiment.parse(document(block)).network)
    unfolded = len(plan(block, {"kind": "flatten"}, LAST, data=DIGITS).nodes) - 2
    assert unfolded - 2 <= counted <= unfolded, "a shortcut depends on shapes"


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"task": {"kind": "regression", "losses": [{"kind": "mse"}]}}, "/task/kind"),
        ({**REGRESSION, "task": {"kind": "classification"}}, "/task/kind"),
        (
            {**REGRESSION, "task": {"kind": "regression", "losses": [{"kind": "hinge"}]}},
            "/task/losses/0/kind",
        ),
        (
            {"task": {"kind": "classification", "losses": [{"kind": "hinge", "node": "x"}]}},
            "/task/losses/0/node",
        ),
        (
            {"task": {"kind": "classification", "losses": [{"kind": "hinge", "node": "input"}]}},
            "/task/losses/0/node",
        ),
        (
            {
                "task": {
                    "kind": "classification",
                    "losses": [{"kind": "hinge"}, {"kind": "cross_entropy", "node": "output:second"}],
                }
            },
            "/task/losses/1/node",
        ),
        ({"training": {"updates": [{"nodes": "conv*"}]}}, "/training/updates/0/nodes"),
    ],
)
def test_tasks_and_updates_that_do_not_fit_are_refused(parts: dict[str, Any], pointer: str) -> None:
    given_parts = dict(parts)
    data = given_parts.pop("data", None)
    assert pointer in problems(LAST, data=data, **given_parts)


def test_a_pattern_means_nodes_and_blocks() -> None:
    assert matches("*", "linear1")
    assert matches("conv*", "conv12")
    assert not matches("conv*", "linear1")
    assert matches("block1", "block1.conv1")
    assert matches("block*", "block1.conv1")
    assert not matches("block", "block1.conv1")
    assert matches("block1.conv?", "block1.conv1")


def test_the_way_to_a_node_is_what_it_depends_on_and_nothing_beside() -> None:
    branched = plan(
        {
            "kind": "conv2d",
            "name": "conv1",
            "inputs": ["input"],
            "filters": 4,
            "kernel": 3,
            "padding": "same",
        },
        {"kind": "silu", "name": "silu1", "inputs": ["conv1"]},
        {
            "kind": "conv2d",
            "name": "conv2",
            "inputs": ["input"],
            "filters": 4,
            "kernel": 3,
            "padding": "same",
        },
        {"kind": "relu", "name": "relu2", "inputs": ["conv2"]},
        {"kind": "add", "name": "sum", "inputs": ["silu1", "relu2"]},
        {"kind": "max_pool2d", "name": "pooled", "inputs": ["sum"]},
        {"kind": "flatten", "name": "flat", "inputs": ["pooled"]},
        LAST,
        data=DIGITS,
    )
    ways = {node["name"]: node["way"] for node in branched.describe()["nodes"]}
    assert ways["relu2"] == {
        "roles": ["convolution"],
        "unruled": None,
        "rectified": True,
        "maps": "relu2",
    }
    assert (ways["silu1"]["unruled"], ways["silu1"]["rectified"]) == ("silu1", False)
    joined = ways["output"]
    assert {"convolution", "sum", "max_pooling"} <= set(joined["roles"])
    assert (joined["unruled"], joined["rectified"], joined["maps"]) == ("silu1", True, "sum")
