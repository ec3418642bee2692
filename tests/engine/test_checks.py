"""What is refused before anything is built."""

from __future__ import annotations

from typing import Any

import pytest

from glassnet.engine.errors import Diverged, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.trainer import Trainer

NORMED: list[dict[str, Any]] = [{"kind": "linear"}, {"kind": "batch_norm"}, {"kind": "linear", "units": None}]


def planned(network: list[dict[str, Any]], **training: Any) -> Plan:
    return planner.plan(
        Experiment.parse({"data": {"kind": "spiral"}, "network": network, "training": training})
    )


@pytest.mark.parametrize("batch_size", [1, 249])
def test_a_batch_norm_is_refused_a_batch_of_one(batch_size: int) -> None:
    with pytest.raises(InvalidExperiment, match=r"/network/1: .*a batch of 1, of which no variance"):
        planned(NORMED, batch_size=batch_size)


def test_a_batch_norm_takes_what_is_left_when_the_last_batch_is_dropped() -> None:
    assert planned(NORMED, batch_size=249, last_batch="drop").parameters


def test_describing_refuses_what_training_would() -> None:
    with pytest.raises(InvalidExperiment, match="no node that is trained"):
        planned(NORMED, regularizers=[{"kind": "l2", "nodes": "zz"}])
    with pytest.raises(InvalidExperiment, match="update 0 moves already"):
        planned(NORMED, updates=[{}, {"nodes": "linear1"}])


def test_averages_return_with_their_count_when_an_optimizer_does() -> None:
    def trainer(kind: str) -> Trainer:
        return Trainer(
            Experiment.parse(
                {
                    "data": {"kind": "spiral"},
                    "network": NORMED,
                    "training": {"updates": [{"optimizer": {"kind": kind}}]},
                }
            )
        )

    adam, sgd, again = trainer("adam"), trainer("sgd"), trainer("adam")
    for _ in range(30):
        adam.step()
    before = adam.state()
    sgd.load_matching(before)
    assert not any(tensor.any() for name, tensor in sgd.state().items() if "/sgd/velocity/" in name)
    sgd.step()
    again.load_matching({**before, **sgd.state()})
    assert again.state()["optimizer/0/adam/count"] == 30
    assert again.state()["optimizer/0/adam/mean/linear1.weight"].equal(
        before["optimizer/0/adam/mean/linear1.weight"]
    )


def test_a_schedule_goes_by_steps_however_rarely_an_update_comes() -> None:
    update = {"every": 5, "schedule": {"kind": "cosine"}, "optimizer": {"kind": "sgd", "learning_rate": 1}}
    plain = {"data": {"kind": "spiral"}, "network": [NORMED[0], NORMED[2]]}
    trainer = Trainer(Experiment.parse({**plain, "training": {"updates": [update], "epochs": 2}}))
    rates = []
    for _ in range(trainer.steps):
        trainer.step()
        rates.append(float(trainer.groups[0].rate))
    assert rates[4] == 1.0
    assert rates[-1] == pytest.approx(0.0244717, abs=1e-6)  # ½ (1 + cos(π 45/50))


def test_what_an_optimizer_keeps_may_not_overflow_unseen() -> None:
    wild = {"kind": "linear", "units": 8, "initializer": {"kind": "uniform", "range": 100}}
    trainer = Trainer(
        Experiment.parse(
            {
                "data": {"kind": "regression_plane"},
                "task": {"kind": "regression", "losses": [{"kind": "mse", "weight": 1e6}]},
                "network": [wild, wild, wild, {**wild, "units": None}],
            }
        )
    )

    def train() -> None:
        for _ in range(300):
            trainer.step()

    with pytest.raises(Diverged, match="optimizer state of node"):
        train()
