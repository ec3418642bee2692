"""Trainings that studies take together give the numbers that they give one by one."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from glassnet.engine.data.resampling import bootstrapped
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import Arrays
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import NetworkStudy, lr_range_test, resamples
from glassnet.engine.studies.lr_range_test import LRRangeTest
from glassnet.engine.studies.resamples import Resamples
from glassnet.engine.training import together
from glassnet.engine.training.together import FEWEST, at_once
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, mlp

STUDIES: dict[str, NetworkStudy] = {
    "resamples": Resamples(networks=FEWEST, steps=12, rows=2, resolution=8),
    # Above these rates training is chaotic, and rounding grows.
    "lr_range_test": LRRangeTest(steps=30, high=0.05, tries=False),
}


def found(study: NetworkStudy, experiment: Experiment) -> Arrays:
    *_, last = study.compute(Trainer(experiment))
    return last.arrays


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (resamples, lr_range_test):
        monkeypatch.setattr(module, "at_once", lambda *_: 1)


def assert_alike(first: Arrays, second: Arrays, within: float) -> None:
    assert first.keys() == second.keys()
    for name, values in first.items():
        ours, theirs = torch.as_tensor(values).double(), torch.as_tensor(second[name]).double()
        assert torch.allclose(ours, theirs, rtol=within, atol=within, equal_nan=True), name


@pytest.mark.parametrize(("precision", "within"), [("float32", 2e-6), ("float64", 1e-12)])
@pytest.mark.parametrize("kind", STUDIES)
def test_a_study_finds_the_same_together_and_one_by_one(
    kind: str, precision: str, within: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = dropout_mlp(precision=precision)
    assert at_once(Trainer(experiment), FEWEST) == FEWEST
    ours = found(STUDIES[kind], experiment)
    alone(monkeypatch)
    assert_alike(ours, found(STUDIES[kind], experiment), within)


@pytest.mark.parametrize("lost", [0, 2])
def test_a_network_that_diverges_ends_no_other(lost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one ends the training of all; then each is trained alone."""

    def poisoned(data: Any, generator: torch.Generator) -> Any:
        made = bootstrapped(data, generator)
        if generator.initial_seed() == seeds[lost]:
            torch.as_tensor(made.train.inputs).fill_(torch.nan)
        return made

    seeds = [stream(0, f"resample {number}").initial_seed() for number in range(FEWEST)]
    monkeypatch.setattr(resamples, "bootstrapped", poisoned)
    study = Resamples(networks=FEWEST, steps=120, rows=2, resolution=8)
    ours = found(study, mlp(4))
    assert int(ours["diverged"]) == 1
    alone(monkeypatch)
    theirs = found(study, mlp(4))
    for name in ("trained", "diverged", "test_loss", "error"):
        assert torch.allclose(
            torch.as_tensor(ours[name]).double(),
            torch.as_tensor(theirs[name]).double(),
            atol=1e-5,
            equal_nan=True,
        ), name


def test_only_what_gains_is_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Trainer(mlp(4))
    assert at_once(small, 40) == 40
    assert at_once(small, FEWEST - 1) == 1
    monkeypatch.setattr(together, "MEMORY", 0)
    assert at_once(small, 40) == 1, "in what memory there is"
    monkeypatch.undo()
    assert at_once(Trainer(mlp(512, 512)), 40) == 1, "arithmetic of large ones is slower together"
    assert at_once(Trainer(cnn()), 40) == 1, "with batch norm rounding would make them others"
    document = mlp(4).document()
    document["training"]["updates"] = [{"nodes": "linear1"}, {"nodes": "output"}]
    assert at_once(Trainer(Experiment.parse(document)), 40) == 1, "replicas have one update"
