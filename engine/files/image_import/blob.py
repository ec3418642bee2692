"""Blobs of pictures: their description, validated before use, a preview, and samples for scripts.

A blob has two arrays, `images` and the targets: `labels`, `masks` or `boxes`.

The bytes are untrusted: any client may have posted them. Sizes and shapes are checked from the header,
before anything is allocated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.targets import (
    MOST_BOXES,
    STORED,
    Targets,
    check,
    counted,
    drawn,
)
from glassnet.engine.files.images import sheet
from glassnet.engine.files.picture_sides import LEAST, MOST

#: The most bytes of a header: a thousand names of a hundred characters, each two escapes, fit.
MOST_HEADER = 4 << 20

#: The bounds of a data set: pictures, characters of a class's name.
PICTURES, LETTERS = (2, 1_000_000), 100

#: The most classes in a preview.
MOST_ROWS = 12

#: Bytes copied at a time.
PIECE = 16 << 20


@dataclass(frozen=True)
class PictureSet:
    """The description of a blob of pictures: shape, classes, counts and sets."""

    #: (pictures, channels, side, side).
    shape: tuple[int, int, int, int]
    names: list[str]
    #: The number of pictures of each class, or with a pixel of it; of boxes, their number.
    counts: list[int]
    #: The number of pictures in separate validation and test sets, which come last.
    validated: int
    tested: int
    targets: Targets = "class"

    @classmethod
    def read(cls, path: Path, blob: str = "the blob") -> PictureSet:
        """The description of a file. Raises DataError, which calls the file `blob`, where it is invalid."""
        _check_length(path, blob)
        try:
            with safetensors.safe_open(path, framework="np") as file:
                targets, shape = _shape(file, blob)
                metadata = file.metadata() or {}
                names = _names(metadata, targets, blob)
                counts = np.zeros(len(names), np.int64)
                for piece in _pieces(file, STORED[targets].array):
                    check(targets, piece, len(names), shape[2], blob)
                    counts += counted(targets, piece, len(names))
        except (OSError, safetensors.SafetensorError, ValueError, RecursionError) as error:
            raise DataError(f"{blob} holds no pictures: {str(error)[:200]}") from None
        validated, tested = _own_sets(metadata, shape[0], blob)
        return cls(shape, names, [int(count) for count in counts], validated, tested, targets)

    @classmethod
    def of(cls, words: dict[str, Any]) -> PictureSet:
        """The description from the JSON values of `as_json`."""
        return cls(**{**words, "shape": tuple(words["shape"])})

    def as_json(self) -> dict[str, Any]:
        """The description as JSON values."""
        return {
            "shape": self.shape,
            "names": self.names,
            "counts": self.counts,
            "validated": self.validated,
            "tested": self.tested,
            "targets": self.targets,
        }


def _check_length(path: Path, blob: str) -> None:
    """Check the header's length before the library reads it. Raises DataError."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        size = path.stat().st_size
    except OSError as error:
        raise DataError(f"{blob} cannot be read: {error.strerror}") from None
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length + 8 > size:
        raise DataError(f"{blob} holds no pictures; expected what POST /api/images gave")
    if length > MOST_HEADER:
        raise DataError(f"{blob} has a header of {length:,} bytes; expected at most {MOST_HEADER:,}")


def _shape(file: Any, blob: str) -> tuple[Targets, tuple[int, int, int, int]]:
    """The targets and the shape of the pictures. Raises DataError where it is out of bounds."""
    found = [targets for targets, stored in STORED.items() if set(file.keys()) == {"images", stored.array}]
    if not found:
        raise DataError(f"{blob} holds no pictures; expected what POST /api/images gave")
    stored = STORED[found[0]]
    images, values = file.get_slice("images"), file.get_slice(stored.array)
    shape, lengths = tuple(images.get_shape()), list(values.get_shape())
    kinds = (images.get_dtype(), values.get_dtype())
    if kinds != ("U8", stored.dtype):
        raise DataError(
            f"{blob} has pictures of {kinds[0]} and {stored.array} of {kinds[1]}; expected U8 and "
            f"{stored.dtype}"
        )
    if len(shape) != 4 or shape[1] not in (1, 3) or shape[2] != shape[3]:
        raise DataError(f"{blob} has pictures {shape}; expected (n, 1 or 3, side, side)")
    if not (PICTURES[0] <= shape[0] <= PICTURES[1] and LEAST <= shape[2] <= MOST):
        raise DataError(
            f"{blob} has {shape[0]:,} pictures of {shape[2]:,}×{shape[3]:,}; expected {PICTURES[0]} to "
            f"{PICTURES[1]:,} of {LEAST} to {MOST} pixels a side"
        )
    most = lengths[1] if len(lengths) == 3 and 1 <= lengths[1] <= MOST_BOXES else 1
    if lengths != stored.shape(shape[0], shape[2], most):
        raise DataError(
            f"{blob} has {stored.array} {lengths} for {shape[0]:,} pictures of {shape[2]}×{shape[2]}; "
            f"expected one for each: {stored.shape(shape[0], shape[2], most)}"
        )
    count, channels, side, _ = shape
    return found[0], (count, channels, side, side)


