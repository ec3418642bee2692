"""Weights set by hand: exactly, where they are, journalled, and refused with a pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from tests.engine.experiments import mlp
from tests.engine.session_run import Run

Make = Callable[..., Run]


def weight(run: Run, name: str) -> torch.Tensor:
    return run.session.trainer.network.get_parameter(name).detach()


def touch(run: Run, value: float, index: list[int], node: str = "linear1", **more: Any) -> dict[str, Any]:
    return run.tell("weight", node=node, index=index, value=value, **more)


def test_a_weight_is_set_and_no_other(make: Make) -> None:
    run = make()
    run.step(3)
    before = {name: p.detach().clone() for name, p in run.session.trainer.network.named_parameters()}
    answer = touch(run, 1.5, [2, 1])
    assert (answer["type"], answer["applied"]) == ("ack", "live")
    assert answer["before"] == float(before["linear1.weight"][2, 1])
    expected = before["linear1.weight"].clone()
    expected[2, 1] = 1.5
    assert torch.equal(weight(run, "linear1.weight"), expected)
    assert torch.equal(weight(run, "linear1.bias"), before["linear1.bias"])
    touch(run, answer["before"], [2, 1])
    assert all(torch.equal(before[name], p) for name, p in run.session.trainer.network.named_parameters())


def test_the_network_answers_from_it_and_training_goes_on_from_it(make: Make) -> None:
    run, other = make(), make()
    touch(run, 3.0, [0], parameter="bias")
    for one in (run, other):
        one.step(5)
    assert float(weight(run, "linear1.bias")[0]) == pytest.approx(3.0, abs=0.1)
    assert not torch.equal(weight(run, "output.weight"), weight(other, "output.weight"))


def test_a_picture_of_the_same_step_is_made_again(make: Make) -> None:
    run = make()
    run.tell("watch", probes=[{"kind": "weights", "hz": 30}])
    run.session.advance()
    touch(run, 2.25, [0, 0])
    run.clock.now += 1
    run.session.advance()
    seen = [
        arrays["linear1.weight"][0, 0]
        for stamp, arrays, _ in run.outlet.frames
        if stamp["probe"] == "weights"
    ]
    assert len(seen) == 2
    assert seen[-1] == 2.25


def test_it_is_journalled_and_replays(make: Make) -> None:
    run, again = make(), make()
    run.step(4)
    touch(run, 0.75, [1, 0])
    run.step(5)
    (event,) = [event for event in run.directory.events() if event["type"] == "weight"]
    again.step(event["step"])
    again.tell("weight", **{key: event[key] for key in ("node", "parameter", "index", "value")})
    again.step(5)
    ours, theirs = run.session.trainer.state(), again.session.trainer.state()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in ours.items())


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"node": "nothing"}, "/node"),
        ({"node": "tanh1"}, ""),
        ({"parameter": "slope"}, "/parameter"),
        ({"index": [0]}, "/index"),
        ({"index": [4, 0]}, "/index"),
        ({"index": [0, -1]}, "/index"),
        ({"index": [True, 0]}, "/index/0"),
        ({"index": "first"}, "/index"),
        ({"value": "much"}, "/value"),
        ({"value": 1e300}, "/value"),
        ({"value": float("inf")}, "/value"),
        ({"value": None}, "/value"),
    ],
)
def test_what_is_no_weight_is_refused(make: Make, change: dict[str, Any], pointer: str) -> None:
    run = make()
    before = run.session.trainer.state()
    answer = run.tell("weight", **{"node": "linear1", "index": [0, 0], "value": 1.0, **change})
    assert (answer["type"], answer["errors"][0]["pointer"]) == ("error", pointer)
    assert all(torch.equal(tensor, before[name]) for name, tensor in run.session.trainer.state().items())
    assert not [event for event in run.directory.events() if event["type"] == "weight"]


def test_tied_weights_are_set_where_they_are(make: Make) -> None:
    document = mlp(2).document()
    document["network"].insert(2, {**document["network"][0], "name": "again", "weights": "linear1"})
    run = make(Experiment.parse(document))
    answer = touch(run, 1.0, [0, 0], node="again")
    assert "uses the weights of 'linear1'" in answer["detail"]
