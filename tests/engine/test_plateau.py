"""A rate that follows a metric is torch's at every step, and goes on wherever its training is continued."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim.lr_scheduler import ReduceLROnPlateau

from glassnet.engine.errors import CheckpointError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.items.optimizers.sgd import SGD
from glassnet.engine.items.schedules.plateau import ReduceOnPlateau
from glassnet.engine.items.surfaces.bowls import Beale
from glassnet.engine.network.planner import plan
from glassnet.engine.studies.optimizer_race import Entry, OptimizerRace
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp, refused, same
from tests.engine.session_run import Run
from tests.engine.test_parking import parked

PLATEAU: dict[str, Any] = {"kind": "reduce_on_plateau", "factor": 0.5, "patience": 1, "threshold": 0.05}


def following(schedule: dict[str, Any], epochs: int = 12, **more: Any) -> Experiment:
    """A small network whose rate follows a metric, and is far too high for it."""
    data = {"kind": "spiral", "samples": 100, "validation_share": 0.2}
    update = {"optimizer": {"kind": "sgd", "learning_rate": 2.0}, "schedule": schedule, **more}
    return mlp(4, data=data, epochs=epochs, batch_size=20, updates=[update])


def rates(trainer: Trainer) -> list[float]:
    """The rate of each update of a whole training."""
    found = []
    while not trainer.finished:
        trainer.step()
        found.append(float(trainer.groups[0].rate))
    return found


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(-1, 2) | st.just(math.nan), min_size=1, max_size=40),
    metric=st.sampled_from(["train_loss", "validation_accuracy"]),
    patience=st.integers(0, 3),
    threshold=st.sampled_from([0.0, 1e-4, 0.2]),
    mode=st.sampled_from(["relative", "absolute"]),
    cooldown=st.integers(0, 3),
    least=st.sampled_from([0.0, 0.011, 0.5]),
)
def test_the_rule_is_torchs_whatever_the_metric_does(
    values: list[float], metric: str, patience: int, threshold: float, mode: Any, cooldown: int, least: float
) -> None:
    item = ReduceOnPlateau(
        metric=metric,
        factor=0.3,
        patience=patience,
        threshold=threshold,
        threshold_mode=mode,
        cooldown=cooldown,
        min_rate=least,
    )
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
    call, rule = item.metric_call(5, 50), item.plateau(5)
    assert call is not None
    assert rule is not None
    theirs, numbers = call.build(optimizer=optimizer), rule.start()
    for value in values:
        theirs.step(value)
        numbers = rule.after(numbers, value)
        assert rule.rate(0.2, numbers) == optimizer.param_groups[0]["lr"]


@pytest.mark.parametrize("metric", ["train_loss", "validation_loss", "validation_accuracy"])
def test_the_rates_of_a_training_are_torchs_of_the_metrics_that_it_measures(metric: str) -> None:
    experiment = following({**PLATEAU, "metric": metric})
    trainer, expected = Trainer(experiment), []
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    mode: Any = "max" if "accuracy" in metric else "min"
    theirs = ReduceLROnPlateau(optimizer, mode, factor=0.5, patience=1, threshold=0.05)
    found = []
    while not trainer.finished:
        expected.append(optimizer.param_groups[0]["lr"])
        trainer.step()
        found.append(float(trainer.groups[0].rate))
        if trainer.steps_taken % trainer.steps_per_epoch == 0:
            theirs.step(trainer.evaluate()[metric])
    assert found == expected
    assert len(set(found)) > 2, "it never plateaued"


def test_what_is_looked_at_changes_no_rate() -> None:
    watched = Trainer(following(PLATEAU))
    plain = rates(Trainer(following(PLATEAU)))
    for step, rate in enumerate(plain):
        watched.step()
        assert float(watched.groups[0].rate) == rate, step
        watched.evaluate()


def test_a_warm_up_comes_first_and_its_epochs_do_not_count() -> None:
    """Patience 0 and a threshold that nothing passes: each epoch that counts reduces, but for the first."""
    schedule = {**PLATEAU, "patience": 0, "threshold": 0.99}
    trainer = Trainer(following({"kind": "warm_up", "epochs": 2, "start": 0.5, "then": schedule}, epochs=6))
    per_epoch = trainer.steps_per_epoch
    risen = [2.0 * (0.5 + 0.5 * step / (2 * per_epoch)) for step in range(2 * per_epoch)]
    reduced = [2.0] * per_epoch + [2.0] * per_epoch + [1.0] * per_epoch + [0.5] * per_epoch
    assert rates(trainer) == pytest.approx(risen + reduced)


def test_a_state_carries_what_was_counted_and_another_metric_counts_anew() -> None:
    straight, first = Trainer(following(PLATEAU)), Trainer(following(PLATEAU))
    whole = rates(straight)
    for _ in range(23):
        first.step()
    second = Trainer(following(PLATEAU))
    second.load(first.state())
    assert rates(second) == whole[23:]
    assert same(second.state(), straight.state())
    other = Trainer(following({**PLATEAU, "metric": "train_accuracy"}))
    assert not any(name.startswith("schedule/") for name in other.load_matching(first.state()))


def test_a_state_with_counts_that_no_training_comes_to_is_refused() -> None:
    trainer = Trainer(following(PLATEAU))
    for wrong in (-1.0, 0.5, math.nan):
        state = trainer.state()
        state["schedule/0/train_loss"][3] = wrong
        with pytest.raises(CheckpointError, match="counts"):
            trainer.load(state)


def test_a_run_that_is_parked_and_one_that_is_reset_have_the_same_rates(tmp_path: Path) -> None:
    run, straight = Run(tmp_path / "run", following(PLATEAU)), Run(tmp_path / "straight", following(PLATEAU))
    straight.tell("play")
    straight.rest()
    run.step(17)
    run = parked(run)
    run.tell("play")
    run.rest()
    ours, theirs = (each.directory.rows("progress").columns["learning_rate"] for each in (run, straight))
    np.testing.assert_array_equal(ours, theirs)
    assert same(run.session.trainer.state(), straight.session.trainer.state())
    straight.tell("reset")
    straight.tell("play")
    straight.rest()
    again = straight.directory.rows("progress").columns["learning_rate"]
    np.testing.assert_array_equal(again[-len(theirs) :], theirs)
    for each in (run, straight):
        each.session.close()


def test_steps_that_are_repeated_after_a_divergence_observe_again() -> None:
    """The steps are repeated from a safe copy: across an epoch's end, the rates must come out the same."""
    trainer, whole = Trainer(following(PLATEAU)), rates(Trainer(following(PLATEAU)))
    for _ in range(20):
        trainer.step()
    before = trainer.state()
    copy = trainer.recovery.copy
    assert copy is not None
    trainer._state.restore(copy.items())
    trainer.recovery.go_on_to(20)
    assert same(trainer.state(), before)
    trainer.step()
    assert float(trainer.groups[0].rate) == whole[20]


