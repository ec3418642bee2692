"""Networks that answer with boxes: published sizes, shared heads, and what their first answers are."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.layers.batch_norm import FrozenBatchNorm
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
