"""Recorded pictures: evenly thinned, bounded in all, and only what is a picture is read."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from glassnet.engine.frame import decode, encode
from glassnet.engine.run.recorded_frames import MOST_FRAMES, MOST_KEYS, Recordings
from tests.engine.experiments import mlp
from tests.engine.session_run import Run


def picture(step: int, size: int = 4) -> bytes:
    return encode({"step": str(step)}, {"x": np.zeros(size, np.uint8)})


def steps(found: list[bytes]) -> list[int]:
    return [int(decode(data)[0]["step"]) for data in found]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_pictures_are_thinned_evenly_and_keep_the_first_and_the_last(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    for step in range(0, 5_000, 10):
        recordings.keep("key", step, picture(step))
    found = steps(recordings.read("key"))
    assert found == sorted(found)
    assert 50 < len(found) <= MOST_FRAMES
    assert (found[0], found[-1]) == (0, 4990)
    assert steps(recordings.read("key", from_step=2500))[0] == next(step for step in found if step >= 2500)
    assert len(recordings.read("key", limit=3)) == 3
    assert recordings.read("other") == []


def test_all_keys_together_stay_within_their_bytes(tmp_path: Path) -> None:
    for session in range(2):
        recordings = Recordings(tmp_path, 20_000)
        for step in range(60):
            for key in "abc":
                recordings.keep(key + str(step // 20), session * 60 + step, picture(step, 500))
                assert size(tmp_path) <= 20_000
    assert steps(recordings.read("a2"))[-1] == 59
    recordings.keep("huge", 0, picture(0, 20_000))
    assert recordings.read("huge") == []


def test_of_ever_other_keys_the_oldest_go(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    for number in range(MOST_KEYS + 10):
        recordings.keep(f"{number:016x}", 0, picture(0))
    assert len(list(tmp_path.iterdir())) == MOST_KEYS
    assert recordings.read(f"{MOST_KEYS + 9:016x}")
    assert recordings.read(f"{0:016x}") == []


def test_what_is_no_picture_is_left_out(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    for step in range(6):
        recordings.keep("key", step, picture(step))
    folder = tmp_path / "key"
    files = sorted(folder.iterdir())
    files[0].write_bytes(b"\xff" * 100)
    files[1].write_bytes(files[1].read_bytes()[:-1])
    for path, replaced in zip(files[2:5], ("link", "pipe", "folder"), strict=True):
        path.unlink()
        if replaced == "link":
            path.symlink_to("/dev/zero")
        elif replaced == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
    (folder / "alien.safetensors").write_bytes(b"x")
    assert steps(Recordings(tmp_path).read("key")) == [5]


def test_only_pictures_of_those_who_may_command_are_recorded(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", mlp(4))
    surface, weights = {"kind": "surface", "hz": 30.0}, {"kind": "weights", "hz": 30.0}
    keys = run.tell("watch", probes=[surface, weights])["keys"]
    run.tell("watch", probes=[surface, weights], record=keys[:1])
    for _ in range(5):
        run.step(1)
    assert run.directory.frames(keys[0])
    assert not run.directory.frames(keys[1])
    run.directory.close()
