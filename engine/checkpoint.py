"""Checkpoints: a trainer's state on disk, with a note of where it stood."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import safetensors
import safetensors.torch
from torch import Tensor

from engine import tensorfile
from engine.errors import CheckpointError
from engine.storage import replace, writing


@dataclass(frozen=True)
class CheckpointInfo:
    """What stands beside a checkpoint, as JSON."""

    name: str
    step: int
    epoch: float
    revision: int
    #: Seconds since 1970.
    time: float
    metrics: dict[str, float]


def save(folder: Path, info: CheckpointInfo, state: dict[str, Tensor]) -> None:
    """Write `NAME.safetensors` and `NAME.json`; a crash leaves the old ones. Raises StorageError."""
    check_name(info.name)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    replace(folder / f"{info.name}.safetensors", tensorfile.pieces(state))
    replace(folder / f"{info.name}.json", [json.dumps(asdict(info)).encode()])


def remove(folder: Path, name: str) -> None:
    """Remove a checkpoint. Raises CheckpointError where there is none, StorageError where it stays.

    The note goes first: what a crash leaves is no checkpoint any more.
    """
    check_name(name)
    if name not in names(folder):
        raise CheckpointError(f"no checkpoint '{name}'; expected one of {names(folder)}")
    with writing(folder / name):
        (folder / f"{name}.json").unlink(missing_ok=True)
        (folder / f"{name}.safetensors").unlink(missing_ok=True)


def read(folder: Path, name: str) -> tuple[CheckpointInfo, dict[str, Tensor]]:
    """A checkpoint's note and state; CheckpointError where there is none, or a damaged one."""
    check_name(name)
    try:
        info = CheckpointInfo(**json.loads((folder / f"{name}.json").read_bytes()))
        # Read where it lies, and not into memory first to be copied from there.
        return info, safetensors.torch.load_file(folder / f"{name}.safetensors")
    except FileNotFoundError:
        raise CheckpointError(f"no checkpoint '{name}'; expected one of {names(folder)}") from None
    except (safetensors.SafetensorError, ValueError, TypeError) as error:
        raise CheckpointError(f"checkpoint '{name}' is damaged: {error}") from None


def names(folder: Path) -> list[str]:
    """The checkpoints of a folder, oldest first."""
    notes = [path for path in folder.glob("*.json") if path.with_suffix(".safetensors").exists()]
    return [path.stem for path in sorted(notes, key=lambda path: path.stat().st_mtime)]


def check_name(name: str) -> None:
    """Raise CheckpointError for what is no name: it becomes part of a path and may not lead elsewhere."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}", name):
        raise CheckpointError(f"{name[:80]!r} is no name for a checkpoint; expected letters, digits, - _ .")
