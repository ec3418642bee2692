"""The session: commands in every state, each carried out or refused with what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from glassnet.engine.run.replies import STATUS_EVERY
from tests.engine.experiments import mlp, resolve, same
from tests.engine.session_run import DIVERGING, SURFACE, Message, Run, replace


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
