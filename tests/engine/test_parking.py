"""A run that is parked now and then trains as if it never had been: the same rows, the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glassnet.engine.experiment.experiment import Experiment
from tests.engine.experiments import dropout_mlp, mlp, same
from tests.engine.session_run import Run

EPOCHS = 12


def parked(run: Run) -> Run:
    """The run in its next session, told to do what the last one was at."""
    answer = run.tell("park")
    assert answer["type"] == "ack", answer
    again = run.reopened(go_on=True)
    step = again.session.trainer.steps_taken
    assert step == answer["step"]
    if answer["until"] is not None:
        again.session.handle({"type": "step", "id": answer["asked"], "steps": answer["until"] - step})
    elif answer["playing"]:
        again.tell("play")
    return again


@pytest.mark.parametrize("experiment", [dropout_mlp(), mlp(4, epochs=EPOCHS)], ids=["dropout", "plain"])
def test_rows_and_weights_are_those_of_a_run_that_was_never_parked(
    tmp_path: Path, experiment: Experiment
) -> None:
    run, straight = Run(tmp_path / "run", experiment), Run(tmp_path / "straight", experiment)
    straight.tell("play")
    straight.rest()
    run.tell("play")
    turns = 0
    while run.state == "training":
        for _ in range(2):
            run.session.advance()
        if run.state == "training":
            run, turns = parked(run), turns + 1
    assert turns > 3
    assert same(run.session.trainer.state(), straight.session.trainer.state())
    for probe in ("progress", "evaluation"):
        ours, theirs = (each.directory.rows(probe).columns for each in (run, straight))
        assert ours.keys() == theirs.keys()
        for name, column in ours.items():
            np.testing.assert_array_equal(column, theirs[name], err_msg=f"{probe} {name}")
    assert run.session.life == 0
    # The best of all sessions, not of the last.
    assert run.directory.load_checkpoint("best")[0].step == straight.directory.load_checkpoint("best")[0].step
    for each in (run, straight):
        each.session.close()


def test_a_step_that_is_parked_ends_after_exactly_its_steps(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", mlp(4, epochs=EPOCHS))
    run.session.handle({"type": "step", "id": 77, "steps": 31})
    for _ in range(3):
        run.session.advance()
        assert not run.answer(77), "it is not done yet"
        run = parked(run)
    run.rest()
    assert (run.answer(77)["step"], run.state) == (31, "paused")
    run.session.close()


def test_a_parked_session_does_nothing_more(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", mlp(4, epochs=EPOCHS))
    run.tell("play")
    run.session.advance()
    step = run.tell("park")["step"]
    assert run.session.advance() is None
    assert run.session.trainer.steps_taken == step
    run.session.close()


def test_a_run_edited_while_parked_measures_what_the_edit_changed(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", mlp(4, epochs=EPOCHS))
    run.step(5)
    run.tell("park")
    run.session.close()
    edited = run.session.experiment.model_copy(update={"title": "edited"})
    run.directory.append_edit(5, 1, [{"op": "replace", "path": "/title", "value": "edited"}], edited)
    run.directory.close()
    again = Run(run.path, edited, go_on=True)
    assert (again.session.revision, again.session.trainer.steps_taken) == (1, 5)
    again.session.advance()
    assert again.directory.rows("evaluation").columns["step"].tolist()[-2:] == [5, 5]
    again.session.close()
