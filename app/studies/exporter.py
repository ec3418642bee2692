"""Exporter: files made of runs, by a worker: ONNX, state dicts, and scripts with weights beside them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from glassnet.app.core.problems import Refusal
from glassnet.app.studies.answering import AnsweringWorker
from glassnet.app.studies.job import Subject
from glassnet.app.studies.runner import Resources
from glassnet.engine.experiment.experiment import Experiment

#: Seconds that a file may take: the exporter of torch needs about a tenth of a second a node.
MOST_SECONDS = 300.0

PIECE = 1 << 20


@dataclass
class MadeFile:
    """A file that has no name any more: it is gone when it is closed, whatever happens."""

    file: BinaryIO
    size: int
    step: int

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes of the file, once."""
        try:
            while piece := await asyncio.to_thread(self.file.read, PIECE):
                yield piece
        finally:
            self.file.close()


class Exporter:
    """The exporter of a server; one file at a time is made."""

    def __init__(self, service: Resources) -> None:
        self._worker = AnsweringWorker(service, "export", "the file")
        self._folder = (service.settings.data_dir / "uploads").resolve()

    async def made(self, subject: Subject, form: str) -> MadeFile:
        """The file of a subject in a format. Raises Refusal where the network cannot be written so."""
        named, release = subject
        try:
            return await self._made({"subject": named, "format": form})
        finally:
            release()

    async def script(self, experiment: Experiment, stem: str) -> MadeFile:
        """An archive of an experiment's script, called `stem`.py, and of the files that it reads."""
        return await self._made({"experiment": experiment.document(), "format": "python", "stem": stem})

    async def _made(self, question: dict[str, Any]) -> MadeFile:
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            target = Path(folder, "made")
            answer = await self._worker.answer({**question, "target": str(target)}, MOST_SECONDS)
            if "refused" in answer:
                raise Refusal(409, answer["refused"])
            return await asyncio.to_thread(_opened, target, answer.get("step", 0))


def _opened(path: Path, step: int) -> MadeFile:
    return MadeFile(path.open("rb"), path.stat().st_size, step)
