"""Own pictures are made into a blob by a process of their own: what it does to itself, it does alone."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from app.problems import Refusal
from app.settings import Settings
from app.store.blobs import Blob, Blobs
from engine.pictures import Fit

PIECE = 1 << 20


@dataclass(frozen=True)
class Imported:
    """A blob of pictures."""

    blob: Blob
    names: list[str]
    counts: list[int]
    pictures: int


class Importer:
    """Makes blobs of uploads, one at a time; each in a folder that is gone afterwards."""

    def __init__(self, settings: Settings, blobs: Blobs) -> None:
        self._settings, self._blobs = settings, blobs
        self._folder = settings.data_dir / "uploads"
        self._turn = anyio.CapacityLimiter(1)

    def recover(self) -> None:
        """Remove what a server that was killed left half done."""
        shutil.rmtree(self._folder, ignore_errors=True)

    async def take(self, body: AsyncIterator[bytes], size: int, channels: int, fit: Fit) -> Imported:
        """Keep the pictures of an upload. Raises Refusal, with the file's name, and keeps nothing."""
        await anyio.Path(self._folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            source, target = Path(folder, "source"), Path(folder, "target")
            async with await anyio.open_file(source, "wb") as file:
                async for chunk in body:
                    await file.write(chunk)
            async with self._turn:
                said = await self._convert(source, target, size, channels, fit)
            blob, _ = await self._blobs.put(_pieces(target))
        return Imported(blob, said["names"], said["counts"], said["pictures"])

    async def _convert(
        self, source: Path, target: Path, size: int, channels: int, fit: Fit
    ) -> dict[str, Any]:
        """What the process says at last. Raises Refusal where that is an error, or nothing."""
        options = {"size": size, "channels": channels, "fit": fit}
        options |= {"memory": self._settings.import_memory, "seconds": self._settings.import_seconds}
        command = [sys.executable, "-m", "engine.imports", str(source), str(target)]
        command += [f"--{name}={value}" for name, value in options.items()]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(2 * self._settings.import_seconds):
                output, _ = await process.communicate()
        except TimeoutError:
            raise Refusal(422, "it took too long to read the pictures; expected fewer or smaller") from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        lines = output.decode().splitlines()
        said: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        if "error" in said:
            raise Refusal(422, said["error"], title="Invalid pictures")
        if process.returncode != 0 or "names" not in said:
            raise Refusal(
                422, "the pictures took more memory or time than allowed; expected fewer or smaller"
            )
        return said


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(PIECE):
            yield piece
