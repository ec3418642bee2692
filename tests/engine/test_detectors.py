"""Networks that answer with boxes: published sizes, shared heads, and what their first answers are."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from glassnet.engine.boxes.anchors import anchor_sizes
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures.retinanet import RetinaNet
from glassnet.engine.items.architectures.ssd import SSD, map_sides
from glassnet.engine.items.layers.batch_norm import FrozenBatchNorm
from glassnet.engine.items.layers.l2_norm import ChannelLength
from glassnet.engine.network.architecture import planned_architecture
from glassnet.engine.network.module import Network
from glassnet.engine.network.planner import plan
from glassnet.engine.network.state_dict import fitted
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document

SCENES: Document = {"kind": "shape_scenes", "samples": 24, "size": 32}


def detecting(node: Document, loss: str = "yolo_v1") -> Document:
    return {
        "data": SCENES,
        "task": {"kind": "detection", "losses": [{"kind": loss}]},
        "network": [{"name": "net", **node}],
        "training": {"batch_size": 8, "epochs": 2},
    }


def test_yolo_v1_has_its_published_size_and_numbers() -> None:
    planned = planned_architecture("yolo_v1", {})
    assert planned.totals()["parameters"] == 271_703_550
    nodes = {row["name"]: row for row in planned.describe()["nodes"]}
    convolutions = [row for row in nodes.values() if row["kind"] == "conv2d"]
    assert len(convolutions) == 24
    assert not any(row["kind"] == "batch_norm" for row in nodes.values())
    assert nodes["leaky6_2"]["shape"] == [1024, 7, 7]
    assert nodes["dense2"]["shape"] == [1470]
    assert nodes["output"]["shape"] == [98, 9 + 2 * 20]


@pytest.mark.parametrize("head", ["dense", "convolution"])
def test_a_small_yolo_v1_answers_with_the_boxes_of_its_cells(head: str) -> None:
    node = {"kind": "yolo_v1", "width": 0.02, "stem": "small", "grid": 5, "boxes": 3, "head": head}
    trainer = Trainer(Experiment.parse(detecting(node)))
    side = 5 if head == "dense" else 4
    output = trainer.plan["net.output"]
    assert output.shape == (side * side * 3, 9 + 2 * 6)
    before = trainer.evaluate()["train_loss"]
    while not trainer.finished:
        trainer.step()
    assert trainer.evaluate()["train_loss"] < before


def test_numbers_of_a_cell_reach_its_own_boxes() -> None:
    """The dense layer's numbers lie as the maps of a convolution do: by kind first, then cell by cell."""
    node = {"kind": "yolo_v1", "width": 0.02, "stem": "small", "grid": 3, "boxes": 1, "classes": 6}
    trainer = Trainer(Experiment.parse(detecting(node)))
    network = trainer.evaluation_network
    with torch.no_grad():
        values = network(trainer.data.test.inputs[:1])
    flat, rows = values["net.dense2"][0], values["net.output"][0]
    for cell in range(9):
        assert float(rows[cell, 8]) == float(flat[4 * 9 + cell])
        torch.testing.assert_close(rows[cell, 9:15], flat[[(5 + kind) * 9 + cell for kind in range(6)]])


def test_a_picture_too_small_for_yolo_v1_is_refused() -> None:
    with pytest.raises(InvalidExperiment, match="3×32×32 arrives; expected at least 64×64 pixels for the"):
        plan(Experiment.parse(detecting({"kind": "yolo_v1", "width": 0.02})))


def test_a_detector_that_no_loss_reads_needs_its_number_of_classes() -> None:
    network = [
        {"kind": "yolo_v1", "name": "net", "width": 0.02, "stem": "small"},
        {"kind": "cell_boxes", "name": "output", "inputs": ["cells", "input"]},
        {"kind": "conv2d", "name": "cells", "filters": 16, "kernel": 8, "stride": 8, "inputs": ["input"]},
    ]
    document = detecting({}) | {"network": network}
    document["task"]["losses"][0]["node"] = "output"
    with pytest.raises(InvalidExperiment, match="classes is empty, and no loss reads the node"):
        plan(Experiment.parse(document))


