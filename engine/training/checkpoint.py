"""Checkpoints: a trainer's state on disk, with a note of its step, life and metrics.

Checkpoints are validated when they are read: the note field by field, the header of the tensors, and the
checksum of the whole file, where the note has one.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from dataclasses import replace as changed
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

import safetensors
import safetensors.torch
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from torch import Tensor

from glassnet.engine.errors import CheckpointError, DamagedFile
from glassnet.engine.experiment.validation import first_problem
from glassnet.engine.files import tensor_file, untrusted
from glassnet.engine.files.storage import replace, replacing, writing

#: The most bytes of a note, and of the tensors' header; the most entries of a folder that are read.
MOST_NOTE, MOST_HEADER, MOST_ENTRIES = 1 << 16, 8 << 20, 10_000

#: Bytes read at a time.
PIECE = 1 << 20

#: Bytes beyond which a state is mapped read-only instead of read.
LARGE = 256 << 20

#: The revision of a checkpoint of another experiment than the run's: of a variant, or of a fork's source.
ANOTHER_EXPERIMENT = -1

#: Attempts to read a checkpoint that its writer may be replacing at the same time.
LOOKS = 3

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}"

Count = Annotated[int, Field(ge=0, le=2**53)]


@dataclass(frozen=True)
class CheckpointInfo:
    """The note of a checkpoint, stored as JSON."""

    __pydantic_config__ = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore")

    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    step: Count
    epoch: Annotated[float, Field(ge=0)]
    #: -1: the checkpoint is of another experiment, whose matching tensors are taken over.
    revision: Annotated[int, Field(ge=-1, le=2**53)]
    #: Seconds since 1970, for display only: clocks may be set back.
    time: float
    metrics: Annotated[dict[str, float], Field(max_length=200)]
    #: None in notes of version 0.1.0.
    life: Count | None = None
    #: SHA-256 of the tensors' file in hexadecimal; None in older notes.
    checksum: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = field(default=None, compare=False)

    @property
    def of_the_run(self) -> bool:
        """Whether its state is of the run's own experiment, at `revision`."""
        return self.revision != ANOTHER_EXPERIMENT

    @property
    def age(self) -> tuple[bool, float, int]:
        """The sort key of a run's checkpoints: life and step; the time where the note has no life."""
        return self.life is not None, self.time if self.life is None else self.life, self.step


_NOTES = TypeAdapter(CheckpointInfo)


# Writing -----------------------------------------------------------------------------------------------


def save(folder: Path, info: CheckpointInfo, state: Mapping[str, Tensor]) -> None:
    """Write `NAME.safetensors` and `NAME.json` atomically. Raises StorageError."""
    for _ in saving(folder, info, state):
        pass


def saving(folder: Path, info: CheckpointInfo, state: Mapping[str, Tensor]) -> Generator[None]:
    """`save`, a piece of the tensors for each step of the iterator; one that is closed before leaves nothing.

    A crash between the two leaves the new note as `NAME.json.new`: it is complete before the tensors are
    replaced, and its checksum identifies them.
    """
    check_name(info.name)
    tensors, note = _paths(folder, info.name)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for place in (tensors, note):
            if untrusted.kind(place) == "a directory":  # which a file cannot replace
                shutil.rmtree(place)
    digest = hashlib.sha256()
    with replacing(tensors) as part:
        with part.open("wb") as file:
            for piece in tensor_file.pieces(state):
                file.write(piece)
                digest.update(piece)
                yield
        write_note(_pending(note), changed(info, checksum=digest.hexdigest()))
    with writing(note):
        _pending(note).replace(note)


def write_note(path: Path, info: CheckpointInfo) -> None:
    """Write a note; metrics that are not finite are left out, as JSON cannot represent them."""
    metrics = {name: value for name, value in info.metrics.items() if math.isfinite(value)}
    replace(path, [json.dumps(asdict(changed(info, metrics=metrics))).encode()])


def copy(folder: Path, name: str, target: Path, other: str) -> CheckpointInfo:
    """Copy a valid checkpoint's tensors under another name; returns the note. Raises CheckpointError."""
    info = check(folder, name)
    shutil.copyfile(_paths(folder, name)[0], _paths(target, other)[0], follow_symlinks=False)
    return info


