"""Stops: what ends a training early, against loops written by hand."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import source
from glassnet.engine.items.stops.early_stopping import Patience
from glassnet.engine.network.planner import plan
from glassnet.engine.run.changes import changes
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp, same
from tests.engine.session_run import Run
from tests.engine.test_parking import parked

Document = dict[str, Any]

#: Few samples and many weights: it overfits within some epochs.
FEW: Document = {"kind": "gauss", "samples": 160, "noise": 0.5, "validation_share": 0.4}
EARLY: Document = {"kind": "early_stopping", "patience": 4}


def overfitting(*stops: Document, **options: Any) -> Experiment:
    asked: Document = {"data": FEW, "optimizer": {"kind": "adam", "learning_rate": 0.02}, "epochs": 60}
    return mlp(16, activation="relu", stops=list(stops), **{**asked, **options})


def played(path: Path, experiment: Experiment, **options: Any) -> Run:
    run = Run(path, experiment, **options)
    run.tell("play")
    run.rest()
    return run


def timeless(run: Run) -> dict[str, Tensor]:
    """The state of a run's trainer, but for how long it took."""
    state = run.session.trainer.state()
    return {name: tensor for name, tensor in state.items() if not name.endswith("/seconds")}


def choice_by_hand(
    experiment: Experiment, metric: str, patience: int, *, least: float = 0.0, better: float = -1.0
) -> tuple[int, int, dict[str, Tensor]]:
    """The step of the end, that of the best reading and its weights, by the loop of every textbook."""
    trainer = Trainer(experiment.model_copy(update={"training": without_stops(experiment)}))
    weights: dict[str, Tensor] = {}
    best, best_step, waited = -math.inf, -1, 0
    while trainer.steps_taken < trainer.steps:
        for _ in range(trainer.steps_per_epoch):
            trainer.step()
        score = better * trainer.evaluate()[metric]
        if score > best + least:
            best, best_step, waited = score, trainer.steps_taken, 0
            weights = copy.deepcopy(dict(trainer.network.named_parameters()))
        else:
            waited += 1
            if waited == patience:
                break
    return trainer.steps_taken, best_step, weights


def without_stops(experiment: Experiment) -> Any:
    return experiment.training.model_copy(update={"stops": []})


@pytest.mark.parametrize(
    ("options", "better"),
    [
        ({"patience": 4}, -1.0),
        ({"patience": 2, "least_change": 0.01}, -1.0),
        ({"patience": 5, "metric": "validation_accuracy"}, 1.0),
        ({"patience": 3, "metric": "train_loss", "least_change": 0.01}, -1.0),
    ],
    ids=["loss", "least change", "accuracy", "training loss"],
)
def test_it_ends_and_goes_back_where_a_loop_by_hand_does(
    options: Document, better: float, tmp_path: Path
) -> None:
    experiment = overfitting({"kind": "early_stopping", **options})
    metric = options.get("metric", "validation_loss")
    end, best, weights = choice_by_hand(
        experiment, metric, options["patience"], least=options.get("least_change", 0.0), better=better
    )
    run = played(tmp_path / "run", experiment)
    trainer, reason = run.session.trainer, run.session.reason
    assert end < trainer.steps
    assert reason is not None
    assert (run.state, reason["step"], reason["restored"]) == ("finished", end, best)
    assert reason["stop"] == "early_stopping"
    assert run.outlet.said("status")[-1]["reason"] == reason
    assert trainer.steps_taken == best
    for name, parameter in trainer.network.named_parameters():
        assert torch.equal(parameter, weights[name])
    run.session.close()


def test_the_state_that_is_restored_trains_on_as_it_did(tmp_path: Path) -> None:
    run = played(tmp_path / "run", overfitting(EARLY))
    restored, plain = run.session.trainer, Trainer(overfitting())
    for _ in range(restored.steps_taken):
        plain.step()
    for trainer in (plain, restored):
        for _ in range(5):
            trainer.step()
    ours, theirs = restored.state(), plain.state()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs if not name.startswith("loss/"))
    run.session.close()


