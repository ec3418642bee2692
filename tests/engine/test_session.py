"""The session: commands in every state, edits that hold or change nothing, frames that keep their numbers."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import decode
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.picture_frames import SEQUENCES
from glassnet.engine.run.recorder import ROWS_EVERY
from glassnet.engine.run.replies import STATUS_EVERY
from glassnet.engine.run.session import Session
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, losses, mlp, resolve, same, weights

Message = dict[str, Any]

SURFACE = {"kind": "surface", "resolution": 8}
PICTURES: list[Message] = [SURFACE, {"kind": "weights"}, {"kind": "confusion_matrix"}, {"kind": "samples"}]


class Clock:
    """A clock that moves on by a millisecond whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class Recorder:
    """An outlet that keeps everything."""

    def __init__(self) -> None:
        self.texts: list[Message] = []
        self.frames: list[tuple[dict[str, str], dict[str, np.ndarray], bool]] = []

    def text(self, message: Message) -> None:
        self.texts.append(copy.deepcopy(message))

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        stamp, arrays = decode(data)
        assert stamp["key"] == key
        self.frames.append((stamp, arrays, scalar))

    def said(self, kind: str) -> list[Message]:
        return [message for message in self.texts if message["type"] == kind]

    def column(self, probe: str, series: str) -> list[float]:
        return [
            float(value)
            for stamp, arrays, _ in self.frames
            if stamp["probe"] == probe
            for value in arrays[series]
        ]


class Run:
    """A session with all that a test wants to look at."""

    def __init__(self, path: Path, experiment: Experiment, **options: Any) -> None:
        self.path = path
        self.clock, self.outlet = Clock(), Recorder()
        if not path.exists():
            RunDirectory.create(path, experiment, run=path.name).close()
        self.directory = RunDirectory.open(path)
        self.session = Session(self.directory, self.outlet, clock=self.clock, **options)
        self.numbers = itertools.count()

    def tell(self, type: str, **message: Any) -> Message:  # noqa: A002
        """Hand over a command; its answer, or nothing while there is none."""
        number = next(self.numbers)
        self.session.handle({"type": type, "id": number, **message})
        return self.answer(number)

    def answer(self, number: int) -> Message:
        return next((m for m in self.outlet.texts if m["type"] in ("ack", "error") and m["id"] == number), {})

    def step(self, steps: int) -> Message:
        self.tell("step", steps=steps)
        self.rest()
        return self.outlet.said("ack")[-1]

    def rest(self) -> None:
        """Advance until there is nothing to train."""
        for _ in range(10_000):
            if self.session.state != "training":
                return
            self.session.advance()
        raise AssertionError("still training")

    def edit(self, *patch: Message, revision: int | None = None) -> Message:
        current = self.session.revision if revision is None else revision
        return self.tell("edit", revision=current, patch=list(patch))

    @property
    def state(self) -> str:
        return self.session.state

    def reopened(self, **options: Any) -> Run:
        self.session.close()
        return Run(self.path, self.session.experiment, **options)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def made(experiment: Experiment | None = None, **options: Any) -> Run:
        runs.append(Run(tmp_path / f"run{len(runs)}", experiment or mlp(4, epochs=30), **options))
        return runs[-1]

    yield made
    for run in runs:
        run.directory.close()


def replace(path: str, value: Any) -> Message:
    return {"op": "replace", "path": path, "value": value}


RATE = "/training/updates/0/optimizer/learning_rate"
DIVERGING = mlp(
    4,
    activation="identity",
    data={"kind": "regression_plane"},
    task={"kind": "regression", "losses": [{"kind": "mse"}]},
    optimizer={"kind": "sgd", "learning_rate": 100},
)


# States ---------------------------------------------------------------------------------------------------


def bring(run: Run, state: str) -> None:
    """Into a state by the shortest way."""
    match state:
        case "training":
            run.tell("play")
        case "finished":
            run.tell("step", epochs=30)
            run.rest()
        case "failed":
            run.edit(replace("/training/updates/0/optimizer", {"kind": "sgd", "learning_rate": 100}))
            run.tell("play")
            run.rest()
        case "stopped":
            run.tell("stop")
    assert run.state == state


