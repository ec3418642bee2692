"""Scalars and pictures that a session takes, and numbers of theirs that only rise."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import decode
from glassnet.engine.run.picture_frames import SEQUENCES
from glassnet.engine.run.recorder import ROWS_EVERY
from glassnet.engine.run.replies import STATUS_EVERY
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, losses, mlp, same, weights
from tests.engine.session_run import PICTURES, SURFACE, Run, replace


@pytest.mark.parametrize("experiment", [dropout_mlp(epochs=6), cnn(epochs=1)], ids=["dropout", "batch norm"])
def test_watching_never_changes_a_run(make: Callable[..., Run], experiment: Experiment) -> None:
    watched, unwatched = make(experiment), make(experiment)
    probes = PICTURES if experiment.data.plane else PICTURES[1:]
    watched.tell("watch", probes=[{**probe, "hz": 30} for probe in probes])
    for run in (watched, unwatched):
        run.tell("play")
        run.rest()
        run.session.advance()
    assert len([1 for *_, scalar in watched.outlet.frames if not scalar]) >= len(probes)
    assert not [1 for *_, scalar in unwatched.outlet.frames if not scalar]
    assert same(watched.session.trainer.state(), unwatched.session.trainer.state())
    for probe, series in (("progress", "batch_loss"), ("evaluation", "test_loss"), ("evaluation", "step")):
        found = watched.outlet.column(probe, series)
        assert found
        assert found == unwatched.outlet.column(probe, series)
    plain = Trainer(experiment)
    losses(plain, plain.steps)
    for name, weight in weights(plain).items():
        assert torch.equal(weight, weights(watched.session.trainer)[name])


def test_rows_are_journalled_and_sent_once_each_in_order(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=5))  # 10 steps an epoch: a row of progress every 2
    run.tell("play")
    run.rest()
    assert run.outlet.column("progress", "step") == list(range(2, 51, 2))
    assert run.outlet.column("evaluation", "step") == [0, 10, 20, 30, 40, 50]
    for probe in ("progress", "evaluation"):
        rows = run.directory.rows(probe)
        assert rows.columns["step"].tolist() == run.outlet.column(probe, "step")
        sent = [(stamp, arrays) for stamp, arrays, _ in run.outlet.frames if stamp["probe"] == probe]
        numbers = [int(stamp["seq"]) for stamp, _ in sent]
        counts = [len(arrays["step"]) for _, arrays in sent]
        assert numbers == [sum(counts[:index]) for index in range(len(counts))]
    losses_sent = run.outlet.column("progress", "batch_loss")
    single = losses(Trainer(mlp(4, epochs=5)), 50)
    assert losses_sent == pytest.approx([sum(single[i : i + 2]) / 2 for i in range(0, 50, 2)], rel=1e-6)


def test_what_an_edit_changes_is_measured_anew_while_paused(make: Callable[..., Run]) -> None:
    run = make()
    (before,) = run.outlet.column("evaluation", "train_loss")
    assert run.edit(replace("/data/noise", 0.4))["type"] == "ack"
    run.clock.now += 1
    run.session.advance()
    first, again = run.outlet.column("evaluation", "train_loss")
    assert (first, run.outlet.column("evaluation", "step")) == (before, [0, 0])
    assert again != before
    assert again == pytest.approx(run.session.trainer.evaluate()["train_loss"])
    run.clock.now += 1
    run.session.advance()
    assert run.outlet.column("evaluation", "step") == [0, 0]  # once is enough


def test_evaluations_come_as_often_as_asked_and_at_a_pause(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=5, evaluate_every=4))
    run.step(5)
    run.step(7)
    assert run.outlet.column("evaluation", "step") == [0, 4, 5, 8, 10, 12]


def test_pictures_come_at_most_so_often(make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    # What a picture costs makes it wait, and is no part of this test's clock.
    monkeypatch.setattr("glassnet.engine.run.picture_frames.time", SimpleNamespace(perf_counter=lambda: 0.0))
    run = make(mlp(4, epochs=10_000))
    run.tell("watch", probes=[{**SURFACE, "hz": 4}, {"kind": "weights", "hz": 20}])
    run.tell("play")
    start = run.clock.now
    while run.clock.now < start + 3:
        run.session.advance()
    run.tell("pause")
    sent = [stamp["probe"] for stamp, _, scalar in run.outlet.frames if not scalar]
    assert 10 <= sent.count("surface") <= 14
    assert 50 <= sent.count("weights") <= 62


def test_only_what_is_watched_is_computed_and_one_key_once(make: Callable[..., Run]) -> None:
    run = make()
    keys = run.tell("watch", probes=[SURFACE, {"kind": "progress"}, {"kind": "weights", "hz": 3}])["keys"]
    assert run.tell("watch", probes=[{"kind": "weights", "hz": 7}])["keys"] == keys[2:]
    run.step(3)
    run.session.advance()
    assert {stamp["probe"] for stamp, _, scalar in run.outlet.frames if not scalar} == {"weights"}
    run.tell("watch", probes=[])
    before = len(run.outlet.frames)
    run.step(2)
    assert {stamp["probe"] for stamp, *_ in run.outlet.frames[before:]} <= {"progress", "evaluation"}


def test_a_picture_shows_the_step_it_is_stamped_with(make: Callable[..., Run]) -> None:
    run = make()
    run.tell("watch", probes=[{"kind": "weights"}])
    run.step(3)
    run.clock.now += 1
    run.session.advance()
    stamp, arrays, _ = run.outlet.frames[-1]
    assert (stamp["step"], stamp["epoch"]) == ("3", "0.3")
    assert np.array_equal(
        arrays["linear1.weight"], run.session.trainer.network.get_parameter("linear1.weight").detach().numpy()
    )


def test_pictures_are_recorded_for_scrubbing(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=30))
    (key,) = run.tell("watch", probes=[{"kind": "weights", "hz": 30}])["keys"]
    run.tell("play")
    run.rest()
    run.session.advance()
    recorded = [decode(data)[0] for data in run.directory.frames(key)]
    assert recorded
    sent = [stamp for stamp, _, scalar in run.outlet.frames if not scalar]
    assert all(stamp in sent for stamp in recorded)


def test_status_tells_changes_and_not_too_often(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=10_000))
    first = run.outlet.said("status")[-1]
    assert (first["state"], first["step"], first["life"], first["revision"]) == ("paused", 0, 0, 0)
    assert first["metrics"]["test_loss"] > 0
    run.tell("play")
    start, before = run.clock.now, len(run.outlet.said("status"))
    while run.clock.now < start + 5:
        run.session.advance()
    spent = run.clock.now - start
    during = run.outlet.said("status")[before:]
    assert 2 <= len(during) <= spent / STATUS_EVERY + 2
    steps = [message["step"] for message in during]
    assert steps == sorted(steps)
    assert during[-1]["samples_per_second"] == pytest.approx(
        10 * run.session.trainer.steps_taken / spent, rel=0.2
    )


def test_rows_are_gathered_for_a_moment(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=10_000))
    run.tell("play")
    start = run.clock.now
    before = len(run.outlet.frames)
    while run.clock.now < start + 2:
        run.session.advance()
    batches = [stamp for stamp, *_ in run.outlet.frames[before:] if stamp["probe"] == "progress"]
    assert 10 < len(batches) <= (run.clock.now - start) / ROWS_EVERY + 2


# Numbers that only rise ----------------------------------------------------------------------------------


def test_sequence_numbers_rise_through_reset_rewind_and_reopening(make: Callable[..., Run]) -> None:
    run = make()
    seen: dict[str, list[int]] = {}
    lives: list[int] = []

    def look() -> None:
        run.clock.now += 1
        run.session.advance()
        for stamp, *_ in run.outlet.frames:
            seen.setdefault(stamp["key"], []).append(int(stamp["seq"]))
            lives.append(int(stamp["life"]))
        run.outlet.frames.clear()

    run.tell("watch", probes=PICTURES)
    for _ in range(2):
        run.step(3)
        look()
    run.tell("snapshot", name="here")
    run.step(3)
    look()
    run.tell("reset")
    look()
    run.step(4)
    look()
    run.tell("rewind", checkpoint="here")
    assert run.session.trainer.steps_taken == 6
    look()
    run.edit(replace("/network/0/units", 6))
    look()
    run = run.reopened(resume="latest")
    run.tell("watch", probes=PICTURES)
    run.step(2)
    look()
    assert len(seen) == len(PICTURES) + 2
    for numbers in seen.values():
        assert numbers == sorted(set(numbers))
        assert numbers[-1] < SEQUENCES * 2
    assert lives == sorted(lives)
    assert set(lives) == {0, 1, 2}
    run.session.close()


def test_reset_is_a_fresh_start(make: Callable[..., Run]) -> None:
    run = make()
    start = run.session.trainer.state()
    run.step(13)
    run.tell("reset")
    assert same(run.session.trainer.state(), start)
    assert run.directory.rows("evaluation").columns["step"].tolist()[-1] == 0
    assert run.outlet.said("status")[-1]["life"] == 1


def test_a_rewound_run_goes_on_as_it_did(make: Callable[..., Run]) -> None:
    run = make(dropout_mlp())
    run.step(7)
    run.tell("snapshot", name="seven")
    run.step(20)
    first = run.session.trainer.state()
    assert run.tell("rewind", checkpoint="seven")["type"] == "ack"
    run.step(20)
    assert same(run.session.trainer.state(), first)


def test_the_best_state_is_kept(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=10))
    run.tell("play")
    run.rest()
    rows = run.directory.rows("evaluation").columns
    info, state = run.directory.load_checkpoint("best")
    assert info.step == rows["step"][rows["train_loss"].argmin()]  # never by the test set
    assert info.metrics["train_loss"] == pytest.approx(float(rows["train_loss"].min()))
    trainer = Trainer(mlp(4, epochs=10))
    trainer.load(state)
    assert trainer.evaluate()["test_loss"] == info.metrics["test_loss"]


@pytest.mark.parametrize("experiment", [dropout_mlp(), cnn()], ids=["dropout", "batch norm"])
def test_a_reopened_run_goes_on_bit_for_bit(make: Callable[..., Run], experiment: Experiment) -> None:
    run, straight = make(experiment), make(experiment)
    run.step(13)
    again = run.reopened(resume="latest")
    assert again.state == "paused"
    again.step(9)
    straight.step(13)
    straight.step(9)
    assert same(again.session.trainer.state(), straight.session.trainer.state())
    rows = [each.directory.rows("evaluation").columns["step"].tolist() for each in (again, straight)]
    assert rows[0] == rows[1]
    assert {0, 13, 22} <= set(rows[0])
    again.session.close()


def test_a_finished_run_is_finished_when_it_is_opened_again(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=1))
    run.tell("play")
    run.rest()
    again = run.reopened(resume="latest")
    assert again.state == "finished"
    again.session.close()


def test_pictures_of_one_rate_show_the_same_steps(
    make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.engine.run.picture_frames.time", SimpleNamespace(perf_counter=lambda: 0.0))
    run = make(mlp(4, epochs=10_000))
    run.tell("play")
    run.tell("watch", probes=[{"kind": "weights", "hz": 8}])
    for _ in range(40):
        run.session.advance()
    run.tell("watch", probes=[{"kind": "weights", "hz": 8}, {**SURFACE, "hz": 8}])  # one joins later
    for _ in range(400):
        run.session.advance()
    sent = [(stamp["probe"], stamp["step"]) for stamp, _, scalar in run.outlet.frames if not scalar]
    steps = {each: [step for probe, step in sent if probe == each] for each in ("weights", "surface")}
    weights_at, surface_at = steps.values()
    assert len(surface_at) > 4
    assert surface_at[1:] == weights_at[-len(surface_at) + 1 :]