@pytest.mark.parametrize(
    "stops",
    [
        [EARLY],
        [{"kind": "target", "metric": "train_accuracy", "op": "≥", "value": 0.9}],
        [{"kind": "target", "metric": "validation_loss", "op": "<", "value": 0.2, "at": "within 40"}, EARLY],
        [{"kind": "target", "metric": "batch_loss", "op": "<", "value": 0.2, "check": "step"}],
        [{"kind": "early_stopping", "metric": "train_loss", "patience": 2, "restore_best": False}],
        [{"kind": "time", "seconds": 1e6}, {"kind": "early_stopping", "metric": "validation_accuracy"}],
    ],
    ids=["early", "target", "within", "batch", "weights of the end", "accuracy"],
)
def test_the_exported_script_ends_with_the_same_weights(stops: list[Document], tmp_path: Path) -> None:
    experiment = overfitting(*stops, evaluate_every=4)
    run = played(tmp_path / "run", experiment)
    trainer, reason = run.session.trainer, run.session.reason
    module: Document = {"__name__": "script"}
    exec(source(experiment), module)  # noqa: S102 it is our own
    network, losses = module["train"]()
    assert len(losses) < trainer.steps
    assert reason is not None
    assert reason["step"] == len(losses)
    for name, parameter in trainer.network.named_parameters():
        torch.testing.assert_close(parameter.cpu(), network.get_parameter(name), rtol=1e-5, atol=1e-6)
    run.session.close()


# Counting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("losses", "options", "ends"),
    [
        ([1, 0.9, 0.8, 0.7], {}, None),
        ([1, 0.9, 0.9, 0.9], {}, 4),
        ([1, 0.9, 0.95, 0.8, 0.9, 0.8], {}, 6),
        ([1, 0.96, 0.92, 0.88], {"least_change": 0.05}, None),
        ([1, 0.98, 0.96, 0.9], {"least_change": 0.05}, 3),
        ([math.nan, math.nan], {}, 2),
        ([1, math.nan, 0.5, 0.5, 0.5], {}, 5),
        ([0.5, 0.6, 0.6, 0.6], {"higher": True}, 4),
    ],
)
def test_patience_counts_readings_that_are_no_improvement(
    losses: list[float], options: Document, ends: int | None
) -> None:
    rule = Patience("loss", 2, **{"least_change": 0.0, "higher": False, **options})
    held = [step for step, loss in enumerate(losses, 1) if rule(step, 0.0, {"loss": loss})]
    assert (held[0] if held else None) == ends
    assert rule(99, 0.0, {"other": 1.0}) is False, "a reading without the metric counts for nothing"


