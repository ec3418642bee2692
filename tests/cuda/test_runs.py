"""Runs and studies on the card: watched, edited, parked and gone back from as on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from glassnet.engine.attribution.methods import METHODS
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import encode
from glassnet.engine.probes.attribution import Attribution
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.studies import NetworkStudy, parse_study
from glassnet.engine.training import forks
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, losses, mlp
from tests.engine.session_run import PICTURES, Run, replace
from tests.engine.test_parking import parked

STATES = {"dense": lambda: mlp(4, epochs=30), "dropout": dropout_mlp, "images": cnn}


def assert_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name].cpu(), other[name].cpu())] == []


def lived(path: Path, device: str) -> Run:
    """A run with a bit of everything, the last commands of which are a step and a look."""
    run = Run(path, mlp(6, epochs=30), device=device)
    run.tell("watch", probes=PICTURES)
    run.step(12)
    assert run.tell("snapshot", name="twelve")["type"] == "ack"
    assert run.edit(replace("/training/updates/0/optimizer/learning_rate", 0.02))["type"] == "ack"
    run.step(9)
    assert run.tell("weight", node="linear1", index=[0, 0], value=0.25)["type"] == "ack"
    wider = {"op": "add", "path": "/network/0", "value": {"kind": "linear", "name": "first", "units": 5}}
    for patch in (wider, {"op": "remove", "path": "/network/0"}, wider):
        assert run.edit(patch)["type"] == "ack"
        run.step(8)
    assert run.tell("rewind", checkpoint="twelve")["type"] in ("ack", "error")
    assert run.tell("reset")["type"] == "ack"
    run.step(15)
    run.clock.now += 5
    run.session.advance()
    return run


def test_a_run_is_watched_edited_and_rewound_as_on_the_cpu(device: str, tmp_path: Path) -> None:
    there, known = lived(tmp_path / "there", device), lived(tmp_path / "known", "cpu")
    assert there.session.trainer.device == device
    assert [m["type"] for m in there.outlet.texts] == [m["type"] for m in known.outlet.texts]
    newest = [{stamp["probe"]: arrays for stamp, arrays, _ in run.outlet.frames} for run in (there, known)]
    assert newest[0].keys() == newest[1].keys()
    for probe, arrays in newest[0].items():
        for name, array in arrays.items():
            expected = newest[1][probe][name]
            assert (array.shape, array.dtype) == (expected.shape, expected.dtype), (probe, name)
            if probe == "evaluation":
                np.testing.assert_allclose(array, expected, rtol=1e-3, atol=1e-3, err_msg=name)
    for run in (there, known):
        run.session.close()


@pytest.mark.parametrize("name", STATES)
def test_a_run_that_is_parked_again_and_again_is_one_run(name: str, device: str, tmp_path: Path) -> None:
    run, straight = (Run(tmp_path / which, STATES[name](), device=device) for which in ("parked", "straight"))
    straight.step(60)
    run.tell("step", steps=60)
    turns = 0
    while run.state == "training" and turns < 30:
        run.session.advance()
        if run.state == "training":
            run, turns = on(device, run), turns + 1
    run.rest()
    assert run.session.trainer.steps_taken == 60
    assert_equal(run.session.trainer.state(), straight.session.trainer.state())


@pytest.mark.parametrize("name", STATES)
def test_a_run_moves_to_the_cpu_and_back_with_its_state(name: str, device: str, tmp_path: Path) -> None:
    run, straight = (Run(tmp_path / which, STATES[name](), device=device) for which in ("moved", "straight"))
    for which in (run, straight):
        which.step(9)
    for where, expected in (("cpu", "cpu"), ("auto", device)):
        before = {part: t.cpu() for part, t in run.session.trainer.state().items()}
        answer = run.edit(replace("/training/device", where))
        assert (answer["applied"], answer["new"], answer["resized"]) == ("rebuilt", [], [])
        assert (run.outlet.said("status")[-1]["device"], run.session.trainer.device) == (expected, expected)
        assert (run.outlet.said("status")[-1]["device_use"] is None) == (expected == "cpu")
        assert {str(p.device.type) for p in run.session.trainer.network.parameters()} == {expected}
        after = run.session.trainer.state()
        # What a generator draws has no counterpart on the other device.
        drawn = {part for part in before if part.startswith("generator/") and part != "generator/order"}
        assert_equal(*({part: t for part, t in of.items() if part not in drawn} for of in (before, after)))
        run.step(6)
    straight.step(12)
    if name == "dense":
        one, other = (of.session.trainer.evaluate() for of in (run, straight))
        assert one == pytest.approx(other, rel=1e-4)


def test_what_dropout_draws_after_a_move_follows_from_the_step_of_the_move(device: str) -> None:
    name = "generator/dropout"
    begun = Trainer(dropout_mlp()).state()[name]

    def moved(steps: int) -> list[torch.Tensor]:
        trainer = Trainer(dropout_mlp(), device=device)
        losses(trainer, steps)
        host, back = Trainer(dropout_mlp()), Trainer(dropout_mlp(), device=device)
        host.load(trainer.state())
        back.load_matching(host.state())
        return [each.state()[name].cpu() for each in (host, back)]

    first, again, later = moved(5), moved(5), moved(6)
    assert all(map(torch.equal, first, again))
    assert not any(map(torch.equal, first, later))
    assert not torch.equal(first[0], begun)


def on(device: str, run: Run) -> Run:
    """The run parked, and in its next session on the same device."""
    reopened = run.reopened
    run.reopened = lambda **options: reopened(device=device, **options)  # type: ignore[method-assign]
    return parked(run)


@pytest.mark.parametrize("name", STATES)
def test_a_snapshot_goes_on_on_either_device(name: str, device: str, tmp_path: Path) -> None:
    trainer = Trainer(STATES[name](), device=device)
    losses(trainer, 9)
    run = Run(tmp_path / "run", STATES[name](), device=device)
    run.step(9)
    run.tell("copy", name="study-1")
    run.rest()
    while not run.directory.snapshot("study-1").exists():
        run.session.advance()
    found = Snapshot.read(run.directory.snapshot("study-1"))
    again, elsewhere = found.trainer(device=device), found.trainer(device="cpu")
    assert losses(again, 12)[1:] == losses(trainer, 12)[1:], "the first is of all steps since the last row"
    assert np.isfinite(losses(elsewhere, 12)).all()


@pytest.mark.parametrize("make", [dropout_mlp, lambda: mlp(4)])
def test_replicas_draw_of_their_own_and_the_first_as_its_parent(make: Any, device: str) -> None:
    experiment = make()
    parent = Trainer(experiment, device=device)
    losses(parent, 7)
    kept = parent.state()
    first, second, third = (
        forks.forked(parent, experiment, seed, fresh=False, state=kept) for seed in range(3)
    )
    assert losses(first, 20) == losses(parent, 20)
    states = [trainer.state() for trainer in (parent, second, third)]
    for name in ("generator/dropout", "generator/order"):
        drawn = [bytes(state[name].cpu().tolist()) for state in states]
        assert len(set(drawn)) == 3, name
    assert losses(second, 20) != losses(third, 20)


@pytest.mark.parametrize("method", METHODS)
def test_every_attribution_is_that_of_the_cpu(method: str, device: str) -> None:
    known = Trainer(cnn())
    losses(known, 12)
    there = Trainer(cnn(), device=device)
    there.load(known.state())
    probe = Attribution(kind="attribution", methods=[method])  # type: ignore[list-item]
    found, expected = (probe.prepare(trainer)() for trainer in (there, known))
    assert encode({}, found)
    assert found.keys() == expected.keys()
    ranges, known_ranges = found["maps.range"], expected["maps.range"]
    torch.testing.assert_close(ranges.cpu(), known_ranges, rtol=1e-3, atol=1e-5)
    far = (found["maps"].cpu().int() - expected["maps"].int()).abs().float()
    assert far.mean() < 1, "of 255 levels"


SAME = {"name": "same", "patch": []}
STUDIES: dict[str, tuple[dict[str, Any], Callable[[], Experiment]]] = {
    "landscape of dense layers": ({"kind": "landscape", "resolution": 7}, lambda: mlp(4)),
    "landscape of convolutions": ({"kind": "landscape", "resolution": 5}, cnn),
    "learning rates": ({"kind": "lr_range_test", "steps": 20}, lambda: mlp(4)),
    "features": ({"kind": "feature_atlas", "count": 2}, cnn),
    "occlusion": ({"kind": "occlusion"}, cnn),
    "sanity check": ({"kind": "sanity_check"}, cnn),
    "variants": ({"kind": "variants", "variants": [SAME], "steps": 12, "rows": 2}, dropout_mlp),
}


@pytest.mark.parametrize("name", STUDIES)
def test_whole_studies_come_to_their_end(name: str, device: str) -> None:
    document, make = STUDIES[name]
    study = parse_study(document)
    assert isinstance(study, NetworkStudy)
    last = []
    for where in (device, "cpu"):
        trainer = Trainer(make(), device=where)
        losses(trainer, 12)
        frame = list(study.compute(trainer))[-1]
        assert frame.done == 1
        assert encode({}, frame.arrays)
        last.append({name: tensor.shape for name, tensor in frame.arrays.items()})
    assert last[0].keys() == last[1].keys()
