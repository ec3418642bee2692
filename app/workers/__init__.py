"""Where sessions and studies run.

A run is a session in a process of its own, and so is the runner of its studies. The hub and the runs
know nothing of processes: only the WorkerHandle below, so that other places (another machine, Ray) can
follow.
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
    """A message of a session: an ack, an error, a status."""

    message: dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """A frame of a session, with what the hub needs to know, so that it never parses the bytes."""

    key: str
    probe: str
    data: bytes
    scalar: bool
    #: Scalars: the number of the first row. Pictures: the frame's number.
    first: int
    #: Scalars: how many rows. Pictures: 1.
    count: int
    #: When it was made, on the machine's monotonic clock.
    made: float

    @property
    def next(self) -> int:
        """The number that follows this frame's last."""
        return self.first + self.count

    @cached_property
    def wire(self) -> bytes:
        """The frame as a WebSocket carries it (RFC 6455, section 5.2), made once for all viewers."""
        return WebSocketFrame(Opcode.BINARY, self.data).serialize(mask=False)


Incoming = Text | Frame


@dataclass(frozen=True)
class Assignment:
    """What a worker is to do, and with how much."""

    #: The run directory of the session that it hosts; None: it runs studies.
    directory: Path | None = None
    #: Where own data and pictures lie.
    blobs: Path | None = None
    #: "cpu", "cuda", or "auto": decided in the worker, as nobody else may touch CUDA.
    device: str = "auto"
    #: torch's threads, fixed for the worker's life.
    threads: int = 1
    #: Bytes that the worker may allocate (None: as many as there are).
    memory: int | None = None
    #: The greatest network: parameters, and numbers that a batch's forward pass leaves (None: by memory).
    parameters: int | None = None
    activations: int | None = None


class WorkerHandle(Protocol):
    """A session or a runner of studies at work, somewhere."""

    def send(self, message: dict[str, Any]) -> None:
        """Hand over a command. Raises WorkerGone where nobody takes it any more."""

    def incoming(self) -> AsyncIterator[Incoming]:
        """What the session says, until its link closes. To be read by one reader, once."""

    async def stop(self) -> None:
        """Let it write a snapshot and end; make it end where it does not. Returns when it has."""

    async def kill(self) -> None:
        """End it now. Returns when it has ended."""

    @property
    def ending(self) -> str:
        """How it ended, in words; empty while it has not, or where it ended as asked."""


class Workers(Protocol):
    """Who starts workers."""

    async def warm(self) -> None:
        """Do beforehand what every worker needs."""

    async def start(self, assignment: Assignment) -> WorkerHandle:
        """A new worker. Raises WorkerGone where none could be started."""

    async def halt(self) -> None:
        """Start no more, and give up what is on its way."""

    async def close(self) -> None:
        """End what is left."""


class WorkerGone(Exception):
    """The worker has ended, or never began."""
