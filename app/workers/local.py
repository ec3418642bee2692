"""Workers on this machine: processes forked from a fork server that has imported torch."""

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
from glassnet.app.workers.orphans import WorkerRegistry
from glassnet.app.workers.process import main

log = logging.getLogger(__name__)

#: Seconds for a snapshot, then for the reaction to SIGTERM.
SNAPSHOT_SECONDS, TERM_SECONDS = 5.0, 2.0

#: The attempts to start a process, and seconds between two attempts, or between two polls for it.
TRIES, TRY_EVERY = 10, 0.1

#: The likely cause of an unexpected signal.
HINTS = {
    "SIGKILL": "; the machine may have run out of memory",
    "SIGILL": "; this processor may lack an instruction that torch uses",
}

#: Bytes of unread commands beyond which a worker counts as stuck.
MOST_UNREAD = 4 << 20


class LocalWorker:
    """The handle of a worker process, connected by a socket pair."""

    def __init__(
        self,
        child: Child,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        registry: WorkerRegistry,
    ) -> None:
        self._child, self._reader, self._writer, self._registry = child, reader, writer, registry
        self._gone = asyncio.Event()
        self._asked, self.ending = False, ""

    @property
    def gone(self) -> bool:
        """Whether the process is known to have ended."""
        return self._gone.is_set()

    @property
    def pid(self) -> int:
        """The process id, for logs and tests."""
        return self._child.pid

    def send(self, message: dict[str, Any]) -> None:
        """Send a command."""
        transport = self._writer.transport
        if self._asked:
            raise WorkerGone("the worker is to end")
        if transport.is_closing() or transport.get_write_buffer_size() > MOST_UNREAD:
            raise WorkerGone("the worker reads no commands any more")
        self._writer.write(pack_text(message))

    async def incoming(self) -> AsyncIterator[Incoming]:
        """The worker's messages, until the link closes; then the process is reaped."""
        try:
            while (message := await receive(self._reader)) is not None:
                yield message
        finally:
            self._writer.close()
            await self._reap()

    async def stop(self) -> None:
        """Close the link, which leaves a snapshot; then send TERM, then KILL."""
        self._asked = True
        if self._writer.can_write_eof() and not self._writer.transport.is_closing():
            self._writer.write_eof()
        if not await self._child_ended(SNAPSHOT_SECONDS):
            self._child.signal(signal.SIGTERM)
            if not await self._child_ended(TERM_SECONDS):
                await self.kill()

    async def kill(self) -> None:
        """Send KILL, and wait for the end of the process."""
        self._child.signal(signal.SIGKILL)
        await self._gone.wait()

    async def _child_ended(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True

    async def _reap(self) -> None:
        """Wait for the end of the process after its link has closed; kill it where it does not end."""
        if not await self._child.ended(TERM_SECONDS):
            self._child.signal(signal.SIGKILL)
            await self._child.ended(TERM_SECONDS)
        code = await asyncio.to_thread(self._child.code)
        if not self._asked:
            self.ending = _in_words(code)
        self._child.close()
        self._registry.remove(self._child.pid)
        self._gone.set()


class LocalWorkers:
    """The source of worker processes: forked where that is safe, else spawned, with one kept in reserve."""

    def __init__(self, data: Path, *, forked: bool = sys.platform == "linux") -> None:
        self._context = _context(forked)
        self._registry = WorkerRegistry(data / "workers")
        self._starting = asyncio.Lock()
        self._living: set[LocalWorker] = set()
        #: Processes that threads wait for, and whether they must stop waiting.
        self._coming: set[BaseProcess] = set()
        self._halted = False
        #: The reserve where workers are spawned: one that has imported torch and waits for an assignment.
        self._spare: LocalWorker | None = None
        self.started = 0

    async def warm(self) -> None:
        """Kill the workers that an earlier server left, and import torch in the fork server."""
        for pid in await asyncio.to_thread(self._registry.kill_orphans):
            log.warning("ended an orphaned worker", extra={"worker": pid})
        if isinstance(self._context, ForkServerContext):
            await self._warm_fork_server(self._context)
        else:
            self._spare = await self._launch()

    async def _warm_fork_server(self, context: ForkServerContext) -> None:
        """Import torch in the fork server, in another one where it is killed meanwhile."""
        for attempt in range(TRIES):
            try:
                await asyncio.to_thread(self._run_nothing, context)
            except (EOFError, OSError):
                if attempt == TRIES - 1 and not self._halted:
                    raise
            else:
                return
            await asyncio.sleep(TRY_EVERY)
            if self._halted:
                return

    async def start(self, assignment: Assignment) -> WorkerHandle:
        """A new worker process with the assignment."""
        async with self._starting:
            worker, self._spare = self._spare or await self._launch(), None
            worker.send({"type": "assignment", **_plain(assignment)})
            if isinstance(self._context, SpawnContext):
                self._spare = await self._launch()
        self.started += 1
        return worker

    async def _launch(self) -> LocalWorker:
        """A new worker process without an assignment.

        A fork server that was killed is replaced by an attempt that finds it dead; while it is dying, it
        neither responds nor is it gone, hence several attempts.
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
            self._registry.add(child.pid)
            reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 20)
        except BaseException as error:
            ours.close()  # a process that was started ends with its link
            if isinstance(error, OSError | EOFError):
                raise WorkerGone(f"no worker process could be started: {error}") from error
            raise
        worker = LocalWorker(child, reader, writer, self._registry)
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
        """Start a process. Raises EOFError or OSError where the fork server ends before."""
        self._coming.add(process)
        try:
            if self._halted:
                raise EOFError("the server ends")
            process.start()
        finally:
            self._coming.discard(process)

    async def halt(self) -> None:
        """Start no more workers, and abandon those that are being started.

        A fork server responds when it has imported everything, and a thread that waits for it would delay the
        exit.
        """
        self._halted = True
        while self._coming:
            _kill_fork_server()
            await asyncio.sleep(TRY_EVERY)

    async def close(self) -> None:
        """Kill all remaining workers, concurrently."""
        left = [worker.stop() for worker in self._living if not worker.gone]
        if self._spare is not None:
            left.append(_discard(self._spare))  # its messages are not read yet
        await asyncio.gather(*left)


def _context(forked: bool) -> ForkServerContext | SpawnContext:
    """The start method: fork server on Linux; on macOS forked processes may not use system frameworks."""
    if not forked:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["glassnet.app.workers.preload"])
    return context


def _plain(assignment: Assignment) -> dict[str, Any]:
    """An assignment as JSON values."""
    return {
        name: str(value) if isinstance(value, Path) else value for name, value in asdict(assignment).items()
    }


async def _discard(worker: LocalWorker) -> None:
    async for _ in worker.incoming():
        pass


def _nothing() -> None:
    """The function of the first child, which starts when the fork server has imported everything."""


def _kill_fork_server() -> None:
    """Kill the fork server: multiprocessing closes a pipe, which a server that is importing does not read."""
    pid: int | None = vars(forkserver)["_forkserver"]._forkserver_pid
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _in_words(code: int | None) -> str:
    """The description of an unexpected exit."""
    if code is None:
        return "the worker process ended, and its exit code is not known"
    if code < 0:
        name = signal.Signals(-code).name
        return f"the worker process was ended by {name}{HINTS.get(name, '')}"
    return f"the worker process ended with code {code}"
