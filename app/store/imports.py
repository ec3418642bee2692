"""Imports: uploads that become blobs, each converted by a process of its own with bounded memory and time."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio

from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.store.blobs import Blob, Blobs
from glassnet.app.store.isolation import command, environment

PIECE = 1 << 20


class Imports:
    """Converts uploads, a few at a time, each in a temporary folder."""

    def __init__(self, settings: Settings, blobs: Blobs) -> None:
        self._settings, self._blobs = settings, blobs
        self._folder = settings.data_dir / "uploads"
        self._turn = anyio.CapacityLimiter(settings.import_workers)
        self._under_way = 0

    def recover(self) -> None:
        """Remove the temporary folders of a server that was killed."""
        shutil.rmtree(self._folder, ignore_errors=True)

    async def take(
        self,
        body: AsyncIterator[bytes],
        module: str,
        options: Sequence[str],
        what: str,
        check: Callable[[dict[str, Any]], None],
    ) -> tuple[Blob, dict[str, Any]]:
        """Import an upload by a module's process; returns the blob, and the last message of the process.

        `what` is uploaded, in words; `check` raises Refusal where the message is no success. Raises Refusal,
        and then stores nothing.
        """
        with self._admitted(what), self._blobs.quota.reserve("uploads") as room:
            await anyio.Path(self._folder).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                source, target = Path(folder, "source"), Path(folder, "target")
                async with await anyio.open_file(source, "wb") as file:
                    async for chunk in body:
                        room.grow(len(chunk))
                        await file.write(chunk)
                async with self._turn:
                    said = await self._converted(module, [str(source), str(target), *options], what)
                check(said)
                blob, _ = await self._blobs.put(pieces_of(target))
        return blob, said

    @contextmanager
    def _admitted(self, what: str) -> Iterator[None]:
        """One of the slots of running uploads. Raises Refusal, before a byte is read, where none is free."""
        if self._under_way >= self._settings.import_workers + self._settings.max_imports:
            raise Refusal(
                503,
                f"{self._under_way} uploads of {what} are under way already; try again in a while",
                headers={"Retry-After": "10"},
            )
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def _converted(self, module: str, arguments: list[str], what: str) -> dict[str, Any]:
        """The last message of the import process; empty where there is none, or it has failed silently."""
        words = command(
            module, *arguments, memory=self._settings.import_memory, seconds=self._settings.import_seconds
        )
        process = await asyncio.create_subprocess_exec(
            *words, env=environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(2 * self._settings.import_seconds):
                output, _ = await process.communicate()
        except TimeoutError:
            raise Refusal(422, f"it took too long to read the {what}; expected fewer or smaller") from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        lines = output.decode().splitlines()
        said: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        if "failed" in said:
            raise Refusal(507, said["failed"])
        if process.returncode != 0 and "error" not in said:
            raise Refusal(422, f"the {what} took more memory or time than allowed; expected fewer or smaller")
        return said


async def pieces_of(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a file."""
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(PIECE):
            yield piece
