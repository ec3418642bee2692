"""Workers: the processes in which sessions and studies run.

Each run's session is a separate process, and so is the runner of its studies. The hub and the runs use
nothing of processes but the WorkerHandle below, so that other kinds of workers (another machine, Ray) can
be added.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode


@dataclass(frozen=True, slots=True)
class Text:
    """A message of a session: an ack, an error or a status."""

    message: dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """A frame of a session, with the facts that the hub needs, so that it never parses the bytes."""

    key: str
    probe: str
    data: bytes
    scalar: bool
    #: Scalars: the number of the first row. Pictures: the frame's number.
    first: int
    #: Scalars: how many rows. Pictures: 1.
    count: int
    #: The time at which it was made, on the machine's monotonic clock.
    made: float

    @property
    def next(self) -> int:
        """The number after this frame's last."""
        return self.first + self.count

    @cached_property
    def wire(self) -> bytes:
        """The WebSocket encoding of the frame (RFC 6455, section 5.2), made once for all viewers."""
        return WebSocketFrame(Opcode.BINARY, self.data).serialize(mask=False)


Incoming = Text | Frame


@dataclass(frozen=True)
class Assignment:
    """The task of a worker, and its limits."""

    #: The run directory of the session that it hosts; None: it runs studies, or answers questions.
    directory: Path | None = None
    #: The sort of questions that it answers (see answerer.py); None: it runs a session or studies.
    answers: str | None = None
    #: The folder of blobs.
    blobs: Path | None = None
    #: "cpu", "cuda", or "auto": decided in the worker, as the server must not initialise CUDA.
    device: str = "auto"
    #: The number of the slot that it has: where a machine has several cards, workers take them in turn.
    slot: int = 0
    #: torch's threads, fixed for the worker's lifetime.
    threads: int = 1
    #: The most bytes that the worker may allocate (None: no limit).
    memory: int | None = None
    #: The largest network: parameters, and activations of a batch (None: limited by memory).
    parameters: int | None = None
    activations: int | None = None


class WorkerHandle(Protocol):
    """The handle of a running worker, with a session or a runner of studies."""

    def send(self, message: dict[str, Any]) -> None:
        """Send a command. Raises WorkerGone where the worker has ended."""

    def incoming(self) -> AsyncIterator[Incoming]:
        """The messages and frames of the worker, until its link closes. For one reader, once."""

    async def stop(self) -> None:
        """Ask the worker to write a snapshot and end, kill it if it does not; returns when it has ended."""

    async def kill(self) -> None:
        """Kill the worker; returns when it has ended."""

    @property
    def ending(self) -> str:
        """A description of how the worker ended; empty while it runs, or where it ended on request."""


class Workers(Protocol):
    """A source of workers."""

    async def warm(self) -> None:
        """Prepare what every worker needs."""

    async def start(self, assignment: Assignment) -> WorkerHandle:
        """A new worker. Raises WorkerGone where it cannot be started."""

    async def halt(self) -> None:
        """Start no more workers, and abandon those that are being started."""

    async def close(self) -> None:
        """End all remaining workers."""


class WorkerGone(Exception):
    """The worker has ended, or could not be started."""
