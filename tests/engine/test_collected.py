"""What a run collects from its first step on, whether somebody watches or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from tests.engine.experiments import mlp, same
from tests.engine.session_run import Run

PATH = {"kind": "trajectory", "hz": 30.0}
WATCH = [{"kind": "trajectory", "hz": 4.0}]


def collecting(*probes: Any, epochs: int = 4) -> Experiment:
    return Experiment.parse({**mlp(6, epochs=epochs).document(), "collect": list(probes)})


def steps_seen(run: Run) -> list[float]:
    """The steps of the path that a viewer sees who comes now."""
    del run.outlet.frames[:]
    run.tell("watch", probes=WATCH)
    run.session.advance()
    _, arrays, _ = next(frame for frame in run.outlet.frames if frame[0]["probe"] == "trajectory")
    assert len(arrays["pca/path"]) == len(arrays["steps"]) == len(arrays["losses"])
    steps: list[float] = arrays["steps"].tolist()
    return steps


def test_the_path_begins_at_step_0_though_nobody_watched(tmp_path: Path) -> None:
    run, other = Run(tmp_path / "run", collecting(PATH)), Run(tmp_path / "other", mlp(6, epochs=4))
    for each in (run, other):
        for _ in range(6):
            each.step(5)
    sent = {stamp["probe"] for stamp, _, _ in run.outlet.frames}
    assert "trajectory" not in sent, "nobody watches"
    assert same(run.session.trainer.state(), other.session.trainer.state()), "and it changes nothing"
    steps = steps_seen(run)
    assert (steps[0], steps[-1]) == (0, 30)
    assert len(steps) > 3
    assert steps_seen(other) == [30], "without it, what came before is not known"
    run.tell("watch", probes=[])
    run.step(5)
    assert steps_seen(run)[: len(steps)] == steps, "it goes on when nobody watches any more"
    run.session.close()
    other.session.close()


def test_a_reset_and_the_next_session_have_the_path_from_step_0(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", collecting(PATH))
    run.step(20)
    run.tell("reset")
    run.step(10)
    again = run.reopened(go_on=True)
    again.step(10)
    steps = steps_seen(again)
    assert (steps[0], steps[-1]) == (0, 20)
    again.session.close()


def test_an_edit_begins_and_ends_it(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", mlp(6, epochs=4))
    run.step(10)
    answer = run.edit({"op": "add", "path": "/collect/-", "value": PATH})
    assert answer["applied"] == "live", answer
    run.step(10)
    assert steps_seen(run)[0] == 10, "from then on"
    run.tell("watch", probes=[])
    run.edit({"op": "replace", "path": "/collect", "value": []})
    run.step(10)
    assert 25 not in steps_seen(run)
    run.session.close()


def test_what_covers_one_step_alone_is_refused_by_name() -> None:
    with pytest.raises(InvalidExperiment) as refused:
        collecting(PATH, {"kind": "weights"})
    [problem] = refused.value.problems
    assert problem.pointer == "/collect/1"
    assert "weights covers no more than one step" in problem.message
    assert {"trajectory", "sharpness"} <= set(problem.message.replace(",", "").split())


def test_a_document_without_it_collects_nothing(tmp_path: Path) -> None:
    document = mlp(6).document()
    assert document.pop("collect") == []
    assert Experiment.parse(document).collect == []
    assert np.isclose(Experiment.parse({**document, "collect": [PATH]}).collect[0].hz, 30)
