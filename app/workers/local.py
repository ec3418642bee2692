"""Workers on this machine: processes forked from a server that has torch imported already."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from glassnet.app.workers import Assignment, Incoming, WorkerGone, WorkerHandle
from glassnet.app.workers.child import Child
from glassnet.app.workers.link import pack_text, receive
from glassnet.app.workers.orphans import Roll
from glassnet.app.workers.process import main

log = logging.getLogger(__name__)

#: Seconds for a snapshot, then for an answer to TERM.
SNAPSHOT_SECONDS, TERM_SECONDS = 5.0, 2.0

#: How often a process is asked for, and seconds between two tries, or between two looks whether it came.
TRIES, TRY_EVERY = 10, 0.1

#: Commands that a worker has not read; beyond, it is stuck.
MOST_UNREAD = 4 << 20


class LocalWorker:
    """A worker process at the other end of a socket pair."""

    def __init__(
        self, child: Child, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, roll: Roll
    ) -> None:
        self._child, self._reader, self._writer, self._roll = child, reader, writer, roll
        self._gone = asyncio.Event()
        self._asked, self.ending = False, ""

    @property
    def gone(self) -> bool:
        """Whether the process has been seen to end."""
        return self._gone.is_set()

    @property
    def pid(self) -> int:
        """The process number, for logs and tests."""
        return self._child.pid

    def send(self, message: dict[str, Any]) -> None:
        """Hand over a command."""
        transport = self._writer.transport
        if self._asked:
            raise WorkerGone("the worker is to end")
        if transport.is_closing() or transport.get_write_buffer_size() > MOST_UNREAD:
            raise WorkerGone("the worker reads no commands any more")
        self._writer.write(pack_text(message))

    async def incoming(self) -> AsyncIterator[Incoming]:
        """What the session says, until the link closes; then the process is seen to its end."""
        try:
            while (message := await receive(self._reader)) is not None:
                yield message
        finally:
            self._writer.close()
            await self._bury()

    async def stop(self) -> None:
        """End of the link first, which leaves a snapshot; then TERM, then KILL."""
        self._asked = True
        if self._writer.can_write_eof() and not self._writer.transport.is_closing():
            self._writer.write_eof()
        if not await self._child_ended(SNAPSHOT_SECONDS):
            self._child.signal(signal.SIGTERM)
            if not await self._child_ended(TERM_SECONDS):
                await self.kill()

    async def kill(self) -> None:
        """KILL cannot be refused, but a stopped process must be seen to end, too."""
        self._child.signal(signal.SIGKILL)
        await self._gone.wait()

    async def _child_ended(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True

    async def _bury(self) -> None:
        """The link has closed: nothing of the process may remain."""
        if not await self._child.ended(TERM_SECONDS):
            self._child.signal(signal.SIGKILL)
            await self._child.ended(TERM_SECONDS)
        code = await asyncio.to_thread(self._child.code)
        if not self._asked:
            self.ending = _in_words(code)
        self._child.close()
        self._roll.strike(self._child.pid)
        self._gone.set()


class LocalWorkers:
    """Starts worker processes: forked where that is safe, else spawned, with one kept warm."""

    def __init__(self, data: Path, *, forked: bool = sys.platform == "linux") -> None:
        self._context = _context(forked)
        self._roll = Roll(data / "workers")
        self._starting = asyncio.Lock()
        self._living: set[LocalWorker] = set()
        #: Processes that threads wait for, and whether they are to wait for none any more.
        self._coming: set[BaseProcess] = set()
        self._halted = False
        #: Where workers are spawned: one that has imported torch and waits for an assignment.
        self._spare: LocalWorker | None = None
        self.started = 0

    async def warm(self) -> None:
        """Sweep what an earlier server left, and import torch where workers come from."""
        for pid in await asyncio.to_thread(self._roll.sweep):
            log.warning("ended an orphaned worker", extra={"worker": pid})
        if isinstance(self._context, ForkServerContext):
            try:
                await asyncio.to_thread(self._run_nothing, self._context)
            except (EOFError, OSError):
                if not self._halted:
                    raise
        else:
            self._spare = await self._launch()

    async def start(self, assignment: Assignment) -> WorkerHandle:
        """A new process with the assignment's session."""
        async with self._starting:
            worker, self._spare = self._spare or await self._launch(), None
            worker.send({"type": "assignment", **_plain(assignment)})
            if isinstance(self._context, SpawnContext):
                self._spare = await self._launch()
        self.started += 1
        return worker

    async def _launch(self) -> LocalWorker:
        """A process at the other end of a link.

        A fork server that was killed is replaced by a try that finds it dead; while it dies, it neither
        answers nor is it gone.
        """
        for _ in range(TRIES - 1):
            try:
                return await self._launch_once()
            except WorkerGone as error:
                if self._halted:
                    raise
                log.warning("%s; trying again", error)
                await asyncio.sleep(TRY_EVERY)
        return await self._launch_once()

    async def _launch_once(self) -> LocalWorker:
        ours, theirs = socket.socketpair()
        try:
            child = Child(await asyncio.to_thread(self._process, theirs))
            self._roll.enter(child.pid)
            reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 20)
        except BaseException as error:
            ours.close()  # whatever was started ends with its link
            if isinstance(error, OSError | EOFError):
                raise WorkerGone(f"no worker process could be started: {error}") from error
            raise
        worker = LocalWorker(child, reader, writer, self._roll)
        self._living = {one for one in self._living if not one.gone} | {worker}
        return worker

    def _process(self, theirs: socket.socket) -> BaseProcess:
        with theirs:
            process = self._context.Process(target=main, args=(theirs,), daemon=True)
            self._begin(process)
        return process

    def _run_nothing(self, context: ForkServerContext) -> None:
        process = context.Process(target=_nothing, daemon=True)
        self._begin(process)
        process.join()

    def _begin(self, process: BaseProcess) -> None:
        """Start a process. Raises EOFError or OSError where the fork server ends before it has."""
        self._coming.add(process)
        try:
            if self._halted:
                raise EOFError("the server ends")
            process.start()
        finally:
            self._coming.discard(process)

    async def halt(self) -> None:
        """Start no more, and give up what is on its way.

        A fork server answers when it has imported everything, and a thread that waits for it would be waited
        for at exit.
        """
        self._halted = True
        while self._coming:
            _kill_fork_server()
            await asyncio.sleep(TRY_EVERY)

    async def close(self) -> None:
        """End all workers that are left, at once."""
        left = [worker.stop() for worker in self._living if not worker.gone]
        if self._spare is not None:
            left.append(_discard(self._spare))  # nobody listens to it yet
        await asyncio.gather(*left)


def _context(forked: bool) -> ForkServerContext | SpawnContext:
    """Fork server on Linux; on macOS forked processes may not use the system's frameworks."""
    if not forked:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["glassnet.app.workers.preload"])
    return context


def _plain(assignment: Assignment) -> dict[str, Any]:
    """An assignment as JSON has it."""
    return {
        name: str(value) if isinstance(value, Path) else value for name, value in asdict(assignment).items()
    }


async def _discard(worker: LocalWorker) -> None:
    async for _ in worker.incoming():
        pass


def _nothing() -> None:
    """What the first child does: it is there when the fork server has imported everything."""


def _kill_fork_server() -> None:
    """Multiprocessing ends its fork server by closing a pipe, which one that imports does not look at."""
    pid: int | None = vars(forkserver)["_forkserver"]._forkserver_pid
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _in_words(code: int | None) -> str:
    """An exit nobody asked for."""
    if code is None:
        return "the worker process ended, and nobody saw how"
    if code < 0:
        name = signal.Signals(-code).name
        hint = "; the machine may have run out of memory" if -code == signal.SIGKILL else ""
        return f"the worker process was ended by {name}{hint}"
    return f"the worker process ended with code {code}"
