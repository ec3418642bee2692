"""Blobs of sounds and volumes: their description, from a header that is checked before anything is taken.

A blob is a safetensors file with `inputs` (n, channels, …), float32 for sounds and uint8 for volumes, and
`targets` int64 (n,), as exported scripts read them. The bytes are untrusted: any client may have posted them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors.numpy

from glassnet.engine.errors import DamagedFile, DataError
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.untrusted import parsed_object

#: What samples a blob may have.
Kind = Literal["sounds", "volumes"]

#: How the numbers of each kind are stored, and how many axes a sample has beside its channels.
STORED: dict[Kind, tuple[str, int]] = {"sounds": ("F32", 1), "volumes": ("U8", 3)}

#: The most bytes of a header: a thousand names of a hundred characters, each two escapes, fit.
MOST_HEADER = 4 << 20

#: The most bytes of all samples, and how many samples and classes a set may have.
MOST_BYTES, SAMPLES, CLASSES = 256 << 20, (2, 100_000), (2, 1000)


@dataclass(frozen=True)
class SampleSet:
    """The description of a blob: samples of one shape, their classes, and how they are divided."""

    kind: Kind
    #: (n, channels, …).
    shape: tuple[int, ...]
    names: list[str]
    #: The number of samples of each class.
    counts: list[int]
    #: The numbers of samples in separate validation and test sets, which come last.
    validated: int = 0
    tested: int = 0
    #: Samples a second of sounds; 0 for volumes.
    rate: int = 0

    @classmethod
    def read(cls, path: Path, kind: Kind, blob: str = "the blob") -> SampleSet:
        """The description of a file. Raises DataError, which calls the file `blob`, where it is invalid."""
        header = _header(path, kind, blob)
        told = header.get("__metadata__")
        try:
            said = json.loads(told["glassnet"]) if isinstance(told, dict) else {}
            found = cls(kind=kind, shape=tuple(header["inputs"]["shape"]), **said)
            found.check(path.stat().st_size, header)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise DataError(f"{blob} holds no {kind}: {str(error)[:200]}") from None
        return found

    def check(self, size: int, header: dict[str, Any]) -> None:
        """Raise ValueError where this is no description of a blob of so many bytes."""
        dtype, axes = STORED[self.kind]
        numbers = (*self.shape, *self.counts, self.validated, self.tested, self.rate)
        if any(type(number) is not int or not 0 <= number < 2**31 for number in numbers):
            raise ValueError(f"numbers {numbers!r:.80}; expected whole ones from 0")
        if len(self.shape) != axes + 2 or 0 in self.shape or header["inputs"]["dtype"] != dtype:
            raise ValueError(
                f"inputs {header['inputs']['dtype']} {self.shape}; expected {dtype}, {axes} axes"
            )
        count = self.shape[0]
        if header["targets"]["dtype"] != "I64" or header["targets"]["shape"] != [count]:
            raise ValueError(f"targets {header['targets']!r:.80}; expected I64 for each of {count:,}")
        bytes_ = math.prod(self.shape) * (4 if dtype == "F32" else 1)
        if not SAMPLES[0] <= count <= SAMPLES[1] or bytes_ > MOST_BYTES or bytes_ + 8 * count > size:
            raise ValueError(f"{count:,} samples in {bytes_:,} bytes; expected at most {MOST_BYTES:,}")
        if any(type(name) is not str or not 1 <= len(name) <= 100 for name in self.names):
            raise ValueError("names of classes; expected texts of 1 to 100 letters")
        if not CLASSES[0] <= len(self.names) <= CLASSES[1] or len(set(self.names)) < len(self.names):
            raise ValueError(f"{len(self.names):,} names; expected {CLASSES[0]} to {CLASSES[1]}, each once")
        if len(self.counts) != len(self.names) or sum(self.counts) != count:
            raise ValueError(f"counts of {sum(self.counts):,} samples; expected {count:,}")
        if self.validated + self.tested >= count or (self.validated and not self.tested):
            raise ValueError(f"{self.validated + self.tested:,} held out; expected fewer than {count:,}")

    def as_json(self) -> dict[str, Any]:
        """What the blob's metadata say."""
        return {name: value for name, value in vars(self).items() if name not in ("kind", "shape")}


def _header(path: Path, kind: Kind, blob: str) -> dict[str, Any]:
    """The header of a safetensors file as JSON. Raises DataError."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            text = file.read(length) if length <= MOST_HEADER else b""
    except OSError as error:
        raise DataError(f"{blob} cannot be read: {error.strerror}") from None
    try:
        return parsed_object(text, blob)
    except DamagedFile:
        raise DataError(f"{blob} holds no {kind}; expected what POST /api/{kind} gave") from None


@dataclass(frozen=True)
class Samples:
    """Imported samples (n, channels, …) and labels (n,), those of validation and test sets last."""

    kind: Kind
    inputs: np.ndarray
    labels: Sequence[int]
    names: list[str]
    validated: int = 0
    tested: int = 0
    rate: int = 0
    report: ImportReport = field(default_factory=ImportReport)

    def described(self) -> SampleSet:
        """The description. Raises DataError where these are too few to train on."""
        count = len(self.labels)
        if count < SAMPLES[0]:
            raise DataError(f"{count} {self.kind}; expected at least {SAMPLES[0]}")
        if not CLASSES[0] <= len(self.names) <= CLASSES[1]:
            what = f"one class, {self.names[0]!r}" if len(self.names) == 1 else f"{len(self.names):,} classes"
            raise DataError(f"{what}; expected {CLASSES[0]} to {CLASSES[1]:,}: a folder for each")
        counts = [int(each) for each in np.bincount(self.labels, minlength=len(self.names))]
        held = (self.validated, self.tested) if self.tested else (0, 0)
        return SampleSet(self.kind, self.inputs.shape, self.names, counts, *held, self.rate)

    def write(self, target: Path) -> None:
        """Write the blob."""
        arrays = {"inputs": self.inputs, "targets": np.asarray(self.labels, np.int64)}
        safetensors.numpy.save_file(arrays, target, {"glassnet": json.dumps(self.described().as_json())})


def room(kind: Kind, count: int, shape: tuple[int, ...]) -> np.ndarray:
    """An empty array for so many samples. Raises DataError where it would be too large."""
    dtype = np.float32 if STORED[kind][0] == "F32" else np.uint8
    needed = count * math.prod(shape) * np.dtype(dtype).itemsize
    if needed > MOST_BYTES or count > SAMPLES[1]:
        size = "×".join(map(str, shape[1:]))
        raise DataError(
            f"{count:,} {kind} of {size} take {needed:,} bytes; expected at most {MOST_BYTES:,}, and "
            f"{SAMPLES[1]:,} {kind}"
        )
    return np.empty((count, *shape), dtype)
