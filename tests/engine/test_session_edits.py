"""Edits of a session: applied at once, by rebuilding or not at all; undone, journalled, replayed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from glassnet.engine.run.directory import RunDirectory
from tests.engine.experiments import dropout_mlp, mlp, same, weights
from tests.engine.session_run import RATE, SURFACE, Message, Run, replace


def test_a_live_edit_leaves_training_alone_and_says_so(make: Callable[..., Run]) -> None:
    edited, plain = make(dropout_mlp()), make(dropout_mlp())
    for run in (edited, plain):
        run.step(13)
    answer = edited.edit(replace("/title", "Another"), replace("/watch", [SURFACE]))
    assert (answer["applied"], answer["revision"], answer["step"]) == ("live", 1, 13)
    assert answer["experiment"]["title"] == "Another"
    for run in (edited, plain):
        run.step(20)
    assert same(edited.session.trainer.state(), plain.session.trainer.state())


@pytest.mark.parametrize(
    ("patch", "applied"),
    [
        (replace(RATE, 0.5), "live"),
        (replace("/training/epochs", 99), "live"),
        (replace("/network/2/p", 0.1), "live"),
        (replace("/task/losses/0/weight", 2.0), "live"),
        (replace("/network/0/units", 8), "rebuilt"),
        (replace("/training/batch_size", 20), "rebuilt"),
        (replace("/network/1", {"kind": "relu", "name": "tanh1"}), "rebuilt"),
        ({"op": "remove", "path": "/network/1"}, "rebuilt"),
        (replace("/training/updates/0/optimizer", {"kind": "sgd", "learning_rate": 0.01}), "rebuilt"),
        (replace("/seed", 7), "rebuilt"),
    ],
)
def test_fields_that_may_change_while_training_are_applied_live(
    make: Callable[..., Run], patch: Message, applied: str
) -> None:
    run = make(dropout_mlp())
    run.tell("play")
    run.session.advance()
    answer = run.edit(patch)
    assert answer["applied"] == applied
    assert run.state == "training"
    run.session.advance()
    assert run.session.trainer.steps_taken > answer["step"]


def test_a_changed_rate_is_used(make: Callable[..., Run]) -> None:
    run = make()
    run.step(4)
    run.edit(replace(RATE, 0.5))
    run.step(2)
    assert run.outlet.column("progress", "learning_rate") == [pytest.approx(0.01)] * 2 + [0.5]


@pytest.mark.parametrize(
    "patch",
    [
        [replace("/network/0/units", 6), replace("/network/1/kind", "nonsense")],
        [replace("/network/0/units", 6), replace("/nowhere/at/all", 1)],
        [replace("/network/0/units", 6), {"op": "test", "path": "/seed", "value": 1}],
        [replace("/network/2/units", 7)],
        [replace("/network/0/units", 10**9)],
        [replace("/network/0/inputs", ["output"])],
        [replace("/training/updates/0/nodes", "conv*")],
        [{"op": "remove", "path": ""}],
        [replace("", {})],
        [replace("", None)],
    ],
)
def test_a_bad_edit_changes_nothing(make: Callable[..., Run], patch: list[Message]) -> None:
    run = make()
    run.tell("watch", probes=[{"kind": "weights"}])
    run.step(5)
    before, experiment = run.session.trainer.state(), run.session.experiment.document()
    events = list(run.directory.events())
    answer = run.edit(*patch)
    assert answer["type"] == "error"
    assert answer["errors"]
    assert run.session.experiment.document() == experiment
    assert run.session.revision == 0
    assert same(run.session.trainer.state(), before)
    assert list(run.directory.events()) == events
    assert run.step(1)["step"] == 6


def test_a_stale_edit_is_refused(make: Callable[..., Run]) -> None:
    run = make()
    assert run.edit(replace(RATE, 0.5), revision=0)["revision"] == 1
    answer = run.edit(replace(RATE, 0.1), revision=0)
    assert answer["errors"] == [
        {"pointer": "/revision", "message": "0 is out of date; the experiment is at revision 1"}
    ]
    assert run.session.experiment.training.updates[0].optimizer.learning_rate == 0.5


def test_undo_brings_removed_weights_back(make: Callable[..., Run]) -> None:
    run = make(mlp(4, 5, epochs=30))
    run.step(12)
    nodes = run.session.experiment.document()["network"]
    trained = run.session.trainer.state()
    assert run.edit({"op": "remove", "path": "/network/2"}, {"op": "remove", "path": "/network/2"})[
        "applied"
    ] == "rebuilt"  # fmt: skip
    assert "linear2.weight" not in weights(run.session.trainer)
    run.edit(replace("/network", nodes))
    after = run.session.trainer.state()
    for name in ("linear2.weight", "linear2.bias", "linear1.weight"):
        assert torch.equal(after[f"parameters/{name}"], trained[f"parameters/{name}"])
        assert torch.equal(after[f"optimizer/0/adam/mean/{name}"], trained[f"optimizer/0/adam/mean/{name}"])


def test_undo_brings_back_weights_of_another_size(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=30))
    run.step(12)
    trained = run.session.trainer.state()
    run.edit(replace("/network/0/units", 6))
    run.edit(replace("/network/0/units", 4))
    assert same(run.session.trainer.state(), trained)


def test_an_edit_says_which_nodes_start_anew_and_which_were_resized(make: Callable[..., Run]) -> None:
    run = make(mlp(4, 5, epochs=30))
    run.step(12)
    before = weights(run.session.trainer)
    answer = run.edit(replace("/network/2/units", 7))
    assert (answer["new"], answer["resized"]) == ([], ["linear2", "output"])
    after = weights(run.session.trainer)
    assert torch.equal(after["linear2.weight"][:5], before["linear2.weight"])
    assert torch.equal(after["output.weight"][:, :5], before["output.weight"])
    added = {"op": "add", "path": "/network/0", "value": {"kind": "linear", "name": "first", "units": 2}}
    answer = run.edit(added)
    assert (answer["new"], answer["resized"]) == (["first"], [])
    answer = run.edit(replace(RATE, 0.5))
    assert (answer["new"], answer["resized"]) == ([], [])


def test_units_that_an_undo_brings_back_return_beside_those_that_trained_on(make: Callable[..., Run]) -> None:
    run = make(mlp(6, epochs=30))
    run.step(12)
    removed = weights(run.session.trainer)
    run.edit(replace("/network/0/units", 4))
    run.step(10)
    stayed = weights(run.session.trainer)
    answer = run.edit(replace("/network/0/units", 6))
    assert (answer["new"], answer["resized"]) == ([], [])
    after = weights(run.session.trainer)
    assert torch.equal(after["linear1.weight"][:4], stayed["linear1.weight"])
    assert torch.equal(after["linear1.weight"][4:], removed["linear1.weight"][4:])


def test_a_reset_can_be_undone(make: Callable[..., Run]) -> None:
    run = make()
    run.step(7)
    before = run.session.trainer.state()
    run.tell("reset")
    assert run.session.trainer.steps_taken == 0
    run.step(2)
    assert run.tell("rewind", checkpoint="before_reset")["type"] == "ack"
    assert same(run.session.trainer.state(), before)


def test_a_run_that_goes_back_to_its_end_has_finished(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=1))
    run.tell("play")
    run.rest()
    run.tell("reset")
    assert run.session.state == "paused"
    assert run.tell("rewind", checkpoint="before_reset")["type"] == "ack"
    assert run.outlet.said("status")[-1]["state"] == "finished"
    assert run.tell("play")["type"] == "error"
    assert run.reopened(resume="latest").session.state == "finished"


def test_edits_are_journalled_with_their_step_and_replay(make: Callable[..., Run]) -> None:
    run = make()
    run.step(4)
    run.edit(replace(RATE, 0.5))
    run.step(3)
    run.edit(replace("/network/0/units", 6))
    run.step(5)
    edits = [event for event in run.directory.events() if event["type"] == "edit"]
    assert [(event["step"], event["revision"]) for event in edits] == [(4, 1), (7, 2)]
    again = make()
    for event in edits:
        again.step(event["step"] - again.session.trainer.steps_taken)
        again.edit(*event["patch"])
    again.step(5)
    assert same(again.session.trainer.state(), run.session.trainer.state())
    assert RunDirectory.open(run.path).experiment() == run.session.experiment


def test_an_edited_run_opens_with_its_edits(make: Callable[..., Run]) -> None:
    run = make()
    run.step(4)
    run.edit(replace("/network/0/units", 6))
    run.step(4)
    state = run.session.trainer.state()
    again = run.reopened(resume="latest")
    assert again.session.revision == 1
    assert same(again.session.trainer.state(), state)
    again.session.close()


def test_a_checkpoint_of_another_revision_is_adopted(make: Callable[..., Run]) -> None:
    run = make(mlp(4, 5, epochs=30))
    run.step(4)
    run.tell("snapshot", name="before")
    kept = weights(run.session.trainer)
    run.edit(replace("/network/2/units", 7))
    run.step(4)
    assert run.tell("rewind", checkpoint="before")["type"] == "ack"
    after = weights(run.session.trainer)
    assert torch.equal(after["linear1.weight"], kept["linear1.weight"])
    assert after["linear2.weight"].shape == (7, 4)
    assert run.session.trainer.steps_taken == 4


def test_a_picture_that_applies_no_more_is_taken_off_with_words(make: Callable[..., Run]) -> None:
    run = make()
    (key, _) = run.tell("watch", probes=[{**SURFACE, "units": ["linear1"]}, {"kind": "weights"}])["keys"]
    run.edit(replace("/network/0/name", "renamed"))
    (gone,) = run.outlet.said("unwatched")
    assert (gone["key"], gone["probe"]) == (key, "surface")
    assert "'linear1' names no node" in gone["detail"]
    run.outlet.frames.clear()
    run.clock.now += 1
    run.session.advance()
    assert [stamp["probe"] for stamp, _, scalar in run.outlet.frames if not scalar] == ["weights"]
