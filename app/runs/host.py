"""A run as its parts see it: its viewers, edits and studies, and what it does when nobody watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs.replies import Answer
from glassnet.app.runs.session_link import SessionHost, SessionLink
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import Command
from glassnet.engine.run.directory import RunDirectory

T = TypeVar("T")


class Host(SessionHost, Protocol):
    """What a part of a run may ask of it; `run.py` has the whole, and imports its parts."""

    @property
    def hub(self) -> Hub: ...

    @property
    def session(self) -> SessionLink: ...

    @property
    def revision(self) -> int: ...

    @property
    def attended(self) -> bool:
        """Whether a session is there to be asked."""

    def info(self) -> dict[str, Any]:
        """What lists of runs show."""

    def status(self) -> dict[str, Any]:
        """How it stands, for viewers."""

    async def experiment(self) -> Experiment:
        """The experiment with all edits so far."""

    async def document(self) -> dict[str, Any] | None:
        """The experiment as a document; None where the run is damaged and it cannot be read."""

    async def read(self, reading: Callable[[RunDirectory], T]) -> T:
        """Something of the run directory, read in a thread, one at a time."""

    async def write(self, writing: Callable[[RunDirectory], None]) -> bool:
        """Write to the run directory, unless a session does; whether it was written."""

    def edited(self, experiment: Experiment, revision: int) -> None:
        """Note what an edit made of the experiment."""

    def introduce(self, viewer: Viewer) -> None:
        """Show a new viewer what there is of studies."""

    async def submit(self, command: Command, viewer: Viewer | None = None) -> Answer:
        """Hand a command over; what is returned becomes its ack. Raises Refusal, as the answer may."""
