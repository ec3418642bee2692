"""A run as its session link sees it: what it is told of the session, and what the link asks of it."""

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
    """A run, as far as its session is concerned."""

    record: RunRecord
    #: Whether it was deleted.
    gone: bool

    @property
    def service(self) -> Service: ...

    @property
    def directory(self) -> RunDirectory: ...

    @property
    def id(self) -> str: ...

    @property
    def state(self) -> State: ...

    def enter(self, state: State, reason: dict[str, Any] | None = None) -> None:
        """Change the state, for all who look at it."""

    @property
    def files(self) -> RunFiles:
        """Its directory, for reading, and for writing between sessions."""

    @property
    def speed(self) -> float | None:
        """How many steps a second the session is to take; None for as many as possible."""

    def opened(self) -> None:
        """A session is there."""

    def closed(self) -> None:
        """The session has gone, or will go."""

    def parked(self) -> None:
        """The session has left its snapshot."""

    def answered(self) -> None:
        """The session has done something."""

    def refused(self, kind: str, refusal: Refusal) -> None:
        """A command that was answered `queued` cannot be carried out."""

    def take_status(self, message: Message, state: State | None) -> None:
        """The session says how it stands; `state` is None where that does not count."""

    def show(self, frame: Frame) -> None:
        """A frame of the session."""

    def hear(self, message: Message) -> None:
        """Other words of the session."""