# The state that each command leaves; None where it is refused. What is not named leaves it as it is.
GOES_ON: dict[str, str | None] = {"play": "training", "step": "training"}
REFUSED: dict[str, str | None] = {"play": None, "step": None}
ALWAYS: dict[str, str | None] = {"stop": "stopped", "reset": "paused"}
AFTER = {
    "paused": GOES_ON | ALWAYS,
    "training": GOES_ON | ALWAYS | {"pause": "paused"},
    "finished": REFUSED | ALWAYS,
    "failed": REFUSED | ALWAYS,
    "stopped": REFUSED | ALWAYS,
}


@pytest.mark.parametrize("state", AFTER)
@pytest.mark.parametrize("command", ["play", "pause", "stop", "reset", "step", "watch", "speed", "snapshot"])
def test_each_command_in_each_state(make: Callable[..., Run], state: str, command: str) -> None:
    run = make(DIVERGING if state == "failed" else None)
    bring(run, state)
    events = len(list(run.directory.events()))
    needed: dict[str, Message] = {"step": {"steps": 2}, "watch": {"probes": [SURFACE]}}
    needed |= {"speed": {"steps_per_second": None}, "snapshot": {"name": "here"}}
    expected = AFTER[state].get(command, state)
    answer = run.tell(command, **needed.get(command, {}))
    if expected is None:
        assert answer["type"] == "error"
        assert answer["errors"][0]["pointer"] == "/type"
        assert run.state == state
        assert len(list(run.directory.events())) == events
    else:
        assert answer.get("type", "ack") == "ack"
        assert run.state == expected


def test_a_finished_run_goes_on_after_an_edit_that_adds_epochs(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=2))
    run.tell("play")
    run.rest()
    assert (run.state, run.session.trainer.steps_taken) == ("finished", 20)
    assert run.tell("play")["errors"][0]["message"] == "all 2 epochs are done; add some by an edit"
    assert run.edit(replace("/training/epochs", 3))["applied"] == "live"
    assert run.state == "paused"
    run.tell("play")
    run.rest()
    assert (run.state, run.session.trainer.steps_taken) == ("finished", 30)


def test_a_step_is_acknowledged_when_it_is_done(make: Callable[..., Run]) -> None:
    run = make()
    assert run.tell("step", steps=7) == {}
    run.rest()
    assert run.outlet.said("ack") == [{"type": "ack", "id": 0, "step": 7}]
    run.tell("step", epochs=2)
    run.rest()
    assert run.outlet.said("ack")[-1] == {"type": "ack", "id": 1, "step": 27}
    assert run.state == "paused"


def test_a_step_that_is_overtaken_is_acknowledged_where_it_came_to(make: Callable[..., Run]) -> None:
    run = make()
    run.tell("step", steps=100)
    run.session.advance()
    run.tell("pause")
    done = run.session.trainer.steps_taken
    assert 0 < done < 100
    assert [(ack["id"], ack["step"]) for ack in run.outlet.said("ack")] == [(0, done), (1, done)]
    run.tell("play")
    assert run.session.advance() is not None
    assert run.state == "training", "the old target is forgotten"


