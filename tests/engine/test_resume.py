"""Where a run goes on after an end: by life and step, from the newest checkpoint that is whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from glassnet.engine.errors import CheckpointError
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.training import checkpoint
from tests.engine.experiments import mlp
from tests.engine.session_run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Paused at step 9, with the checkpoints `three` (step 3), `best` and `latest` (step 9)."""
    run = Run(tmp_path / "run", mlp(4, epochs=10))
    run.step(3)
    run.tell("snapshot", name="three")
    run.step(6)
    return run


def resumed(run: Run) -> Session:
    """A session of the directory as it is now on disk: a worker that was killed says nothing more."""
    return Session(RunDirectory.open(run.directory.path), run.outlet, go_on=True)


def edited(path: Path, **fields: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def folder(run: Run) -> Path:
    return run.directory.path / "checkpoints"


def test_a_clock_that_is_set_back_changes_nothing(run: Run) -> None:
    edited(folder(run) / "latest.json", time=0.0)
    os.utime(folder(run) / "latest.json", (0, 0))
    assert checkpoint.names(folder(run))[-1] == "latest"
    session = resumed(run)
    assert (session.trainer.steps_taken, session.life, session.reason) == (9, 0, None)


def test_a_later_life_comes_before_a_further_step(run: Run) -> None:
    run.tell("reset")
    run.step(2)
    session = resumed(run)
    assert (session.trainer.steps_taken, session.life) == (2, 1)


def test_a_life_that_left_nothing_begins_as_it_began(run: Run) -> None:
    run.tell("rewind", checkpoint="three")
    assert resumed(run).trainer.steps_taken == 3
    run.tell("reset")
    assert resumed(run).trainer.steps_taken == 0


def test_notes_without_life_and_checksum_still_read(run: Run) -> None:
    for path in folder(run).glob("*.json"):
        note = json.loads(path.read_text())
        del note["life"], note["checksum"]
        path.write_text(json.dumps(note))
    assert resumed(run).trainer.steps_taken == 9


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 0x10
    path.write_bytes(data)


def removed(path: Path) -> None:
    path.unlink()


def linked(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = [cut, emptied, flipped, removed, linked, piped, a_folder]


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_next_whole_one_is_used_and_named(run: Run, damage: Callable[[Path], None], suffix: str) -> None:
    damage(folder(run) / f"latest.{suffix}")
    damage(folder(run) / f"best.{suffix}")
    session = resumed(run)
    assert (session.trainer.steps_taken, session.life) == (3, 1), "rows came after it: another life"
    assert session.reason is not None
    assert "latest" in session.reason["detail"]
    assert "goes on from 'three', at step 3" in session.reason["detail"]
    session.handle({"type": "step", "id": 1, "steps": 2})
    while session.state == "training":
        session.advance()
    session.handle({"type": "rewind", "id": 2, "checkpoint": "best"})
    assert run.outlet.texts[-1]["type"] in ("error", "status")
    assert session.trainer.steps_taken == 5
    session.handle({"type": "reset", "id": 3})
    assert session.trainer.steps_taken == 0


def test_without_a_whole_one_it_begins_anew_and_says_why(run: Run) -> None:
    for path in folder(run).glob("*.safetensors"):
        flipped(path)
    session = resumed(run)
    assert (session.trainer.steps_taken, session.life) == (0, 1)
    assert session.reason is not None
    assert "begins anew" in session.reason["detail"]


def test_a_crash_between_tensors_and_note_costs_nothing(run: Run) -> None:
    before = (folder(run) / "latest.json").read_bytes()
    run.step(4)
    (folder(run) / "latest.json").rename(folder(run) / "latest.json.new")
    (folder(run) / "latest.json").write_bytes(before)
    session = resumed(run)
    assert (session.trainer.steps_taken, session.reason) == (13, None)


def changed(name: str, tensor: torch.Tensor | None) -> Callable[[dict[str, torch.Tensor]], None]:
    def change(state: dict[str, torch.Tensor]) -> None:
        state.pop(name, None)
        if tensor is not None:
            state[name] = tensor

    return change


def spoil(state: dict[str, torch.Tensor]) -> None:
    state["parameters/linear1.weight"][0, 0] = torch.nan


def repeat(state: dict[str, torch.Tensor]) -> None:
    state["order/permutation"][0] = 10**9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed("parameters/linear1.weight", None), "'parameters/linear1.weight' is missing in the state"),
        (changed("parameters/other", torch.zeros(3)), "'parameters/other' is missing in the trainer"),
        (changed("parameters/linear1.bias", torch.zeros(99)), "float32 \\[99\\] in the state; expected"),
        (changed("parameters/linear1.bias", torch.zeros(4).long()), "int64 \\[4\\] in the state; expected"),
        (changed("step", torch.tensor(7)), "its step is \\[7\\]; its note says 9"),
        (changed("step", torch.tensor(9.0)), "its step is"),
        (changed("step", None), "its step is none"),
        (changed("order/batch", torch.tensor(-1)), "'order/batch' is -1"),
        (changed("generator/order", torch.zeros(5056, dtype=torch.uint8)), "'generator/order'"),
        (spoil, "'parameters/linear1.weight' has numbers that are not finite"),
        (repeat, "'order/permutation' has positions twice or beyond the samples"),
    ],
)
def test_tensors_that_do_not_fit_are_refused_with_words(
    run: Run, change: Callable[[dict[str, torch.Tensor]], None], words: str
) -> None:
    path = folder(run) / "latest.safetensors"
    state = load_file(path)
    change(state)
    save_file(state, path)
    edited(folder(run) / "latest.json", checksum=None)
    before = run.session.trainer.state()
    with pytest.raises(CheckpointError, match=words):
        run.session._load(*run.directory.load_checkpoint("latest"))
    assert all(torch.equal(before[name], tensor) for name, tensor in run.session.trainer.state().items())
    session = resumed(run)
    assert session.reason is not None
    assert "goes on from 'best', at step 9" in session.reason["detail"]
