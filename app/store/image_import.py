"""Import of uploaded pictures to blobs, by a separate process for each upload."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio

from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.store.blobs import Blob, Blobs
from glassnet.app.store.images import PictureBlobs
from glassnet.app.store.isolation import command, environment
from glassnet.engine.files.image_import import Form
from glassnet.engine.files.image_import.blob import PictureSet

PIECE = 1 << 20


class Importer:
    """The importer of uploads, a few at a time, each in a temporary folder."""

    def __init__(self, settings: Settings, blobs: Blobs, pictures: PictureBlobs) -> None:
        self._settings, self._blobs, self._pictures = settings, blobs, pictures
        self._folder = settings.data_dir / "uploads"
        self._turn = anyio.CapacityLimiter(settings.import_workers)
        self._under_way = 0

    def recover(self) -> None:
        """Remove the temporary folders of a server that was killed."""
        shutil.rmtree(self._folder, ignore_errors=True)

    async def take(self, body: AsyncIterator[bytes], form: Form) -> tuple[Blob, dict[str, Any]]:
        """Import an upload; returns the blob, and the import process's report.

        Raises Refusal, which names the file, and then stores nothing.
        """
        with self._admitted(), self._blobs.quota.reserve("uploads") as room:
            await anyio.Path(self._folder).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                source, target = Path(folder, "source"), Path(folder, "target")
                async with await anyio.open_file(source, "wb") as file:
                    async for chunk in body:
                        room.grow(len(chunk))
                        await file.write(chunk)
                async with self._turn:
                    said = await self._convert(source, target, form)
                blob, _ = await self._blobs.put(_pieces(target))
        shape = (said["pictures"], form.channels, form.size, form.size)
        known = {name: said[name] for name in ("names", "counts", "validated", "tested")}
        self._pictures.remember(blob.sha256, PictureSet(shape=shape, **known))
        return blob, said

    @contextmanager
    def _admitted(self) -> Iterator[None]:
        """One of the slots of running uploads. Raises Refusal, before a byte is read, where none is free."""
        if self._under_way >= self._settings.import_workers + self._settings.max_imports:
            raise Refusal(
                503,
                f"{self._under_way} uploads of pictures are under way already; try again in a while",
                headers={"Retry-After": "10"},
            )
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def _convert(self, source: Path, target: Path, form: Form) -> dict[str, Any]:
        """The last message of the import process. Raises Refusal where that is an error, or missing."""
        words = command(
            "glassnet.engine.files.image_import",
            str(source),
            str(target),
            *(f"--{name}={value}" for name, value in vars(form).items()),
            memory=self._settings.import_memory,
            seconds=self._settings.import_seconds,
        )
        process = await asyncio.create_subprocess_exec(
            *words, env=environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
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
        if "failed" in said:
            raise Refusal(507, said["failed"])
        if "error" in said:
            choices = {name: said[name] for name in ("choices", "poolable") if name in said}
            raise Refusal(422, said["error"], title="Invalid pictures", **choices)
        if process.returncode != 0 or "names" not in said:
            raise Refusal(
                422, "the pictures took more memory or time than allowed; expected fewer or smaller"
            )
        return said


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(PIECE):
            yield piece