def test_time_counts_while_the_run_plays_and_goes_on_in_the_next_session(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", overfitting({"kind": "time", "seconds": 2}, epochs=10_000))
    run.tell("play")
    while (seconds := run.session.trainer.stopping.applied[0].seconds) < 1:
        run.session.advance()
    run.tell("pause")
    run.clock.now += 1000
    run = run.reopened(go_on=True)
    assert run.session.trainer.stopping.applied[0].seconds == pytest.approx(seconds, abs=0.1)
    run.tell("play")
    began = run.clock.now
    run.rest()
    assert run.clock.now - began == pytest.approx(2 - seconds, abs=0.5)
    assert run.session.reason is not None
    assert "2 seconds of training were over" in run.session.reason["detail"]
    assert run.session.reason["restored"] is None
    run.session.close()


def test_the_first_that_holds_ends_the_run_and_is_named(tmp_path: Path) -> None:
    target = {"kind": "target", "metric": "train_accuracy", "op": ">", "value": 0}
    run = played(tmp_path / "run", overfitting(EARLY, target))
    assert run.session.reason is not None
    assert (run.session.reason["stop"], run.session.reason["index"]) == ("target", 1)
    assert run.session.trainer.steps_taken == run.session.trainer.steps_per_epoch
    run.session.close()


@pytest.mark.parametrize(("check", "readings"), [("evaluation", 3), ("epoch", 1), ("step", 3)])
def test_a_stop_is_read_when_it_says(check: str, readings: int, tmp_path: Path) -> None:
    """Four steps an epoch, evaluated every other one as well: patience is over after so many readings."""
    patient = {"kind": "early_stopping", "metric": "train_loss", "least_change": 1e6, "check": check}
    experiment = overfitting({**patient, "patience": 2}, batch_size=12, evaluate_every=2)
    run = played(tmp_path / "run", experiment)
    assert run.session.trainer.steps_per_epoch == 4
    assert run.session.reason is not None
    assert run.session.reason["step"] == {"epoch": 12}.get(check, 6)
    run.session.close()


# Resumed, parked, edited ---------------------------------------------------------------------------------


def test_a_run_that_is_parked_again_and_again_ends_as_one_that_never_was(tmp_path: Path) -> None:
    straight = played(tmp_path / "straight", overfitting(EARLY))
    run = Run(tmp_path / "run", overfitting(EARLY))
    run.tell("play")
    turns = 0
    while run.state == "training":
        run.session.advance()
        if run.state == "training":
            run, turns = parked(run), turns + 1
    assert turns > 3
    assert run.session.reason == straight.session.reason
    assert same(timeless(run), timeless(straight))
    for each in (run, straight):
        each.session.close()


def test_a_run_whose_worker_was_killed_ends_as_one_that_went_on(tmp_path: Path) -> None:
    straight = played(tmp_path / "straight", overfitting(EARLY))
    run = Run(tmp_path / "run", overfitting(EARLY))
    assert straight.session.reason is not None
    best = straight.session.reason["restored"]
    run.step(best - 3)
    run.session.recorder.save_all("latest", run.session.trainer, run.session.revision)
    run.tell("play")
    while run.session.trainer.steps_taken < best + 2:
        run.session.advance()
    run.directory.close()  # and nothing is saved
    again = Run(tmp_path / "run", overfitting(EARLY), go_on=True)
    assert again.session.trainer.steps_taken == best - 3
    again.tell("play")
    again.rest()
    assert again.session.reason == straight.session.reason
    assert same(timeless(again), timeless(straight))
    for each in (again, straight):
        each.session.close()


def test_what_has_ended_stays_ended_in_the_next_session(tmp_path: Path) -> None:
    run = played(tmp_path / "run", overfitting(EARLY))
    reason, state = run.session.reason, run.session.trainer.state()
    run = run.reopened(go_on=True)
    assert (run.state, run.session.reason) == ("finished", reason)
    assert same(run.session.trainer.state(), state)
    assert "a stop has ended the run" in str(run.tell("play")["errors"])
    assert run.edit({"op": "replace", "path": "/title", "value": "Over"})["type"] == "ack"
    assert (run.state, run.session.reason) == ("finished", reason)
    run = run.reopened(go_on=True)
    assert (run.state, run.session.reason) == ("finished", reason), "a title changes nothing"
    run.session.close()


@pytest.mark.parametrize(
    "patch",
    [
        {"op": "replace", "path": "/training/epochs", "value": 90},
        {"op": "replace", "path": "/training/stops", "value": []},
        {"op": "replace", "path": "/training/stops/0/patience", "value": 9},
    ],
    ids=["epochs", "no stop", "more patience"],
)
def test_after_an_edit_of_its_training_it_goes_on_and_counts_anew(patch: Document, tmp_path: Path) -> None:
    run = played(tmp_path / "run", overfitting(EARLY))
    best = run.session.trainer.steps_taken
    assert run.edit(patch)["applied"] == "live"
    assert (run.state, run.session.reason) == ("paused", None)
    assert [each.numbers()["waited"] for each in run.session.trainer.stopping.applied] in ([0.0], [])
    run.step(3)
    assert run.session.trainer.steps_taken == best + 3
    run.tell("play")
    run.rest()
    assert run.state == "finished"
    assert (run.session.reason is None) == (patch["value"] == [])
    run.session.close()


def test_a_reset_and_a_rewind_count_anew_and_another_network_does(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", overfitting({**EARLY, "patience": 50}))
    (stop,) = run.session.trainer.stopping.applied
    run.step(20)
    assert stop.best_step is not None
    run.tell("snapshot", name="here")
    assert run.edit({"op": "replace", "path": "/title", "value": "Other"})["applied"] == "live"
    assert stop.best_step is not None
    run.tell("rewind", checkpoint="here")
    assert stop.numbers()["waited"] == 0
    assert stop.best_step is None
    run.step(20)
    assert run.edit({"op": "replace", "path": "/network/0/units", "value": 9})["applied"] == "rebuilt"
    (stop,) = run.session.trainer.stopping.applied
    assert stop.best_step is None
    run.step(20)
    assert stop.best_step is not None
    run.tell("reset")
    assert run.session.trainer.stopping.applied[0].best_step is None
    run.session.close()


def test_where_it_went_back_the_journal_says_so_and_the_other_weights_are_kept(tmp_path: Path) -> None:
    run = played(tmp_path / "run", overfitting(EARLY))
    reason = run.session.reason
    assert reason is not None
    told = changes(run.directory, 10).events
    assert [event["type"] for event in told] == ["rewind", "stop"]
    assert [event["life"] for event in told] == [1, 1]
    assert (told[0]["step"], told[1]["step"]) == (reason["restored"], reason["step"])
    assert run.directory.last_row("evaluation").columns["step"][-1] == reason["restored"]
    assert run.tell("rewind", checkpoint="before_rewind")["type"] == "ack"
    assert (run.state, run.session.trainer.steps_taken) == ("paused", reason["step"])
    run.session.close()


def test_best_states_that_are_not_needed_are_removed(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", overfitting({**EARLY, "patience": 50}))
    for _ in range(4):
        run.step(run.session.trainer.steps_per_epoch)
        run.session.recorder.save_all("latest", run.session.trainer, run.session.revision)
    names = [info.name for info in run.directory.checkpoints() if info.name.startswith("best-")]
    assert names == [f"best-{run.session.trainer.stopping.applied[0].best_step}"]
    run.session.close()


def test_a_best_state_that_is_lost_is_said_and_nothing_else_is(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", overfitting(EARLY))
    run.session.recorder.best_readings.write = lambda: None  # type: ignore[method-assign]
    run.tell("play")
    run.rest()
    assert run.session.reason is not None
    assert (run.state, run.session.reason["restored"]) == ("finished", None)
    assert "are lost" in run.session.reason["detail"]
    run.session.close()


# Refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop", "pointer", "said"),
    [
        ({"kind": "early_stopping", "metric": "test_loss"}, "/metric", "is of the test set"),
        ({"kind": "early_stopping", "metric": "train_los"}, "/metric", "did you mean 'train_loss'?"),
        (
            {"kind": "early_stopping", "metric": "train_absolute_error"},
            "/metric",
            "expected one of train_loss",
        ),
        ({"kind": "early_stopping", "metric": "batch_loss"}, "/check", "expected check 'step'"),
        ({"kind": "early_stopping", "metric": "learning_rate", "check": "step"}, "/metric", "neither better"),
        ({"kind": "early_stopping", "patience": 0}, "/patience", "0; expected a whole number from 1"),
        ({"kind": "target", "metric": "accuracy"}, "/metric", "unknown metric 'accuracy'"),
        ({"kind": "target", "metric": "test_accuracy"}, "/metric", "is of the test set"),
        (
            {"kind": "target", "metric": "learning_rate", "check": "step", "at": "best"},
            "/at",
            "no best number",
        ),
        ({"kind": "target", "op": "="}, "/op", "'='; expected '<'"),
        ({"kind": "time", "seconds": 0}, "/seconds", "0; expected a number above 0"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(stop: Document, pointer: str, said: str) -> None:
    with pytest.raises(InvalidExperiment) as refused:
        plan(overfitting(stop))
    (problem,) = refused.value.problems
    assert problem.pointer == f"/training/stops/0{pointer}"
    assert said in problem.message


def test_early_stopping_without_a_validation_share_is_refused_with_what_mends_it() -> None:
    with pytest.raises(InvalidExperiment, match="kept for validation") as refused:
        plan(overfitting(EARLY, data={"kind": "gauss"}))
    (problem,) = refused.value.problems
    assert problem.remedy is not None
    assert problem.remedy.patch[0]["path"] == "/data/validation_share"


def test_two_equal_stops_are_refused_at_the_second() -> None:
    with pytest.raises(InvalidExperiment, match="this stop stands here twice") as refused:
        overfitting(EARLY, EARLY)
    assert refused.value.problems[0].pointer == "/training/stops/1"