def move(source: Path, target: Path) -> list[str]:
    """Move all checkpoints of a folder to another, over those of the same names, and remove the folder.

    Returns their names. A crash on the way leaves what one in `save` does. Raises StorageError.
    """
    found = names(source)
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
        for name in found:
            (tensors, note), (to_tensors, to_note) = _paths(source, name), _paths(target, name)
            note.replace(_pending(to_note))
            tensors.replace(to_tensors)
            _pending(to_note).replace(to_note)
        shutil.rmtree(source, ignore_errors=True)
    return found


def rename(folder: Path, name: str, other: str) -> None:
    """Give a checkpoint another name. Raises CheckpointError where there is none, StorageError.

    A crash on the way leaves what one in `save` does, or the same checkpoint under no name.
    """
    check_name(other)
    info = peek(folder, name)
    (tensors, note), (to_tensors, to_note) = _paths(folder, name), _paths(folder, other)
    write_note(_pending(to_note), changed(info, name=other))
    with writing(folder):
        note.unlink()
        tensors.replace(to_tensors)
        _pending(to_note).replace(to_note)


def size(folder: Path, name: str) -> int:
    """The bytes of a checkpoint's tensors; 0 where they cannot be seen."""
    try:
        return _paths(folder, name)[0].lstat().st_size
    except OSError:
        return 0


def remove(folder: Path, name: str) -> None:
    """Remove a checkpoint, damaged ones too. Raises CheckpointError where there is none, StorageError.

    The note is removed first, so that a crash in between leaves no checkpoint.
    """
    check_name(name)
    tensors, note = _paths(folder, name)
    if untrusted.kind(folder) != "a directory" or not any(os.path.lexists(path) for path in (tensors, note)):
        raise _missing(folder, name)
    with writing(folder / name):
        for path in (note, _pending(note), tensors):
            if untrusted.kind(path) == "a directory":
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


# Reading -----------------------------------------------------------------------------------------------


def read(folder: Path, name: str) -> tuple[CheckpointInfo, dict[str, Tensor]]:
    """A checkpoint's note and state. Raises CheckpointError where it is missing or damaged."""
    tensors = _paths(folder, name)[0]
    while True:
        info = check(folder, name)
        try:
            seen = tensors.stat()
            # Mapped, not read into memory first to be copied from there.
            large = seen.st_size > LARGE
            state = tensor_file.mapped(tensors) if large else safetensors.torch.load_file(tensors)
            if (seen.st_ino, seen.st_mtime_ns) == (tensors.stat().st_ino, tensors.stat().st_mtime_ns):
                return info, state
        except FileNotFoundError:
            raise _missing(folder, name) from None
        except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"checkpoint '{name}' is damaged: {error}") from None


def read_first(folder: Path, name: str) -> tuple[CheckpointInfo, dict[str, Tensor]]:
    """`read`, and of several replicas the first alone."""
    info, state = read(folder, name)
    return info, first_replica(state)