@pytest.mark.parametrize(
    ("command", "options", "pointer"),
    [
        ("step", {"steps": 0}, "/steps"),
        ("step", {"steps": -1}, "/steps"),
        ("step", {"steps": 1.5}, "/steps"),
        ("step", {"steps": True}, "/steps"),
        ("step", {"steps": "3"}, "/steps"),
        ("step", {"epochs": 10**10}, "/epochs"),
        ("step", {}, ""),
        ("speed", {"steps_per_second": 0}, "/steps_per_second"),
        ("speed", {"steps_per_second": "fast"}, "/steps_per_second"),
        ("speed", {"steps_per_second": float("nan")}, "/steps_per_second"),
        ("speed", {"steps_per_second": True}, "/steps_per_second"),
        ("watch", {"probes": [{"kind": "surfaces"}]}, "/probes/0/kind"),
        ("watch", {"probes": [{"kind": "surface", "units": ["nowhere"]}]}, "/probes/0"),
        (
            "watch",
            {"probes": [{"kind": "prediction", "input": {"kind": "picture", "blob": "sha256:" + 64 * "1"}}]},
            "/probes/0/input",
        ),
        ("watch", {"probes": 5}, "/probes"),
        ("watch", {}, ""),
        ("edit", {"revision": 5, "patch": []}, "/revision"),
        ("edit", {"patch": []}, ""),
        ("edit", {"revision": 0}, ""),
        ("edit", {"revision": 0, "patch": [{"op": "dance"}]}, "/patch/0"),
        ("rewind", {"checkpoint": "no_such"}, ""),
        ("rewind", {"checkpoint": "../experiment"}, "/checkpoint"),
        ("snapshot", {"name": "../../outside"}, "/name"),
        ("speed", {}, ""),
        ("speed", {"steps_per_second": 1, "node": "linear1"}, "/node"),
        ("weight", {"node": "linear1", "index": [0], "value": 1e9}, "/value"),
        ("copy", {"name": "../../outside"}, "/name"),
        ("dance", {}, "/type"),
    ],
)
def test_a_bad_command_is_refused_with_a_pointer_into_it_and_changes_nothing(
    make: Callable[..., Run], command: str, options: Message, pointer: str
) -> None:
    run = make()
    run.tell("step", steps=100)
    run.session.advance()
    before, events = run.session.trainer.state(), list(run.directory.events())
    answer = run.tell(command, **options)
    assert answer["type"] == "error"
    assert [error["pointer"] for error in answer["errors"]] == [pointer]
    resolve(pointer, {"type": command, "id": 1, **options})
    assert run.state == "training"
    assert same(run.session.trainer.state(), before)
    assert list(run.directory.events()) == events
    run.rest()
    assert run.answer(0)["step"] == 100, "the step under way goes on"


def test_a_message_without_a_type_is_refused(make: Callable[..., Run]) -> None:
    run = make()
    run.session.handle({})
    assert run.outlet.texts[-1]["errors"] == [
        {"pointer": "", "message": "'type' is missing; expected it here"}
    ]


def test_speed_is_a_limit(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=1000))
    run.tell("speed", steps_per_second=100)
    run.tell("play")
    start = run.clock.now
    while run.clock.now < start + 2:
        wait = run.session.advance()
        assert wait is not None
        assert 0 <= wait <= STATUS_EVERY
        run.clock.now += wait
    elapsed = run.clock.now - start
    assert run.session.trainer.steps_taken == pytest.approx(100 * elapsed, abs=3)
    run.tell("speed", steps_per_second=None)
    before = run.session.trainer.steps_taken
    for _ in range(20):
        run.session.advance()
    assert run.session.trainer.steps_taken - before > 20, "as fast as it can"


def test_time_that_passed_before_play_is_not_made_up_for(make: Callable[..., Run]) -> None:
    run = make(mlp(4, epochs=1000))
    run.tell("speed", steps_per_second=10)
    run.clock.now += 1000
    run.tell("play")
    for _ in range(50):
        run.session.advance()
    assert run.session.trainer.steps_taken <= 10


def test_a_paused_session_waits_for_a_command(make: Callable[..., Run]) -> None:
    run = make()
    assert run.session.advance() is None
    run.tell("watch", probes=[SURFACE])
    assert run.session.advance() is None, "the picture is sent at once, and stays as it is"
    assert [stamp["probe"] for stamp, _, scalar in run.outlet.frames if not scalar] == ["surface"]


# Scalars and pictures -------------------------------------------------------------------------------------


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


# Numbers that only rise -----------------------------------------------------------------------------------


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


# Edits ----------------------------------------------------------------------------------------------------


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


# Divergence -----------------------------------------------------------------------------------------------


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
