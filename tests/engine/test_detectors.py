"""Networks that answer with boxes: published sizes, shared heads, and what their first answers are."""

from __future__ import annotations

import pytest
import torch

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.architecture import planned_architecture
from glassnet.engine.network.planner import plan
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
