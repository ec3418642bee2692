"""The interface of a run to its session link."""

from __future__ import annotations

from typing import Any, Protocol

from glassnet.app.core.problems import Refusal
from glassnet.app.runs.record import RunRecord
from glassnet.app.runs.run_files import RunFiles
from glassnet.app.runs.service import Service
from glassnet.app.runs.slots import Tenant
from glassnet.app.runs.states import State
from glassnet.app.workers import Frame
from glassnet.engine.run.directory import RunDirectory

#: A text message of a session.
Message = dict[str, Any]


class SessionHost(Tenant, Protocol):
    """The part of Run that SessionLink uses; run.py has the whole."""

    record: RunRecord
    #: Whether it was deleted.
    deleted: bool

    @property
    def service(self) -> Service: ...

    @property
    def directory(self) -> RunDirectory: ...

    @property
    def id(self) -> str: ...

    @property
    def state(self) -> State: ...

    def enter(self, state: State, reason: dict[str, Any] | None = None) -> None:
        """Change the state, in the record and for all viewers."""

    @property
    def files(self) -> RunFiles:
        """Its directory, for reading, and for writing between sessions."""

    @property
    def speed(self) -> float | None:
        """The greatest number of steps a second; None for as many as possible."""

    def opened(self) -> None:
        """There is a session that answers."""

    def closed(self) -> None:
        """The session has ended, or is ending."""

    def parked(self) -> None:
        """The snapshot of a parked session is written."""

    def answered(self) -> None:
        """The session has answered a command or sent a status."""

    def refused(self, kind: str, refusal: Refusal) -> None:
        """A command that was answered `queued` is refused."""

    def take_status(self, message: Message, state: State | None) -> None:
        """Take a status of the session; `state` is None where its state is not the run's."""

    def receive_frame(self, frame: Frame) -> None:
        """Take a frame of the session."""

    def receive_message(self, message: Message) -> None:
        """Take any other message of the session."""
