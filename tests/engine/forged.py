"""Blobs that look like sets of pictures, and are none."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import safetensors.numpy

IMAGES, LABELS = np.zeros((12, 1, 8, 8), np.uint8), np.arange(12, dtype=np.int32) % 2


def blob(
    images: np.ndarray = IMAGES, labels: np.ndarray = LABELS, names: Any = ("a", "b"), **metadata: str
) -> bytes:
    """A blob as `Collection.packed` writes one, of anything."""
    told = {"names": names if isinstance(names, str) else json.dumps(names), **metadata}
    return safetensors.numpy.save({"images": images, "labels": labels}, told)


def one_label(value: int) -> np.ndarray:
    """Labels of which one is another."""
    labels = LABELS.copy()
    labels[0] = value
    return labels


def announced(shape: list[int]) -> bytes:
    """A header that announces pictures which are not there."""
    size = int(np.prod(shape, dtype=object))
    entries = {
        "__metadata__": {"names": '["a", "b"]'},
        "images": {"dtype": "U8", "shape": shape, "data_offsets": [0, size]},
        "labels": {"dtype": "I32", "shape": [shape[0]], "data_offsets": [size, size + 4 * shape[0]]},
    }
    head = json.dumps(entries).encode()
    return len(head).to_bytes(8, "little") + head + bytes(64)


#: What is wrong, and the words that say it.
FORGED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "holds no pictures"),
    "words": (b"no pictures at all", "holds no pictures"),
    "a label of 60,000,000": (blob(labels=one_label(60_000_000)), "labels from 0 to 60000000"),
    "a negative label": (blob(labels=one_label(-1)), "labels from -1 to 1"),
    "two pictures of 1×10,000": (
        blob(np.zeros((2, 1, 1, 10_000), np.uint8), np.arange(2, dtype=np.int32)),
        r"pictures \(2, 1, 1, 10000\)",
    ),
    "large pictures": (blob(np.zeros((2, 1, 1030, 1030), np.uint8), LABELS[:2]), "8 to 1024 pixels a side"),
    "no pictures": (blob(np.zeros((0, 1, 8, 8), np.uint8), LABELS[:0]), "0 pictures of 8×8"),
    "pictures of three sides": (blob(np.zeros((12, 8, 8), np.uint8)), r"pictures \(12, 8, 8\)"),
    "two channels": (blob(np.zeros((12, 2, 8, 8), np.uint8)), r"1 or 3, side"),
    "floats": (blob(IMAGES.astype(np.float32)), "pictures of F32"),
    "labels for others": (blob(labels=LABELS[:5]), "labels .5. for 12 pictures"),
    "labels of two sides": (blob(labels=LABELS[:, None]), "labels .12, 1. for 12 pictures"),
    "names that are numbers": (blob(names=[1, 2]), "calls a class '1'"),
    "no names": (blob(names="null"), "no list of names"),
    "names that are no JSON": (blob(names="[["), "holds no pictures"),
    "names without end": (blob(names="[" * 100_000), "holds no pictures"),
    "long names": (blob(names=["a", "b" * 101]), "1 to 100 letters"),
    "names twice": (blob(names=["a", "a"]), "two classes the same"),
    "half a letter": (blob(names='["a", "\\ud800"]'), "calls a class"),
    "more tests than pictures": (blob(tested="12", validated="0"), "fewer than 12"),
    "tests that are no number": (blob(tested="-1"), "'-1' for testing"),
    "more than there is": (announced([1 << 20, 3, 256, 256]), "holds no pictures"),
    "sizes that overflow": (announced([1 << 40, 1 << 40, 8, 8]), "holds no pictures"),
    "a header of gigabytes": ((1 << 40).to_bytes(8, "little") + bytes(100), "holds no pictures"),
    "another file": (safetensors.numpy.save({"weight": IMAGES}), "holds no pictures"),
}
