"""A session whose loss or weights are no numbers any more: what fails, where, and what is kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.engine.experiments import mlp
from tests.engine.session_run import DIVERGING, RATE, Run, replace


def test_divergence_fails_the_run_with_node_step_and_a_finite_checkpoint(make: Callable[..., Run]) -> None:
    run = make(DIVERGING)
    run.tell("play")
    run.rest()
    assert run.state == "failed"
    reason = run.outlet.said("status")[-1]["reason"]
    assert reason["title"] == "Training diverged"
    assert reason["step"] == run.session.trainer.steps_taken + 1
    assert reason["quantity"] in ("output", "loss")
    assert reason["node"] in {"linear1", "identity1", "output"}
    assert str(reason["step"]) in reason["detail"]
    event = [event for event in run.directory.events() if event["type"] == "state"][-1]
    assert (event["state"], event["reason"]) == ("failed", reason)
    _, state = run.directory.load_checkpoint("last_finite")
    assert all(bool(torch.isfinite(t).all()) for t in state.values() if t.is_floating_point())
    for rows in (run.directory.rows("progress"), run.directory.rows("evaluation")):
        assert all(np.isfinite(column).all() for column in rows.columns.values())


def test_a_failed_run_can_be_mended_by_an_edit_and_its_best_weights(make: Callable[..., Run]) -> None:
    run = make(DIVERGING)
    run.tell("play")
    run.rest()
    assert run.edit(replace(RATE, 1e-3))["type"] == "ack"
    assert run.state == "paused"
    assert run.outlet.said("status")[-1]["reason"] is None
    assert run.tell("rewind", checkpoint="best")["type"] == "ack"
    run.step(3)
    assert run.state == "paused"


@pytest.mark.parametrize("command", ["pause", "stop"])
def test_divergence_that_a_command_finds_fails_the_run_too(make: Callable[..., Run], command: str) -> None:
    run = make(DIVERGING)
    run.tell("play")
    run.session.trainer.step()
    while all(map(np.isfinite, [p.abs().max().item() for p in run.session.trainer.network.parameters()])):
        run.session.trainer.step()
    assert run.tell(command)["type"] == "error"
    assert run.state == "failed"
    assert run.session.reason is not None
    assert run.tell("stop")["type"] == "ack"
    assert run.state == "stopped"


def test_divergence_that_an_edit_leaves_to_be_measured_fails_the_run_too(make: Callable[..., Run]) -> None:
    """Finite weights may be so large that what is measured with them is not."""
    run = make(DIVERGING)
    run.tell("play")
    run.rest()
    with torch.no_grad():
        for parameter in run.session.trainer.network.parameters():
            parameter.fill_(1e30)
    assert run.edit(replace(RATE, 1e-3))["type"] == "ack"
    run.session.advance()
    assert run.state == "failed"
    assert run.session.reason is not None
    assert run.session.reason["quantity"] == "evaluated output"
    assert run.tell("reset")["type"] == "ack"
    assert run.tell("play")["type"] == "ack"


def test_the_last_finite_state_is_one_that_can_be_measured(make: Callable[..., Run]) -> None:
    """At the step before the weights overflow, their squared errors do already."""
    run = make(
        mlp(
            8,
            data={"kind": "regression_plane", "noise": 0.5},
            task={"kind": "regression", "losses": [{"kind": "mse"}]},
            optimizer={"kind": "sgd", "learning_rate": 1.0},
            batch_size=1,
        )
    )
    run.tell("play")
    run.rest()
    assert run.state == "failed"
    assert run.session.reason is not None
    assert run.session.reason["checkpoint"] == "last_finite"
    assert not run.session.trainer.measurable
    assert run.session.reason["step"] == run.session.trainer.steps_taken + 1
    assert run.tell("rewind", checkpoint="last_finite")["type"] == "ack"
    assert run.edit(replace(RATE, 1e-4))["type"] == "ack"
    run.session.advance()
    assert run.state == "paused"
    assert run.session.trainer.measurable
    run.step(3)
    assert run.state == "paused"
