"""Blobs of pictures, looked at by processes of their own: the server itself parses none."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.isolation import command, environment
from app.problems import Refusal
from app.settings import Settings
from engine.blobs import Blobs
from engine.errors import DataError
from engine.imports.blob import PictureSet

#: Blobs whose description, or what is wrong with them, is remembered: their bytes never change.
REMEMBERED = 1000

#: Processes that look at blobs at once, and seconds that one waits for its turn.
AT_ONCE, PATIENCE = 3, 30

#: Bytes and seconds of one core that a look may take. A blob has up to 512 MiB, of which little is read.
MEMORY, SECONDS = 1 << 30, 20


class PictureBlobs(Blobs):
    """Where blobs lie, for a server: what is in one is told by a bounded process, and then remembered.

    Waits for the process: to be used in threads only.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.data_dir / "blobs")
        self._known: OrderedDict[str, PictureSet | str] = OrderedDict()
        self._lock, self._turns = threading.Lock(), threading.BoundedSemaphore(AT_ONCE)

    def pictures(self, reference: str) -> PictureSet:
        path = self.path(reference)
        with self._lock:
            known = self._known.get(path.name)
        if known is None:
            try:
                known = PictureSet.of(self._look("describe", path))
            except DataError as error:
                known = str(error)
            self.remember(path.name, known)
        if isinstance(known, str):
            raise DataError(known)
        return known

    def remember(self, sha256: str, known: PictureSet | str) -> None:
        """What is in a blob, or what is wrong with it; the oldest is forgotten."""
        with self._lock:
            self._known[sha256] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def preview(self, reference: str, each: int) -> bytes:
        """Some pictures of each class, as a PNG. Raises BlobMissing, DataError."""
        path = self.path(reference)
        with self._made() as target:
            self._look("preview", path, f"--each={each}", f"--target={target}")
            return target.read_bytes()

    def samples(self, reference: str) -> bytes:
        path = self.path(reference)
        with self._made() as target:
            self._look("samples", path, f"--target={target}")
            return target.read_bytes()

    @contextmanager
    def _made(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder, "made")

    def _look(self, what: str, path: Path, *arguments: str) -> dict[str, Any]:
        """What the process says. Raises DataError; Refusal where there is no turn, or no room on disk."""
        words = command("engine.imports.look", what, str(path), *arguments, memory=MEMORY, seconds=SECONDS)
        if not self._turns.acquire(timeout=PATIENCE):
            raise Refusal(503, "other pictures are being looked at; try again", headers={"Retry-After": "5"})
        try:
            done = subprocess.run(
                words, env=environment(), capture_output=True, timeout=2 * SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise DataError("the blob takes more time than is allowed to be looked at") from None
        finally:
            self._turns.release()
        lines = done.stdout.splitlines()
        said: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        if "failed" in said:
            raise Refusal(507, said["failed"])
        if "error" in said:
            raise DataError(said["error"])
        if done.returncode != 0:
            raise DataError("the blob takes more memory or time than is allowed to be looked at")
        return said
