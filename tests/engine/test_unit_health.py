"""The probe `unit_health` against closed forms, and units that were killed on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import glassnet.engine.notebook as glassnet
from glassnet.engine.probes.unit_health import UnitHealth
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import experiment, losses, mlp, same


def test_the_slope_of_tanh_is_one_minus_its_square() -> None:
    trainer = Trainer(mlp(6, 5, precision="float64"))
    losses(trainer, 20)
    arrays = glassnet.observe(trainer, "unit_health", samples=10_000, flat=0.3)
    outputs = trainer.evaluation_network(trainer.data.train.inputs[:])
    assert arrays["nodes"].tolist() == [1, 3]
    for name in ("tanh1", "tanh2"):
        slope = 1 - outputs[name].detach().square()
        np.testing.assert_allclose(arrays[f"{name}.slope"], slope.mean(0), rtol=1e-6)
        np.testing.assert_allclose(arrays[f"{name}.saturated"], (slope < 0.3).double().mean(0), rtol=1e-6)
        assert not arrays[f"{name}.dead"].any()


def test_a_whole_set_is_read_in_pieces_of_one_network(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(mlp(6, precision="float64"))
    whole = glassnet.observe(trainer, "unit_health", flat=0.3)
    assert whole["read"] == whole["samples"] == len(trainer.data.train)
    monkeypatch.setattr(trainer, "evaluation_batch", 64)
    look = UnitHealth(flat=0.3).prepare(trainer)
    frames = [look()]
    while look.more:
        frames.append(look())
    assert [int(frame["read"]) for frame in frames] == [64, len(trainer.data.train)]
    np.testing.assert_allclose(frames[-1]["tanh1.saturated"], whole["tanh1.saturated"])
    look()
    with torch.no_grad():
        trainer.network.get_parameter("linear1.weight")[0, 0] = 3.0
    assert look()["read"] == 64, "a weight changed by hand: it begins anew"
    trainer.step()
    assert look()["read"] == 64


def test_a_rectifier_that_is_never_on_is_dead_and_one_that_is_once_is_not() -> None:
    trainer = Trainer(mlp(4, activation="relu"))
    with torch.no_grad():
        weight, bias = (trainer.network.get_parameter(f"linear1.{name}") for name in ("weight", "bias"))
        weight.zero_()
        bias.copy_(torch.tensor([-1.0, 1.0, 0.0, 0.0]))
        weight[2:, 0] = 1.0
        largest = trainer.data.train.inputs[:][:, 0].max()
        bias[3] = -(largest * (1 - 1e-6))  # on for one sample alone
    arrays = glassnet.observe(trainer, "unit_health")
    assert arrays["relu1.dead"].tolist() == [1, 0, 0, 0]
    saturated = arrays["relu1.saturated"]
    assert saturated[[0, 1]].tolist() == [1, 0]
    off = (trainer.data.train.inputs[:][:, 0] <= 0).double().mean()
    np.testing.assert_allclose(saturated[2], off, rtol=1e-6)
    assert 0.9 < saturated[3] < 1


def test_a_unit_of_a_map_is_a_channel_and_all_places_count() -> None:
    shapes = {"kind": "shapes", "samples": 60}
    network: list[dict[str, Any]] = [
        {"kind": "conv2d", "name": "conv1", "filters": 3, "kernel": 3},
        {"kind": "relu", "name": "relu1"},
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    trainer = Trainer(experiment(network, data=shapes))
    arrays = glassnet.observe(trainer, "unit_health", samples=20)
    maps = trainer.evaluation_network(trainer.data.train.inputs[:20])["relu1"]
    expected = (maps <= 0).double().mean(dim=(0, 2, 3))
    np.testing.assert_allclose(arrays["relu1.saturated"], expected, rtol=1e-6)


def test_a_binary_step_is_dead_everywhere_and_softmax_is_not_counted() -> None:
    trainer = Trainer(mlp(3, activation="binary_step"))
    assert glassnet.observe(trainer, "unit_health")["binary_step1.dead"].tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="no activation here is a function of one number"):
        glassnet.observe(
            Trainer(experiment([{"kind": "linear", "name": "output", "units": None}])), "unit_health"
        )
    mixed = Trainer(mlp(4, activation="softmax"))
    with pytest.raises(ValueError, match="expected one such as relu or tanh"):
        glassnet.observe(mixed, "unit_health")


def test_a_learned_slope_is_the_units_own_and_nothing_is_left_behind() -> None:
    trainer = Trainer(mlp(4, activation="prelu"))
    losses(trainer, 10)
    before = trainer.state()
    arrays = glassnet.observe(trainer, "unit_health")
    values = trainer.evaluation_network(trainer.data.train.inputs[:])
    slope = trainer.network.get_parameter("prelu1.weight").detach()
    expected = torch.where(values["linear1"] > 0, 1.0, slope).abs().mean(0).detach()
    np.testing.assert_allclose(arrays["prelu1.slope"], expected, rtol=1e-5)
    assert same(trainer.state(), before)
    assert all(parameter.grad is None for parameter in trainer.network.parameters())
