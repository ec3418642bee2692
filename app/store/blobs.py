"""Blobs: bytes that experiments refer to by their hash."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio


class BlobRefused(Exception):
    """Bytes that cannot be kept."""


class WrongHash(BlobRefused):
    """Bytes that are not what their sender announced."""


class StoreFull(BlobRefused):
    """No room for more."""


@dataclass(frozen=True)
class Blob:
    """Bytes on disk."""

    sha256: str
    size: int


#: How the names of files begin that are being written.
PART = "part-"


class Blobs:
    """A folder of blobs. Equal bytes are kept once; what is there never changes."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most
        self._used: int | None = None

    def recover(self) -> None:
        """Remove what a server that was killed left half written."""
        for part in self._folder.glob(f"{PART}*"):
            part.unlink()

    def path(self, sha256: str) -> Path:
        """Where a blob is, or would be."""
        return self._folder / sha256[:2] / sha256

    def get(self, sha256: str) -> Blob | None:
        """A blob that is there."""
        try:
            return Blob(sha256, self.path(sha256).stat().st_size)
        except FileNotFoundError:
            return None

    async def put(self, chunks: AsyncIterator[bytes], expected: str | None = None) -> tuple[Blob, bool]:
        """Keep bytes as they come in; the blob, and whether it is new. Raises BlobRefused."""
        digest, size = hashlib.sha256(), 0
        used = await anyio.to_thread.run_sync(self._usage)
        await anyio.to_thread.run_sync(lambda: self._folder.mkdir(parents=True, exist_ok=True))
        handle, name = tempfile.mkstemp(prefix=PART, dir=self._folder)
        part = anyio.Path(name)
        try:
            async with await anyio.open_file(handle, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if used + size > self._most:
                        raise StoreFull(f"all blobs together may have {self._most:,} bytes")
                    digest.update(chunk)
                    await file.write(chunk)
            blob = Blob(digest.hexdigest(), size)
            if expected is not None and expected != blob.sha256:
                raise WrongHash(f"the bytes have SHA-256 {blob.sha256}; expected {expected}")
            if self.get(blob.sha256) is not None:
                return blob, False
            target = self.path(blob.sha256)
            await anyio.Path(target.parent).mkdir(exist_ok=True)
            await part.rename(target)
            self._used = used + size
            return blob, True
        finally:
            await part.unlink(missing_ok=True)

    def _usage(self) -> int:
        """Bytes in all blobs; counted once, then kept up."""
        if self._used is None:
            self._used = sum(
                path.stat().st_size for path in self._folder.glob("??/*") if len(path.name) == 64
            )
        return self._used
