"""The store of blobs: bytes that experiments refer to by their hash."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import anyio

from glassnet.app.core.problems import Refusal
from glassnet.app.store.quota import Quota, Reservation
from glassnet.app.store.references import in_document

log = logging.getLogger(__name__)


class WrongHash(Exception):
    """Bytes whose hash is not the announced one."""


@dataclass(frozen=True)
class Blob:
    """The hash and size of a stored blob."""

    sha256: str
    size: int


#: The prefix of the names of incomplete files.
PART = "part-"


class Blobs:
    """A folder of blobs. Equal bytes are stored once; stored bytes never change.

    The modification time of a blob's file is the time of its last use: uploaded, or referred to by a run.
    """

    def __init__(self, folder: Path, quota: Quota) -> None:
        self._folder, self.quota = folder, quota
        #: Held while blobs are added or removed.
        self._lock = Lock()

    def recover(self) -> None:
        """Remove the incomplete files of a server that was killed, and measure the stored blobs."""
        for part in self._folder.glob(f"{PART}*"):
            with suppress(OSError):
                part.unlink()
        self.quota.measured("blobs", sum(blob.size for blob in self.listed()))

    def path(self, sha256: str) -> Path:
        """The path of a blob, whether or not it exists."""
        return self._folder / sha256[:2] / sha256

    def get(self, sha256: str) -> Blob | None:
        """A stored blob, or None."""
        try:
            return Blob(sha256, self.path(sha256).stat().st_size)
        except FileNotFoundError:
            return None

    def listed(self) -> Iterator[Blob]:
        """All stored blobs."""
        for path in self._folder.glob("??/*"):
            if len(path.name) == 64 and (blob := self.get(path.name)) is not None:
                yield blob

    async def put(self, chunks: AsyncIterator[bytes], expected: str | None = None) -> tuple[Blob, bool]:
        """Store a stream of bytes; returns the blob, and whether it is new.

        Raises WrongHash, Refusal where there is no space, and OSError; then nothing is stored.
        """
        digest, size = hashlib.sha256(), 0
        await anyio.to_thread.run_sync(lambda: self._folder.mkdir(parents=True, exist_ok=True))
        with self.quota.reserve("blobs") as room:
            handle, name = tempfile.mkstemp(prefix=PART, dir=self._folder)
            try:
                async with await anyio.open_file(handle, "wb") as file:
                    async for chunk in chunks:
                        room.grow(len(chunk))
                        size += len(chunk)
                        digest.update(chunk)
                        await file.write(chunk)
                blob = Blob(digest.hexdigest(), size)
                if expected is not None and expected != blob.sha256:
                    raise WrongHash(f"the bytes have SHA-256 {blob.sha256}; expected {expected}")
                return blob, self._take_in(Path(name), blob, room)
            finally:
                _discard(name)

    def _take_in(self, part: Path, blob: Blob, room: Reservation) -> bool:
        """Move a complete file to its path; returns False where an equal one exists."""
        target = self.path(blob.sha256)
        with self._lock:
            if self.get(blob.sha256) is not None:
                os.utime(target)
                return False
            target.parent.mkdir(exist_ok=True)
            part.rename(target)
            room.keep(blob.size)
            return True

    def use(self, hashes: Collection[str]) -> list[str]:
        """Renew the grace period of blobs that are referred to; returns the missing ones."""
        absent = []
        with self._lock:
            for sha256 in hashes:
                try:
                    os.utime(self.path(sha256))
                except FileNotFoundError:
                    absent.append(sha256)
                except OSError as error:
                    log.info("blob %s: %s", sha256, error)
        return absent

    async def claim(self, document: Any) -> None:
        """Protect the blobs of a document until it is written. Raises Refusal where one is missing.

        They existed when the document was read, but a garbage collection may have run since.
        """
        absent = await anyio.to_thread.run_sync(self.use, in_document(document))
        if absent:
            raise Refusal(422, f"blob sha256:{absent[0]} is absent by now; expected it to be uploaded again")

    def remove(self, sha256: str, unwanted_for: float | None = None) -> bool:
        """Remove a blob; returns False where it does not exist, or was used within `unwanted_for` seconds.

        Raises OSError where it cannot be removed.
        """
        with self._lock:
            blob, path = self.get(sha256), self.path(sha256)
            if blob is None or (unwanted_for and time.time() - path.stat().st_mtime < unwanted_for):
                return False
            path.unlink()
            self.quota.removed("blobs", blob.size)
            return True

    def collect(self, referenced: Collection[str], grace: float) -> list[Blob]:
        """Remove unreferenced blobs that were not used for `grace` seconds; returns the removed ones."""
        self.use(referenced)
        found = []
        for blob in list(self.listed()):
            if blob.sha256 in referenced:
                continue
            try:
                if self.remove(blob.sha256, grace):
                    found.append(blob)
            except OSError as error:
                log.warning("a blob cannot be removed: %s: %s", blob.sha256, error)
        return found


def _discard(part: str) -> None:
    """Remove an incomplete file, without awaiting, so that it also runs when the upload is cancelled."""
    Path(part).unlink(missing_ok=True)
