"""Uploads for tests: pictures, ZIPs of them, and files of many pictures."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from glassnet.engine.files.image_import import Collection, Form, gathered


def png(
    pixels: np.ndarray | tuple[int, int, int] = (200, 30, 30), side: int = 20, kind: str = "PNG"
) -> bytes:
    """A picture file of pixels, or of one colour."""
    array = np.full((side, side, 3), pixels, np.uint8) if isinstance(pixels, tuple) else pixels
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind)
    return buffer.getvalue()


def coloured(place: int) -> bytes:
    """A picture that differs from those of other places."""
    return png((place % 256, place // 256, 90))


def zipped(path: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """A ZIP, with names as they stand."""
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in files:
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, content)
    return path


def with_names(path: Path, files: Iterable[tuple[bytes, bytes]]) -> Path:
    """A ZIP whose names are these bytes, without the flag that says how they are encoded."""
    zipped(path, ((name.decode("latin-1"), content) for name, content in files))
    packed, names = bytearray(path.read_bytes()), [name for name, _ in files]
    for name in names:
        # zipfile wrote UTF-8 of the Latin-1 letters: only names of one length in both stay in place.
        written = name.decode("latin-1").encode()
        padded = name if len(name) == len(written) else name + b"_" * (len(written) - len(name))
        packed = bytearray(bytes(packed).replace(written, padded))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := packed.find(mark, place + 1)) >= 0:
            (flags,) = struct.unpack_from("<H", packed, place + at)
            struct.pack_into("<H", packed, place + at, flags & ~0x800)
    path.write_bytes(packed)
    return path


def idx(array: np.ndarray) -> bytes:
    """An IDX file of bytes."""
    sizes = b"".join(side.to_bytes(4) for side in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def grey16(pixels: np.ndarray, clear: int | None = None) -> bytes:
    """A PNG of 16-bit grey, one value of which is transparent."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = pixels.shape
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0))
    mark = b"" if clear is None else chunk(b"tRNS", struct.pack(">H", clear))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return b"\x89PNG\r\n\x1a\n" + head + mark + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def read(path: Path, size: int = 16, channels: int = 3, **options: str) -> Collection:
    """What is gathered from an upload."""
    return gathered(path, Form(size, channels, **options))  # type: ignore[arg-type]


def left(found: Collection) -> dict[str, int]:
    """How many files were left out, by the reason."""
    return {each["why"]: each["count"] for each in found.report.left_out()}
