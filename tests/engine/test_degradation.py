"""Degradation: which networks are compared, what they share, and where there is nothing to compare."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from glassnet.app.api.gallery import PRESETS
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.depth import depth
from glassnet.engine.network.planner import plan
from glassnet.engine.studies.degradation import Degradation, networks
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp
from tests.engine.test_published_sizes import planned


def residual(*blocks: dict[str, Any], **training: Any) -> Experiment:
    end = [{"kind": "global_average_pool"}, {"kind": "linear", "name": "output", "units": None}]
    network = list(blocks) if blocks[0]["kind"] == "resnet" else [*blocks, *end]
    return Experiment.parse({"data": {"kind": "digits"}, "network": network, "training": training})


BLOCK = {"kind": "residual_conv2d", "filters": 2}


@pytest.mark.parametrize("name", ["41-digits-fifty-layers", "42-digits-fifty-layers-residual"])
def test_either_preset_is_compared_with_the_other(name: str) -> None:
    found = networks(Experiment.parse((PRESETS / f"{name}.json").read_bytes()))
    layers = {each: depth(plan(made).nodes) for each, made in found.items()}
    assert layers == {"plain": 50, "shortcuts": 50, "shallow_plain": 8, "shallow_shortcuts": 8}
    sums = {each: json.dumps(made.document()).count('"shortcut": true') for each, made in found.items()}
    assert sums == {"plain": 0, "shortcuts": 1, "shallow_plain": 0, "shallow_shortcuts": 1}


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ({"kind": "resnet", "depth": 50, "width": 0.02, "stem": "small"}, 4),
        ({"kind": "residual", "body": [{"kind": "conv2d", "filters": 2, "padding": "same"}]}, 2),
        ({"kind": "subnetwork", "times": 9, "body": [{"kind": "bottleneck", "filters": 4}]}, 4),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_a_network_loses_all_of_its_shortcuts_and_what_it_repeats(block: dict[str, Any], named: int) -> None:
    found = networks(residual(block))
    plans = {name: plan(made) for name, made in found.items()}
    assert len(plans) == named
    for name, made in plans.items():
        assert any(node.item.role == "sum" for node in made.nodes) is ("shortcuts" in name), name
    if named == 4:
        assert depth(plans["shallow_plain"].nodes) < depth(plans["plain"].nodes)


def test_they_take_the_same_steps_and_the_last_losses_are_set_side_by_side() -> None:
    experiment = residual(
        {"kind": "subnetwork", "name": "layers", "times": 8, "body": [BLOCK]}, batch_size=64
    )
    *_, last = Degradation(steps=4, rows=2).compute(Trainer(experiment))
    assert last.arrays["steps"].tolist() == [2, 4]
    losses = {name: last.arrays[f"{name}.loss"] for name in networks(experiment)}
    assert all(torch.isfinite(loss).all() for loss in losses.values())
    assert last.arrays["margin"] == losses["plain"][-1] - losses["shortcuts"][-1]
    twin = Trainer(experiment)
    for _ in range(2):
        twin.step()
    assert losses["shortcuts"][0] == pytest.approx(twin.take_loss(), rel=1e-5)


def test_a_network_that_diverges_ends_alone() -> None:
    block = {"kind": "residual", "body": [{"kind": "conv2d", "filters": 2, "padding": "same"}]}
    experiment = residual(block, updates=[{"optimizer": {"kind": "sgd", "learning_rate": 100}}])
    *_, last = Degradation(steps=24, rows=4).compute(Trainer(experiment))
    assert last.done == 1
    assert torch.isnan(last.arrays["margin"])


def test_without_shortcuts_to_leave_out_it_is_refused() -> None:
    with pytest.raises(InvalidCommand, match="no shortcuts that could be left out"):
        Degradation().check_experiment(mlp(4))


@pytest.mark.parametrize(
    ("node", "layers"),
    [
        ({"kind": "se_resnet", "depth": 50}, 50),
        ({"kind": "resnet", "depth": 34}, 34),
        ({"kind": "googlenet", "auxiliary": True}, 22),
        ({"kind": "densenet"}, 121),
        ({"kind": "mobilenet_v1"}, 28),  # whose paper counts depthwise and 1×1 convolutions as two
        ({"kind": "xception"}, 37),  # whose paper counts them as one: 36, and the dense layer
        ({"kind": "darknet53"}, 53),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_layers_are_counted_as_the_papers_count_them(node: dict[str, Any], layers: int) -> None:
    assert depth(planned(128, 10, width=0.05, **node).nodes) == layers