def first_replica(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state of the one training, or of the first of several replicas."""
    several = "step" in state and state["step"].ndim > 0
    return {name: tensor[0] for name, tensor in state.items()} if several else state


def check(folder: Path, name: str) -> CheckpointInfo:
    """The note of a checkpoint with a valid checksum. Raises CheckpointError for others."""
    for _ in range(LOOKS):
        info = peek(folder, name)
        if info.checksum is None:
            return info
        tensors, note = _paths(folder, name)
        found = _digest(tensors)
        if info.checksum == found:
            return info
        with suppress(DamagedFile, FileNotFoundError):
            pending = _note(_pending(note), name)
            if pending.checksum == found:
                return pending
    raise CheckpointError(f"checkpoint '{name}' is damaged: its bytes do not match the checksum in its note")


def peek(folder: Path, name: str) -> CheckpointInfo:
    """The note of a checkpoint whose tensors' header matches the file's size. Raises CheckpointError."""
    check_name(name)
    if (found := untrusted.kind(folder)) != "a directory":
        raise CheckpointError(f"no checkpoint '{name}': {folder.name} is {found}; expected a directory")
    tensors, note = _paths(folder, name)
    try:
        info = _note(note, name)
        with untrusted.open_regular(tensors) as file:
            _check_header(file)
        with safetensors.safe_open(tensors, framework="pt"):  # compares the header with the size
            return info
    except FileNotFoundError:
        raise _missing(folder, name) from None
    except (safetensors.SafetensorError, DamagedFile) as error:
        raise CheckpointError(f"checkpoint '{name}' is damaged: {error}") from None


def check_step(info: CheckpointInfo, state: dict[str, Tensor]) -> None:
    """Raise CheckpointError where the step of a state differs from that of its note."""
    step = state.get("step")
    # Of several replicas, the step of each.
    if step is None or step.is_floating_point() or set(step.flatten().tolist()) != {info.step}:
        found = "none" if step is None else f"{step.flatten()[:3].tolist()}"
        raise CheckpointError(
            f"checkpoint '{info.name}' is damaged: its step is {found}; its note says {info.step}"
        )


def survey(folder: Path) -> tuple[list[CheckpointInfo], dict[str, str]]:
    """The checkpoints of a folder that appear valid, oldest first, and the faults of the others by name."""
    whole, damaged = [], {}
    for name in _entries(folder):
        try:
            whole.append(peek(folder, name))
        except CheckpointError as error:
            damaged[name] = str(error)
    return sorted(whole, key=lambda info: (info.age, info.name)), damaged


def names(folder: Path) -> list[str]:
    """The names of the checkpoints of a folder that appear valid, oldest first."""
    return [info.name for info in survey(folder)[0]]


def check_name(name: str) -> None:
    """Raise CheckpointError for an invalid name: names become parts of paths inside the folder."""
    if not re.fullmatch(NAME, name):
        raise CheckpointError(f"{name[:80]!r} is no name for a checkpoint; expected letters, digits, - _ .")


def _entries(folder: Path) -> list[str]:
    """The stems of the files in a folder of checkpoints."""
    if untrusted.kind(folder) != "a directory":
        return []
    try:
        paths = list(islice(folder.iterdir(), MOST_ENTRIES))
    except OSError:
        return []
    stems = {path.stem for path in paths if path.suffix in (".json", ".safetensors")}
    return sorted(name for name in stems if re.fullmatch(NAME, name))


def _note(path: Path, name: str) -> CheckpointInfo:
    """A validated note. Raises DamagedFile, CheckpointError, FileNotFoundError."""
    found = untrusted.read_object(path, MOST_NOTE)
    try:
        info = _NOTES.validate_json(json.dumps(found))
    except ValidationError as error:
        raise DamagedFile(f"{path.name}: {first_problem(error)}") from None
    if info.name != name:
        raise DamagedFile(f"{path.name} is the note of '{info.name}'")
    return info


def _check_header(file: BinaryIO) -> None:
    """Raise DamagedFile for too long a header, before the library reads it: it would read 100 MB."""
    size = int.from_bytes(untrusted.piece(file, 8), "little")
    if size > MOST_HEADER:
        raise DamagedFile(f"its header has {size:,} bytes; expected at most {MOST_HEADER:,}")


def _digest(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    try:
        with untrusted.open_regular(path) as file:
            while piece := untrusted.piece(file, PIECE):
                digest.update(piece)
    except FileNotFoundError:
        raise _missing(path.parent, path.stem) from None
    except DamagedFile as error:
        raise CheckpointError(f"checkpoint '{path.stem}' is damaged: {error}") from None
    return digest.hexdigest()


def _paths(folder: Path, name: str) -> tuple[Path, Path]:
    """The paths of a checkpoint's tensors and of its note."""
    return folder / f"{name}.safetensors", folder / f"{name}.json"


def _pending(note: Path) -> Path:
    return note.with_suffix(".json.new")


def _missing(folder: Path, name: str) -> CheckpointError:
    there = [each for each in _entries(folder) if each != name]
    return CheckpointError(f"no checkpoint '{name}'; expected one of {there[:20]}")