def test_options_that_are_live_change_what_was_reduced_already() -> None:
    trainer = Trainer(following({**PLATEAU, "threshold": 0.99, "patience": 0}))
    for _ in range(3 * trainer.steps_per_epoch + 1):
        trainer.step()
    assert float(trainer.groups[0].rate) == 0.5
    assert trainer.apply_live_edit(following({**PLATEAU, "threshold": 0.99, "patience": 0, "factor": 0.1}))
    trainer.step()
    assert float(trainer.groups[0].rate) == pytest.approx(0.02)


@pytest.mark.parametrize(
    "schedule",
    [
        {**PLATEAU, "metric": "validation_loss"},
        {"kind": "warm_up", "epochs": 1, "then": {**PLATEAU, "metric": "train_accuracy"}},
    ],
    ids=["alone", "after a warm-up"],
)
def test_the_exported_script_has_the_same_rates(tmp_path: Path, schedule: dict[str, Any]) -> None:
    experiment = following(schedule, epochs=8, every=2)
    ours, theirs = rates(Trainer(experiment)), list[float]()
    text, _ = script(experiment)
    seen = "seen(optimizer.param_groups[0]['lr']); optimizer0.step()"
    (tmp_path / "script.py").write_text(text.replace("optimizer0.step()", seen))
    runpy.run_path(str(tmp_path / "script.py"), {"seen": theirs.append})["train"]()
    assert theirs == pytest.approx(ours[1::2])
    assert len(set(ours)) > 2


def test_in_a_race_an_epoch_is_a_step_and_the_metric_is_the_height() -> None:
    """A threshold that nothing passes: each height but the first reduces the rate."""
    schedule = ReduceOnPlateau(factor=0.5, patience=0, threshold=0.99)
    entry = Entry(optimizer=SGD(learning_rate=0.001), schedule=schedule)
    *_, last = OptimizerRace(surface=Beale(), entries=[entry], steps=4).compute()
    assert last.arrays["rates"][0].tolist() == pytest.approx([0.001, 0.001, 0.0005, 0.00025])


def test_a_metric_that_is_not_measured_and_one_of_the_test_set_are_refused_at_the_field() -> None:
    def asked(metric: str, share: float = 0.0) -> dict[str, Any]:
        schedule = {"kind": "warm_up", "then": {"kind": "reduce_on_plateau", "metric": metric}}
        data = {"kind": "spiral", "validation_share": share}
        return {"data": data, "training": {"updates": [{"schedule": schedule}]}}

    at = "/training/updates/0/schedule/then/metric"

    def planned(document: dict[str, Any]) -> None:
        plan(Experiment.parse(document))

    assert "the test set decides nothing" in refused(planned, asked("test_loss"))[at]
    assert "expected one of train_loss, train_accuracy" in refused(planned, asked("train_recall"))[at]
    assert "validation_share above 0" in refused(planned, asked("validation_loss"))[at]
    planned(asked("validation_loss", 0.2))