# Frozen batch norm ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(4,), (4, 5), (4, 3, 5), (4, 2, 3, 2)])
def test_a_frozen_batch_norm_is_one_in_evaluation_and_learns_nothing(size: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    axes = max(1, len(size) - 1)
    other = getattr(torch.nn, f"BatchNorm{axes}d")(4, eps=1e-3).double().eval()
    frozen = FrozenBatchNorm(4, eps=1e-3).double()
    state = {name: torch.rand(4, generator=generator, dtype=torch.float64) for name in frozen.state_dict()}
    frozen.load_state_dict(state)
    other.load_state_dict(state, strict=False)
    x = torch.randn(3, *size, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(frozen.train()(x), other(x))
    assert list(frozen.parameters()) == []


def test_a_resnet_with_frozen_norms_has_their_parameters_less_and_takes_the_same_weights() -> None:
    document: Document = {"data": {"kind": "digits"}, "network": [{"kind": "resnet", "name": "net"}]}
    document["network"][0] |= {"width": 0.05, "stem": "small"}
    ordinary = Experiment.parse(document)
    frozen = Experiment.parse({**document, "network": [{**document["network"][0], "frozen_norm": True}]})
    before, after = plan(ordinary), plan(frozen)
    norms = [node for node in before.nodes if node.kind == "batch_norm"]
    assert before.parameters - after.parameters == sum(node.parameters for node in norms)
    network = Network(before, 0, torch.Generator()).eval()
    again = Network(after, 1, torch.Generator())
    again.load_state_dict(fitted(after, frozen, network.state_dict()))
    x = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(again.train()(x)["net.output"], network(x)["net.output"])


# Feature pyramids ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["convolution", "pooling"])
def test_a_pyramid_adds_what_comes_down_and_has_further_levels(by: str) -> None:
    down: list[Document] = [
        {"kind": "conv2d", "name": f"c{number}", "filters": 4, "stride": 2, "padding": 1}
        for number in (1, 2, 3)
    ]
    pyramid = {"kind": "feature_pyramid", "name": "pyramid", "inputs": ["c1", "c2", "c3"], "filters": 5}
    network = [*down, {**pyramid, "further": 2, "further_by": by}, {"kind": "flatten"}]
    document: Document = {"data": {"kind": "shapes", "size": 38}, "network": network}
    document["network"].append({"kind": "linear", "units": None})
    planned = plan(Experiment.parse(document))
    shapes = [planned[f"pyramid.level{number}"].shape for number in range(3, 8)]
    assert shapes == [(5, 19, 19), (5, 10, 10), (5, 5, 5), (5, 3, 3), (5, 2, 2)]
    net = Network(planned, 0, torch.Generator()).eval()
    with torch.no_grad():
        values = net(torch.randn(1, 3, 38, 38, generator=torch.Generator().manual_seed(0)))

        def applied(name: str, x: torch.Tensor, stride: int = 1) -> torch.Tensor:
            weight = net.get_parameter(f"pyramid.{name}.weight")
            bias = net.get_parameter(f"pyramid.{name}.bias")
            return functional.conv2d(x, weight, bias, stride, padding=weight.shape[-1] // 2)

        top = applied("lateral5", values["c3"])
        middle = applied("lateral4", values["c2"]) + functional.interpolate(top, size=(10, 10))
        enlarged = middle.repeat_interleave(2, -1).repeat_interleave(2, -2)
        fine = applied("lateral3", values["c1"]) + enlarged[..., :19, :19]
        for name, x in (("level3", fine), ("level4", middle), ("level5", top)):
            torch.testing.assert_close(values[f"pyramid.{name}"], applied(name, x))
        sixth, seventh = values["pyramid.level6"], values["pyramid.level7"]
        if by == "pooling":
            assert torch.equal(sixth, values["pyramid.level5"][..., ::2, ::2])
        else:
            torch.testing.assert_close(sixth, applied("level6", values["pyramid.level5"], 2))
            torch.testing.assert_close(seventh, applied("level7", sixth.relu(), 2))


def test_maps_that_do_not_halve_make_no_pyramid() -> None:
    network = [
        {"kind": "conv2d", "name": "c1", "filters": 4, "padding": "same"},
        {"kind": "conv2d", "name": "c2", "filters": 4, "stride": 4},
        {"kind": "feature_pyramid", "name": "pyramid", "inputs": ["c1", "c2"]},
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]
    with pytest.raises(InvalidExperiment, match="4×32×32 and 4×8×8 arrive one after the other; expected"):
        plan(Experiment.parse({"data": {"kind": "shapes", "size": 32}, "network": network}))


# SSD and RetinaNet ---------------------------------------------------------------------------------------


def test_ssd300_has_its_published_size_maps_and_candidates() -> None:
    planned = planned_architecture("ssd", {})
    assert planned.totals()["parameters"] == 26_285_486
    nodes = {row["name"]: row for row in planned.describe()["nodes"]}
    assert [nodes[f"head{number}"]["shape"][1] for number in range(1, 7)] == [38, 19, 10, 5, 3, 1]
    assert [nodes[f"head{number}"]["shape"][0] // 25 for number in range(1, 7)] == [4, 6, 6, 6, 4, 4]
    assert nodes["output"]["shape"] == [8732, 9 + 2 * 20]
    assert nodes["conv6"]["shape"] == [1024, 19, 19]
    assert nodes["norm4_3"]["parameters"] == 512


def test_anchors_of_ssd_are_the_papers() -> None:
    """Those of 300×300 pixels: sides 30 and √(30 · 60) first; 162 with ratio 3 in the fourth map."""
    anchors = SSD(kind="ssd")._anchors(300, 6)
    assert [len(sizes) for sizes in anchors] == [4, 6, 6, 6, 4, 4]
    assert [sizes[0][0] for sizes in anchors] == pytest.approx([30, 60, 111, 162, 213, 264])
    assert anchors[0][1] == pytest.approx([math.sqrt(30 * 60)] * 2)
    assert anchors[3][4] == pytest.approx([162 * math.sqrt(3), 162 / math.sqrt(3)])
    assert anchors[5][1] == pytest.approx([math.sqrt(264 * 315)] * 2)


@pytest.mark.parametrize("side", [32, 64, 96, 224, 300, 512])
def test_as_many_maps_of_ssd_answer_as_there_is_room_for(side: int) -> None:
    nodes = {
        row["name"]: row["shape"][1]
        for row in planned_architecture("ssd", {"width": 0.02}, side).describe()["nodes"]
        if row["name"].startswith("head")
    }
    assert list(nodes.values()) == map_sides(side)
    with pytest.raises(InvalidExperiment, match="with room for 3 maps; expected at least 32×32 pixels, and"):
        planned_architecture("ssd", {"maps": 6}, 32)


def test_the_l2_norm_gives_every_place_one_length() -> None:
    x = torch.randn(2, 5, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    norm = ChannelLength(5, 20.0).double()
    given = norm(x)
    torch.testing.assert_close(given.norm(dim=1), torch.full((2, 3, 4), 20.0, dtype=torch.float64))
    torch.testing.assert_close(given / x, (20 / x.norm(dim=1, keepdim=True)).expand_as(x))


def test_retinanet_has_its_published_size_and_work() -> None:
    planned = planned_architecture("retinanet", {})
    totals = planned.totals()
    assert totals["parameters"] == 34_014_999
    assert totals["macs"] == pytest.approx(151.54e9, rel=1e-4)
    assert planned_architecture("retinanet", {"norm": "batch"}).totals()["parameters"] == 34_014_999 + 53_120
    nodes = {row["name"]: row for row in planned.describe()["nodes"]}
    levels = [nodes[f"pyramid.level{level}"]["shape"] for level in range(3, 8)]
    assert levels == [[256, side, side] for side in (100, 50, 25, 13, 7)]
    assert nodes["output"]["shape"] == [9 * (100**2 + 50**2 + 25**2 + 13**2 + 7**2), 9 + 2 * 91]
    assert nodes["classes.map2.conv1"]["parameters"] == 0


def test_anchors_of_retinanet_are_three_to_an_octave_in_three_ratios() -> None:
    anchors = RetinaNet(kind="retinanet")._anchors()
    assert [sizes[3] for sizes in anchors] == [[side, side] for side in (32, 64, 128, 256, 512)]
    scales = [32 * 2 ** (third / 3) for third in range(3)]
    expected = anchor_sizes(scales, [0.5, 1.0, 2.0])
    torch.testing.assert_close(torch.tensor(anchors[0]), expected)


SMALL_RETINA: Document = {"kind": "retinanet", "width": 0.05, "depth": 18, "norm": "batch", "anchor_size": 2}


def test_before_training_retinanet_thinks_one_anchor_in_a_hundred_an_object() -> None:
    trainer = Trainer(Experiment.parse(detecting(SMALL_RETINA, "focal_boxes")))
    with torch.no_grad():
        rows = trainer.evaluation_network(trainer.data.test.inputs[:2])["net.output"]
    assert float(rows[..., 15:].mean()) == pytest.approx(0.01, rel=0.1)


def test_levels_share_the_weights_of_a_head_and_add_their_gradients() -> None:
    trainer = Trainer(Experiment.parse(detecting(SMALL_RETINA, "focal_boxes")))
    network = trainer.network
    first = network.get_parameter("net.boxes.map1.conv2.weight")
    assert network.get_parameter("net.boxes.map5.conv2.weight") is first
    assert network.get_parameter("net.classes.map1.conv2.weight") is not first
    values = network(trainer.data.test.inputs[:2])
    answers = [values[f"net.boxes.map{place}.answer"].sum() for place in range(1, 6)]
    apart = [torch.autograd.grad(answer, first, retain_graph=True)[0] for answer in answers]
    (together,) = torch.autograd.grad(torch.stack(answers).sum(), first)
    torch.testing.assert_close(together, torch.stack(apart).sum(dim=0))


def test_a_block_with_blocks_inside_shares_all_of_their_weights() -> None:
    inner = {"kind": "residual", "name": "inner", "body": [{"kind": "linear", "name": "dense", "units": 4}]}
    body: list[Document] = [inner, {"kind": "linear", "name": "last", "units": 4}]
    network: list[Document] = [
        {"kind": "linear", "name": "before", "units": 4},
        {"kind": "subnetwork", "name": "one", "body": body},
        {"kind": "subnetwork", "name": "other", "inputs": ["before"], "weights": "one", "body": body},
        {"kind": "add", "name": "sum", "inputs": ["one", "other"]},
        {"kind": "linear", "name": "output", "units": None},
    ]
    planned = plan(Experiment.parse({"data": {"kind": "spiral"}, "network": network}))
    assert planned["other.inner.dense"].ties == "one.inner.dense"
    assert planned["other.last"].ties == "one.last"
    assert sum(node.parameters for node in planned.nodes if node.name.startswith("other")) == 0
    network[2]["weights"] = "before"
    with pytest.raises(InvalidExperiment, match="'before' names no block; expected one, as 'other' is one"):
        plan(Experiment.parse({"data": {"kind": "spiral"}, "network": network}))


@pytest.mark.parametrize(
    ("node", "loss"),
    [
        (SMALL_RETINA, "focal_boxes"),
        ({"kind": "ssd", "width": 0.03, "maps": 2, "anchor_scale": 2, "batch_norm": True}, "multibox"),
    ],
    ids=["retinanet", "ssd"],
)
def test_small_ones_learn(node: Document, loss: str) -> None:
    trainer = Trainer(Experiment.parse(detecting(node, loss)))
    before = trainer.evaluate()["train_loss"]
    while not trainer.finished:
        trainer.step()
    assert trainer.evaluate()["train_loss"] < before
