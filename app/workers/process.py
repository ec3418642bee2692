"""The worker process: a session, a runner of studies, or a maker of figures or files; no threads.

The worker ends when the link closes, a session after writing a snapshot. An error in here ends this run, or
these studies, figures or files, with a reason, and nothing else.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import torch

from glassnet.app.workers import Assignment, Text
from glassnet.app.workers.figure_maker import FigureMaker
from glassnet.app.workers.file_maker import FileMaker
from glassnet.app.workers.link import PREFIX, Inbox, Outbox, unpack
from glassnet.engine.catalog import plugins
from glassnet.engine.errors import GlassnetError, InvalidDocument
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.limits import Limits
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.run.study_runner import StudyRunner
from glassnet.engine.training.device import use_card
from glassnet.engine.training.device_errors import has_lost_device
from glassnet.engine.training.out_of_memory import is_out_of_memory

log = logging.getLogger(__name__)

#: The niceness of workers, so that the web process stays responsive however many workers compute.
NICENESS = 5

#: Seconds for sending the last messages.
LAST_WORDS = 3.0


class Workload(Protocol):
    """The workload of a worker: a session, a runner of studies, or a maker of figures or files."""

    @property
    def device(self) -> str:
        """The device that it computes on."""

    def handle(self, message: dict[str, Any]) -> None:
        """Handle a message."""

    def advance(self) -> float | None:
        """Do a slice of work; returns seconds until the next, None to wait for a message."""

    def close(self) -> None:
        """Write the final state."""


def main(link: socket.socket) -> None:
    """Receive the assignment, and work on it until the link closes or a signal arrives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the server decides
    assignment = _assignment(link)
    if assignment is not None:
        link.setblocking(False)
        _run(link, assignment)
    link.close()
    # Without the interpreter's cleanup, which may be out of memory.
    logging.shutdown()
    os._exit(0)


def _run(link: socket.socket, assignment: Assignment) -> None:
    outbox, directory = Outbox(link), assignment.directory
    with _terminated() as wakeup:
        try:
            _prepare(assignment)
            workload = _workload(outbox, assignment)
            outbox.text({"type": "ready", "device": workload.device, "threads": assignment.threads})
            _work(workload, link, outbox, wakeup)
            workload.close()
        except Exception as error:
            # Any error ends this run and no other.
            if directory is not None and not directory.exists():
                return  # the run was deleted meanwhile
            log.exception("the worker failed", extra={"run": directory.name} if directory else {})
            reason = _reason(error)
            with suppress(GlassnetError, OSError):
                if directory is not None:
                    journal = RunDirectory.open(directory)
                    journal.append_event({"type": "state", "state": "failed", "reason": reason})
            outbox.text({"type": "failed", "reason": reason})
        with suppress(OSError):
            outbox.drain(LAST_WORDS)


def _assignment(link: socket.socket) -> Assignment | None:
    """The first message; None where the link closes before."""
    link.setblocking(True)
    head = _read(link, PREFIX.size)
    if head is None:
        return None
    length, kind = PREFIX.unpack(head)
    body = _read(link, length)
    message = None if body is None else unpack(kind, body)
    if not isinstance(message, Text):
        return None
    fields = {name: value for name, value in message.message.items() if name != "type"}
    paths = {name: Path(fields[name]) for name in ("directory", "blobs") if fields[name] is not None}
    return Assignment(**{**fields, **paths})


def _read(link: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        chunk = link.recv(size - len(data))
        if not chunk:
            return None
        data += chunk
    return data


def _workload(outbox: Outbox, assignment: Assignment) -> Workload:
    if assignment.answers == "figure":
        return FigureMaker(outbox)
    if assignment.answers == "export":
        return FileMaker(outbox, assignment.blobs)
    return _study_runner(outbox, assignment) if assignment.directory is None else _session(outbox, assignment)


def _session(outbox: Outbox, assignment: Assignment) -> Session:
    assert assignment.directory is not None
    return Session(
        RunDirectory.open(assignment.directory),
        outbox,
        device=_device(assignment),
        go_on=True,
        limits=_limits(assignment),
        blobs=Blobs(assignment.blobs),
    )


def _study_runner(outbox: Outbox, assignment: Assignment) -> StudyRunner:
    blobs = Blobs(assignment.blobs)
    return StudyRunner(outbox, device=_device(assignment), limits=_limits(assignment), blobs=blobs)


def _device(assignment: Assignment) -> str:
    if assignment.device == "cpu":
        return "cpu"
    use_card(assignment.slot)  # first: whether there is a card is asked of CUDA, which then sees no others
    return "cuda" if assignment.device == "cuda" or torch.cuda.is_available() else "cpu"


def _limits(assignment: Assignment) -> Limits:
    return Limits(assignment.parameters, assignment.activations)


def _work(workload: Workload, link: socket.socket, outbox: Outbox, wakeup: socket.socket) -> None:
    """Advance, write and read, until the link closes or a signal arrives."""
    inbox = Inbox(link)
    poller = select.poll()
    poller.register(wakeup, select.POLLIN)
    while not inbox.closed:
        wait = workload.advance()
        try:
            outbox.flush()
        except ConnectionError:
            return
        poller.register(link, select.POLLIN | (select.POLLOUT if outbox.pending else 0))
        ready = dict(poller.poll(None if wait is None else wait * 1000))
        if wakeup.fileno() in ready:
            return
        if link.fileno() in ready:
            for message in inbox.receive():
                _hand_over(workload, message, outbox)


def _hand_over(workload: Workload, message: dict[str, Any], outbox: Outbox) -> None:
    if message.get("type") == "ping":
        outbox.text({"type": "pong"})
    else:
        workload.handle(message)


@contextmanager
def _terminated() -> Iterator[socket.socket]:
    """A socket that becomes readable at SIGTERM, so that no step is interrupted halfway."""
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    previous = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda number, stack: None)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(previous)
        reading.close()
        writing.close()


def _prepare(assignment: Assignment) -> None:
    plugins.load(quiet=True)  # where this process was not forked from one that has them
    torch.set_num_threads(assignment.threads)
    os.nice(NICENESS)
    if assignment.memory is not None:
        _limit_memory(assignment.memory)


def _limit_memory(size: int) -> None:
    """Limit this process's memory, so that over-allocation is an error here, not an out-of-memory kill.

    RLIMIT_DATA counts private writable memory; RLIMIT_AS would count address space that CUDA only reserves.
    """
    try:
        import resource
    except ImportError:
        return  # Windows
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _reason(error: Exception) -> dict[str, Any]:
    """The reason of a failure for users: title and detail."""
    said = str(error).split("\n", 1)[0]
    if is_out_of_memory(error):
        return {
            "title": "Out of memory",
            "detail": said or "the worker may not allocate as much as it wanted",
        }
    if has_lost_device(error):
        return {"title": "The device failed", "detail": f"{said}; only another process can use it again"}
    if isinstance(error, RuntimeError) and "deterministic implementation" in said:
        detail = f"{said.partition(',')[0]} on this device; expected training.deterministic to be off"
        return {"title": "The experiment cannot be trained", "detail": detail}
    if isinstance(error, InvalidDocument):
        return {"title": "The experiment cannot be trained", "detail": said}
    if isinstance(error, GlassnetError | OSError):
        return {"title": "The run could not go on", "detail": said}
    return {"title": "An error in Glassnet", "detail": f"{type(error).__name__}: {said}"}
