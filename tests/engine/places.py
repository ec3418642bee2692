"""A server of the tests' own that has the files of published data sets, much smaller."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from glassnet.engine.files.downloads import RemoteFile
from glassnet.engine.items.datasets.vision import Published

RANDOM = np.random.default_rng(0)
PIXELS = {name: RANDOM.integers(0, 256, (150, 28, 28), dtype=np.uint8) for name in ("train", "t10k")}
LABELS = {name: RANDOM.integers(0, 10, 150, dtype=np.uint8) for name in ("train", "t10k")}


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(side.to_bytes(4) for side in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def mnist_files() -> dict[str, bytes]:
    pictures = {f"{name}-images-idx3-ubyte.gz": idx(PIXELS[name]) for name in PIXELS}
    return {**pictures, **{f"{name}-labels-idx1-ubyte.gz": idx(LABELS[name]) for name in LABELS}}


def cifar_file(each: int = 60) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for number, name in enumerate([*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]):
            content = cifar_records(number, each)
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def cifar_records(number: int, each: int) -> bytes:
    records = np.random.default_rng(number).integers(0, 256, (each, 3073), dtype=np.uint8)
    records[:, 0] %= 10
    return records.tobytes()


@dataclass
class Place:
    """A server of files, and what was asked of it."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def remote(self, name: str, content: bytes | None = None, *before: str) -> RemoteFile:
        held = self.files[name]
        md5 = hashlib.md5(held if content is None else content).hexdigest()
        return RemoteFile(name, md5, (*before, self.address), len(held))


@contextmanager
def serving_files() -> Iterator[Place]:
    """A server of files on this machine."""
    made = Place()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            made.asked.append(name)
            content = made.files.get(name)
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.address = f"http://127.0.0.1:{server.server_port}/"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def published(
    monkeypatch: pytest.MonkeyPatch, place: Place, item: type[Published], files: dict[str, bytes]
) -> tuple[RemoteFile, ...]:
    """A data set whose files the test's server has."""
    place.files = files
    listed = tuple(place.remote(name) for name in files)
    monkeypatch.setattr(item, "files", listed)
    return listed