def _pieces(file: Any, name: str) -> Iterator[np.ndarray]:
    """An array in pieces along its first axis."""
    array = file.get_slice(name)
    shape = array.get_shape()
    size = {"U8": 1}.get(array.get_dtype(), 4)
    rows = max(1, PIECE // (size * int(np.prod(shape[1:]))))
    for start in range(0, shape[0], rows):
        yield array[start : min(start + rows, shape[0])]


def _names(metadata: dict[str, str], targets: Targets, blob: str) -> list[str]:
    """The names of the classes. Raises DataError."""
    names = json.loads(metadata.get("names", "null"))
    least, most = STORED[targets].classes
    if not isinstance(names, list) or not least <= len(names) <= most:
        said = f"{len(names):,} names" if isinstance(names, list) else "no list of names"
        raise DataError(f"{blob} has {said} of classes; expected {least} to {most:,}")
    for name in names:
        if not isinstance(name, str) or not 1 <= len(name) <= LETTERS or not _printable(name):
            raise DataError(
                f"{blob} calls a class {str(name)[:40]!r}; expected a text of 1 to {LETTERS} letters"
            )
    if len(set(names)) < len(names):
        raise DataError(f"{blob} calls two classes the same; expected every name once")
    return names


def _printable(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _own_sets(metadata: dict[str, str], count: int, blob: str) -> tuple[int, int]:
    """The sizes of separate validation and test sets. Raises DataError."""
    told = [metadata.get(name, "0") for name in ("validated", "tested")]
    if all(text.isascii() and text.isdigit() and len(text) <= 7 for text in told):
        validated, tested = (int(text) for text in told)
        if validated + tested < count and (tested or not validated):
            return validated, tested
    raise DataError(
        f"{blob} keeps {told[0][:20]!r} pictures for validation and {told[1][:20]!r} for testing; expected "
        f"fewer than {count:,}, and a test set where there is one for validation"
    )


# Derived files ----------------------------------------------------------------------------------------------


def preview(path: Path, each: int) -> bytes:
    """A PNG with `each` pictures of each of the first classes, one row per class. Raises DataError.

    Masks and boxes are drawn over their pictures; a row has pictures with a pixel, or a box, of its class.
    """
    header = PictureSet.read(path)
    chosen: list[list[int]] = [[] for _ in header.names[:MOST_ROWS]]
    with safetensors.safe_open(path, framework="np") as file:
        images, values = file.get_slice("images"), file.get_slice(STORED[header.targets].array)
        start = 0
        for piece in _pieces(file, STORED[header.targets].array):
            for label, places in enumerate(chosen):
                if len(places) < each:
                    marked = piece if header.targets != "boxes" else piece[..., 4]
                    found = np.flatnonzero((marked == label).reshape(len(piece), -1).any(axis=1))
                    places += [start + int(place) for place in found[: each - len(places)]]
            start += len(piece)
        rows = [
            [drawn(header.targets, images[at : at + 1][0], values[at : at + 1][0]) for at in places]
            for places in chosen
        ]
    return sheet(rows, each, header.shape[1:])


def write_samples(path: Path, target: Path) -> None:
    """Write inputs uint8 and targets as safetensors for exported scripts. Raises DataError."""
    header = PictureSet.read(path)
    stored = STORED[header.targets]
    with safetensors.safe_open(path, framework="np") as file, target.open("wb") as made:
        shape = list(file.get_slice(stored.array).get_shape())
        known = int(np.prod(shape)) * {"I64": 8, "F32": 4, "U8": 1}[stored.exported]
        pixels = int(np.prod(header.shape))
        entries = {
            "inputs": {"dtype": "U8", "shape": header.shape, "data_offsets": [known, known + pixels]},
            "targets": {"dtype": stored.exported, "shape": shape, "data_offsets": [0, known]},
        }
        head = json.dumps(entries).encode()
        head += b" " * (-len(head) % 8)
        made.write(len(head).to_bytes(8, "little") + head)
        for piece in _pieces(file, stored.array):
            made.write((piece.astype("<i8") if stored.exported == "I64" else piece).tobytes())
        for piece in _pieces(file, "images"):
            made.write(piece.tobytes())
