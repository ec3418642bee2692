"""Warm restarts keep the model at each minimum of the rate as a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run import cycle_ends
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp
from tests.engine.session_run import Run


def restarting(first: int, growth: int, epochs: int) -> Experiment:
    update = {
        "optimizer": {"kind": "sgd", "learning_rate": 0.1},
        "schedule": {"kind": "warm_restarts", "first": first, "growth": growth},
    }
    data = {"kind": "spiral", "samples": 40}
    return mlp(2, data=data, epochs=epochs, batch_size=10, updates=[update])


def test_each_end_of_a_cycle_is_a_checkpoint_with_its_metrics_and_can_be_gone_back_to(tmp_path: Path) -> None:
    experiment = restarting(first=1, growth=2, epochs=8)
    run = Run(tmp_path / "run", experiment)
    run.tell("play")
    run.rest()
    ends = {info.name: info for info in run.directory.checkpoints() if info.name.startswith("least_rate")}
    per_epoch = run.session.trainer.steps_per_epoch
    assert {name: info.step for name, info in ends.items()} == {
        "least_rate_1": per_epoch,
        "least_rate_2": 3 * per_epoch,
        "least_rate_3": 7 * per_epoch,
    }
    alone = Trainer(experiment)
    for _ in range(3 * per_epoch):
        alone.step()
    info, _ = run.directory.load_checkpoint("least_rate_2")
    assert info.metrics == pytest.approx(alone.evaluate())
    assert run.tell("rewind", checkpoint="least_rate_2")["type"] == "ack"
    assert all(
        torch.equal(tensor, alone.state()[name])
        for name, tensor in run.session.trainer.state().items()
        if name.startswith("parameters/")
    )
    run.session.close()


def test_of_many_cycles_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle_ends, "MOST", 3)
    run = Run(tmp_path / "run", restarting(first=1, growth=1, epochs=8))
    run.step(16)
    run.tell("play")
    run.rest()
    names = [info.name for info in run.directory.checkpoints() if info.name.startswith("least_rate")]
    assert names == ["least_rate_6", "least_rate_7", "least_rate_8"]
    run.session.close()
