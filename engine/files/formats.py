"""Readers of files with many pictures: IDX (MNIST's format) and CIFAR's binary records."""

from __future__ import annotations

import gzip
import io
import math
import zlib

import numpy as np

from glassnet.engine.errors import DataError

#: The first bytes of gzip files.
GZIP = b"\x1f\x8b"

#: A label and 3 × 32 × 32 pixels.
CIFAR_RECORD = 1 + 3 * 32 * 32


def unpacked(content: bytes, most: int) -> bytes:
    """The content, decompressed if it is gzip. Raises DataError where it is damaged or too large."""
    if not content.startswith(GZIP):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            found = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"damaged: {error}") from None
    if len(found) > most:
        raise DataError(f"more than {most:,} bytes when unpacked; expected fewer")
    return found


def read_idx(content: bytes, dimensions: int) -> np.ndarray:
    """The array of an IDX file (LeCun et al.): uint8 with this number of dimensions. Raises DataError."""
    if len(content) < 4 + 4 * dimensions:
        raise DataError(f"{len(content)} bytes; expected the header of an IDX file")
    zero, kind, found = int.from_bytes(content[:2]), content[2], content[3]
    if zero != 0 or kind != 8:
        raise DataError("no IDX file of bytes; expected one that begins with 00 00 08")
    if found != dimensions:
        raise DataError(f"an IDX file of {found} dimensions; expected {dimensions}")
    shape = tuple(int.from_bytes(content[4 + 4 * d : 8 + 4 * d]) for d in range(dimensions))
    start, size = 4 + 4 * dimensions, math.prod(shape)
    if len(content) - start != size:
        said = "×".join(f"{side:,}" for side in shape)
        raise DataError(f"{len(content) - start:,} bytes of values; its header says {said}, {size:,}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_cifar(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 3, 32, 32) uint8 and labels (n,) of CIFAR-10's binary records. Raises DataError."""
    if not content or len(content) % CIFAR_RECORD:
        raise DataError(f"{len(content):,} bytes; expected records of {CIFAR_RECORD:,} each")
    records = np.frombuffer(content, np.uint8).reshape(-1, CIFAR_RECORD)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]
