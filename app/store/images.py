"""Blobs of pictures, inspected by separate processes: the server itself parses none."""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio

from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.store.isolation import command, environment
from glassnet.engine.errors import DataError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.image_import.blob import PictureSet

T = TypeVar("T")

#: The most blobs whose description, or error, is cached: their bytes never change.
REMEMBERED = 1000

#: The most inspecting processes at once, and seconds that one waits for its turn.
AT_ONCE, PATIENCE = 3, 30

#: The memory and CPU seconds of an inspection. A blob has up to 512 MiB, of which little is read.
MEMORY, SECONDS = 1 << 30, 20


class PictureBlobs(Blobs):
    """The blobs of a server: descriptions come from a bounded process, and are cached.

    Calls block until the process ends: call them in threads only, and through `in_turn` where many callers
    are possible.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.data_dir / "blobs")
        self._known: OrderedDict[str, PictureSet | str] = OrderedDict()
        self._lock = threading.Lock()
        self._turns, self._threads = asyncio.Semaphore(AT_ONCE), anyio.CapacityLimiter(AT_ONCE)
        self._at_work: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    async def in_turn(self, look: Callable[[], T]) -> T:
        """The result of `look`, called in a dedicated thread. Raises Refusal where too many wait."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turns.acquire()
        except TimeoutError:
            raise _later("other pictures are being looked at") from None
        try:
            return await anyio.to_thread.run_sync(look, limiter=self._threads)
        finally:
            self._turns.release()

    def close(self) -> None:
        """Kill the inspecting processes, which threads wait for."""
        self._closed = True
        for process in list(self._at_work):
            process.kill()

    def knows(self, reference: str) -> bool:
        """Whether a blob's description is cached."""
        with self._lock:
            return reference.removeprefix("sha256:") in self._known

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
        """Cache the description of a blob, or its error; the oldest entry is removed."""
        with self._lock:
            self._known[sha256] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def preview(self, reference: str, each: int) -> bytes:
        """A PNG with some pictures of each class. Raises BlobMissing, DataError."""
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
        """The inspecting process's report. Raises DataError; Refusal where there is no memory, or no time."""
        words = command(
            "glassnet.engine.files.image_import.inspect_blob",
            what,
            str(path),
            *arguments,
            memory=MEMORY,
            seconds=SECONDS,
        )
        code, output = self._run(words)
        lines = output.splitlines()
        said: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        if "failed" in said:
            raise Refusal(507, said["failed"])
        if "error" in said:
            raise DataError(said["error"])
        if code != 0:
            raise DataError("the blob takes more memory or time than is allowed to be looked at")
        return said

    def _run(self, arguments: list[str]) -> tuple[int, bytes]:
        """The exit code and output of a process. Raises Refusal where it waits for a core too long."""
        with subprocess.Popen(
            arguments, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            self._at_work.add(process)
            try:
                output, _ = process.communicate(timeout=0 if self._closed else 2 * SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise _later("the blob could not be looked at in time") from None
            finally:
                self._at_work.discard(process)
        return process.returncode, output


def _later(why: str) -> Refusal:
    return Refusal(503, f"{why}; try again", headers={"Retry-After": "5"})
