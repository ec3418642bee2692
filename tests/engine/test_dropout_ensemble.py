"""Dropout as an ensemble: every mask, their mean and evaluation mode, against networks built by hand."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import Arrays
from glassnet.engine.network import planner
from glassnet.engine.random_streams import stream
from glassnet.engine.studies.dropout_ensemble import DropoutEnsemble, thinned
from glassnet.engine.training.trainer import Trainer


def experiment(*middle: dict[str, Any], data: str = "regression_plane") -> Experiment:
    return Experiment.parse(
        {
            "data": {"kind": data, "samples": 30},
            "task": {"kind": "regression" if data.startswith("regression") else "classification"},
            "network": [
                {"kind": "linear", "units": 6},
                *middle,
                {"kind": "dropout", "name": "drop", "p": 0.5},
                {"kind": "linear", "name": "output", "units": None},
            ],
        }
    )


def found(trainer: Trainer, **options: Any) -> Arrays:
    *_, last = DropoutEnsemble(resolution=8, **options).compute(trainer)
    return last.arrays


def test_each_mask_is_a_thinned_network_and_the_mean_is_over_them() -> None:
    trainer = Trainer(experiment({"kind": "tanh"}))
    arrays = found(trainer, masks=5)
    x, weights = trainer.data.test.inputs[:], dict(trainer.evaluation_network.named_parameters())
    with torch.no_grad():
        hidden = torch.tanh(x @ weights["linear1.weight"].T + weights["linear1.bias"])

        def answer(kept: torch.Tensor) -> torch.Tensor:
            return ((hidden * kept) @ weights["output.weight"].T + weights["output.bias"]).double()

        masks = [
            (torch.rand(6, generator=stream(0, f"mask {number}/drop")) >= 0.5).float() * 2
            for number in range(5)
        ]
        outputs, whole = torch.stack([answer(mask) for mask in masks]), answer(torch.ones(6))
    targets = trainer.data.test.targets.double()
    distances = [float((outputs[:m].mean(0) - whole).square().mean().sqrt()) for m in range(1, 6)]
    assert arrays["distance"].tolist() == pytest.approx(distances, rel=1e-4)
    assert float(arrays["mask_error"]) == pytest.approx(float((outputs - targets).square().mean()), rel=1e-4)
    assert float(arrays["evaluation_error"]) == pytest.approx(
        float((whole - targets).square().mean()), rel=1e-4
    )
    assert arrays["outputs"][:, 0].tolist() == pytest.approx(outputs[:, 0, 0].tolist(), rel=1e-4)
    assert float(arrays["ensemble_error"][-1]) <= float(arrays["mask_error"]), "Jensen's inequality"
    assert arrays["surface"].shape == (5, 8, 8)


def test_of_a_linear_network_the_mean_comes_to_evaluation_mode_as_one_over_the_root() -> None:
    """Its expected output over all masks is that of evaluation mode, exactly."""
    trainer = Trainer(experiment())
    arrays = found(trainer, masks=400)
    expected = float(arrays["spread_of_masks"]) / math.sqrt(400)
    assert float(arrays["distance"][-1]) < 3 * expected


def test_classes_are_compared_by_their_probabilities() -> None:
    arrays = found(Trainer(experiment({"kind": "relu"}, data="circle")), masks=3)
    assert arrays["outputs"].sum(1).tolist() == pytest.approx([1, 1, 1])
    assert arrays["masks"].tolist() == [1, 2, 3]


def test_a_mask_is_the_same_for_every_sample_and_other_than_the_next() -> None:
    plan = planner.plan(experiment({"kind": "tanh"}))
    x = torch.ones(4, 6)
    first, again, second = (thinned(plan, 0, number)["drop"](None, x) for number in (0, 0, 1))
    assert torch.equal(first, again)
    assert (first == first[0]).all()
    assert not torch.equal(first, second)


@pytest.mark.parametrize("nodes", [[], [{"kind": "dropout", "p": 0}]])
def test_a_network_without_dropout_is_refused_before_a_worker_starts(nodes: list[dict[str, Any]]) -> None:
    document = experiment().document()
    document["network"] = [document["network"][0], *nodes, document["network"][-1] | {"inputs": None}]
    with pytest.raises(ValueError, match=r"no dropout in this network; expected a dropout node"):
        DropoutEnsemble().check(planner.plan(Experiment.parse(document)))


def test_the_network_is_left_as_it_was_when_the_study_is_cancelled() -> None:
    trainer = Trainer(experiment({"kind": "batch_norm"}, {"kind": "relu"}))
    before = trainer.state()
    work = DropoutEnsemble(masks=1000).compute(trainer)
    next(work)
    assert isinstance(work, Generator)
    work.close()
    assert all(torch.equal(tensor, before[name]) for name, tensor in trainer.state().items())
    assert not trainer.evaluation_network.training
