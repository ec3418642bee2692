"""A run's directory as the service uses it: in threads, one at a time, and written only between sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from glassnet.app.core.problems import Refusal
from glassnet.app.runs import repair as repairs
from glassnet.app.runs.inspection import UNREADABLE
from glassnet.app.runs.record import RecordWriter, RunRecord
from glassnet.engine.errors import PluginMissing, StorageError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files import untrusted
from glassnet.engine.run.directory import RunDirectory

T = TypeVar("T")


class RunFiles:
    """The directory of one run."""

    def __init__(self, directory: RunDirectory, is_served: Callable[[], bool]) -> None:
        """`is_served`: whether a session has the directory or is about to, and is its only writer."""
        self.directory = directory
        self.records = RecordWriter(directory.path)
        self._is_served = is_served
        self._experiment: Experiment | None = None
        self._turn = asyncio.Lock()

    async def experiment(self) -> Experiment:
        """The experiment with all edits so far. Raises Refusal where it cannot be read."""
        if self._experiment is None:
            self._experiment = await self.read(lambda directory: directory.experiment())
        return self._experiment

    def edited(self, experiment: Experiment | None) -> None:
        """Note what an edit made of the experiment; None where that is to be read anew."""
        self._experiment = experiment

    async def read(self, reading: Callable[[RunDirectory], T]) -> T:
        """What is read of the directory. Raises Refusal where the run is damaged, StorageError."""
        async with self._turn:
            try:
                return await asyncio.to_thread(reading, self.directory)
            except StorageError:
                raise
            except PluginMissing as error:
                raise Refusal(409, str(error), title="Plug-in missing") from None
            except UNREADABLE as error:
                if isinstance(error, OSError) and error.errno not in untrusted.OF_THE_FILE:
                    raise
                raise Refusal(409, f"the run is damaged: {error}", title="Damaged run") from None

    async def write(self, writing: Callable[[RunDirectory], None]) -> bool:
        """Write to the directory, unless a session does; whether it was written. Raises StorageError."""
        async with self._turn:
            if self._is_served():
                return False
            await asyncio.to_thread(writing, self.directory)
            return True

    async def written(self) -> None:
        """Wait until nothing is being written here: a session is to begin."""
        async with self._turn:
            pass

    async def repair(self, record: RunRecord) -> tuple[RunRecord, list[str]]:
        """Make a run of what is left of it: its record, and what was done. Raises Refusal, StorageError."""
        async with self._turn:
            repair = repairs.Repair(self.directory.path)
            mended = await asyncio.to_thread(repair.run, record)
            self.directory = RunDirectory(self.directory.path, mended.id)
            self._experiment = None
        return mended, repair.done
