"""Blobs of pictures: their description, validated before use, a preview, and samples for scripts.

The bytes are untrusted: any client may have posted them. Sizes and shapes are checked from the header,
before anything is allocated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from glassnet.engine.errors import DataError
from glassnet.engine.files.images import sheet
from glassnet.engine.files.picture_sides import LEAST, MOST

#: The most bytes of a header: a thousand names of a hundred characters, each two escapes, fit.
MOST_HEADER = 4 << 20

#: The bounds of a data set: pictures, classes, characters of a class's name.
PICTURES, CLASSES, LETTERS = (2, 1_000_000), (2, 1000), 100

#: The most classes in a preview.
MOST_ROWS = 12

#: Pictures copied at a time.
PIECE = 256


@dataclass(frozen=True)
class PictureSet:
    """The description of a blob of pictures: shape, classes, counts and sets."""

    #: (pictures, channels, side, side).
    shape: tuple[int, int, int, int]
    names: list[str]
    #: The number of pictures of each class.
    counts: list[int]
    #: The number of pictures in separate validation and test sets, which come last.
    validated: int
    tested: int

    @classmethod
    def read(cls, path: Path, blob: str = "the blob") -> PictureSet:
        """The description of a file. Raises DataError, which calls the file `blob`, where it is invalid."""
        _check_length(path, blob)
        try:
            with safetensors.safe_open(path, framework="np") as file:
                shape = _shape(file, blob)
                metadata = file.metadata() or {}
                names = _names(metadata, blob)
                labels = file.get_tensor("labels")
        except (OSError, safetensors.SafetensorError, ValueError, RecursionError) as error:
            raise DataError(f"{blob} holds no pictures: {str(error)[:200]}") from None
        least, greatest = int(labels.min()), int(labels.max())
        if least < 0 or greatest >= len(names):
            raise DataError(
                f"{blob} has labels from {least} to {greatest}; expected 0 to {len(names) - 1}, one a class"
            )
        counts = [int(count) for count in np.bincount(labels, minlength=len(names))]
        validated, tested = _own_sets(metadata, shape[0], blob)
        return cls(shape, names, counts, validated, tested)

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


def _shape(file: Any, blob: str) -> tuple[int, int, int, int]:
    """The shape of the pictures. Raises DataError where it is out of bounds, or labels are missing."""
    if set(file.keys()) != {"images", "labels"}:
        raise DataError(f"{blob} holds no pictures; expected what POST /api/images gave")
    images, labels = file.get_slice("images"), file.get_slice("labels")
    shape, lengths = tuple(images.get_shape()), list(labels.get_shape())
    kinds = (images.get_dtype(), labels.get_dtype())
    if kinds != ("U8", "I32"):
        raise DataError(f"{blob} has pictures of {kinds[0]} and labels of {kinds[1]}; expected U8 and I32")
    if len(shape) != 4 or shape[1] not in (1, 3) or shape[2] != shape[3]:
        raise DataError(f"{blob} has pictures {shape}; expected (n, 1 or 3, side, side)")
    if not (PICTURES[0] <= shape[0] <= PICTURES[1] and LEAST <= shape[2] <= MOST):
        raise DataError(
            f"{blob} has {shape[0]:,} pictures of {shape[2]:,}×{shape[3]:,}; expected {PICTURES[0]} to "
            f"{PICTURES[1]:,} of {LEAST} to {MOST} pixels a side"
        )
    if lengths != [shape[0]]:
        raise DataError(f"{blob} has labels {lengths} for {shape[0]:,} pictures; expected one for each")
    count, channels, side, _ = shape
    return (count, channels, side, side)


def _names(metadata: dict[str, str], blob: str) -> list[str]:
    """The names of the classes. Raises DataError."""
    names = json.loads(metadata.get("names", "null"))
    if not isinstance(names, list) or not CLASSES[0] <= len(names) <= CLASSES[1]:
        said = f"{len(names):,} names" if isinstance(names, list) else "no list of names"
        raise DataError(f"{blob} has {said} of classes; expected {CLASSES[0]} to {CLASSES[1]:,}")
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
    """A PNG with `each` pictures of each of the first classes, one row per class. Raises DataError."""
    header = PictureSet.read(path)
    with safetensors.safe_open(path, framework="np") as file:
        images, labels = file.get_slice("images"), file.get_tensor("labels")
        rows = []
        for label in range(min(len(header.names), MOST_ROWS)):
            places = np.flatnonzero(labels == label)[:each]
            rows.append([images[int(place) : int(place) + 1][0] for place in places])
    return sheet(rows, each, header.shape[1:])


def write_samples(path: Path, target: Path) -> None:
    """Write inputs uint8 and targets int64 as safetensors for exported scripts. Raises DataError."""
    header = PictureSet.read(path)
    count = header.shape[0]
    pixels = int(np.prod(header.shape))
    entries = {
        "inputs": {"dtype": "U8", "shape": header.shape, "data_offsets": [8 * count, 8 * count + pixels]},
        "targets": {"dtype": "I64", "shape": [count], "data_offsets": [0, 8 * count]},
    }
    head = json.dumps(entries).encode()
    head += b" " * (-len(head) % 8)
    with safetensors.safe_open(path, framework="np") as file, target.open("wb") as made:
        made.write(len(head).to_bytes(8, "little") + head)
        made.write(file.get_tensor("labels").astype("<i8").tobytes())
        images = file.get_slice("images")
        for start in range(0, count, PIECE):
            made.write(images[start : min(start + PIECE, count)].tobytes())
