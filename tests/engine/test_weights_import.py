"""State dicts of other programs: read without running what is in them, refused by name."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from glassnet.engine.errors import DataError
from glassnet.engine.files import weights
from glassnet.engine.files.weights_import import read_state_dict, write

STATE = {"a.weight": torch.arange(6.0).view(2, 3), "a.steps": torch.tensor(3)}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    "save",
    [
        lambda path: torch.save(STATE, path),
        lambda path: torch.save(STATE, path, _use_new_zipfile_serialization=False),
        lambda path: torch.save({"epoch": 3, "state_dict": STATE}, path),
        lambda path: torch.save({f"module.{name}": tensor for name, tensor in STATE.items()}, path),
        lambda path: safetensors.torch.save_file(STATE, path),
    ],
    ids=["torch", "old torch", "checkpoint", "parallel", "safetensors"],
)
def test_a_state_dict_is_read_whoever_wrote_it(save: Callable[[Path], Any], tmp_path: Path) -> None:
    save(tmp_path / "source")
    assert write(tmp_path / "source", tmp_path / "target") == {"tensors": 2, "numbers": 7}
    assert same(safetensors.torch.load_file(tmp_path / "target"), STATE)
    outlines = weights.described(tmp_path / "target")
    assert {name: tuple(each.shape) for name, each in outlines.items()} == {"a.weight": (2, 3), "a.steps": ()}


class Running:
    """What runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch ran",)


def claimed(size: int, header: dict[str, Any] | None = None) -> bytes:
    text = json.dumps(header or {}).encode()
    return size.to_bytes(8, "little") + text


def huge() -> dict[str, Tensor]:
    return {"w": torch.zeros(1).expand(1 << 40)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(Running()), "could run code"),
        (claimed(10 << 30), "its header claims 10,737,418,240 bytes"),
        (safetensors.torch.save(STATE)[:-4], "no whole safetensors file"),
        (b"", "neither safetensors nor"),
        (b"hello, I am a picture", "neither safetensors nor"),
        (b"PK\x03\x04 and no more", "cannot be read"),
        (claimed(2), "there is no tensor in it"),
    ],
    ids=["pickle", "claims", "truncated", "empty", "text", "archive", "nothing"],
)
def test_what_is_no_state_dict_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_state_dict(path)
    assert not Path("ran").exists()


def test_what_a_file_is_called_says_nothing_of_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "disguised.safetensors"
    path.write_bytes(pickle.dumps(Running()))
    with pytest.raises(DataError, match="could run code"):
        read_state_dict(path)
    assert not Path("ran").exists()
    torch.save(STATE, path)
    assert same(read_state_dict(path), STATE)


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        ({"w": torch.tensor([1.0, float("nan"), float("inf")])}, "'w' has 2 numbers that are not finite"),
        ({"w": torch.ones(2, dtype=torch.complex64)}, "'w' has numbers of torch.complex64"),
        ({"w": torch.ones(2), "lr": 0.1}, "'lr' is a float; expected tensors by name"),
        ([torch.ones(2)], "it holds a list"),
        (torch.ones(2), "it holds a Tensor"),
        (huge(), "its tensors have 4,398,046,511,104 bytes"),
        ({"w": torch.eye(3).to_sparse()}, "'w' has numbers of torch.float32, torch.sparse_coo"),
    ],
    ids=["not finite", "complex", "no tensor", "list", "tensor", "expanded", "sparse"],
)
def test_what_cannot_be_weights_is_named(saved: Any, message: str, tmp_path: Path) -> None:
    torch.save(saved, tmp_path / "source")
    with pytest.raises(DataError, match=message):
        read_state_dict(tmp_path / "source")
