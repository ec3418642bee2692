"""What is seen of a rate and a loss before they are used is what training then does."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from glassnet.engine.figures.previews import MOST_POINTS, loss_chart, rate_chart
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp


@pytest.mark.parametrize(
    "schedule",
    [
        {"kind": "cosine"},
        {"kind": "warm_up", "epochs": 2, "then": {"kind": "warm_restarts", "first": 2}},
        {"kind": "reduce_on_plateau", "patience": 100},
    ],
    ids=lambda schedule: str(schedule["kind"]),
)
def test_the_planned_rates_are_those_of_the_training(schedule: dict[str, Any]) -> None:
    update = {"optimizer": {"kind": "sgd", "learning_rate": 0.5}, "schedule": schedule}
    experiment = mlp(2, data={"kind": "spiral", "samples": 50}, epochs=8, batch_size=10, updates=[update])
    [line] = rate_chart(experiment).lines
    trainer, rates = Trainer(experiment), []
    while not trainer.finished:
        trainer.step()
        rates.append(float(trainer.groups[0].rate))
    assert list(line.y) == pytest.approx(rates)
    assert list(line.x) == pytest.approx([step / trainer.steps_per_epoch for step in range(trainer.steps)])


def test_a_long_training_is_drawn_by_some_of_its_steps_from_the_first_to_the_last() -> None:
    updates = [{"nodes": "linear1"}, {"nodes": "output", "schedule": {"kind": "cosine"}}]
    chart = rate_chart(mlp(2, epochs=1000, updates=updates))
    assert [line.name for line in chart.lines] == ["linear1", "output"]
    assert len(chart.lines[1].x) == MOST_POINTS
    assert (chart.lines[1].x[0], chart.lines[1].x[-1]) == pytest.approx((0, 1000), abs=0.2)


def test_a_loss_is_seen_over_what_its_task_compares() -> None:
    task = {"kind": "regression", "losses": [{"kind": "huber"}]}
    chart = loss_chart(mlp(2, data={"kind": "regression_plane"}, task=task))
    assert chart is not None
    [line] = chart.lines
    expected = torch.nn.functional.huber_loss(
        torch.tensor(line.x), torch.zeros(len(line.x)), reduction="none"
    )
    assert list(line.y) == pytest.approx(expected.tolist(), rel=1e-5, abs=1e-6)
    weighted = {"kind": "cross_entropy", "class_weights": [1.0, 5.0]}
    over = loss_chart(mlp(2, task={"kind": "classification", "losses": [weighted]}))
    assert over is not None
    assert over.title == "Loss over the score"
