"""The interface of a run to its parts: viewers, edits, studies, command handler."""

from __future__ import annotations

from typing import Any, Protocol

from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs.replies import Answer
from glassnet.app.runs.session_host import SessionHost
from glassnet.app.runs.session_link import SessionLink
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import Command


class Host(SessionHost, Protocol):
    """The part of Run that its parts use; run.py imports them, so that they cannot import it."""

    @property
    def hub(self) -> Hub: ...

    @property
    def session(self) -> SessionLink: ...

    @property
    def revision(self) -> int: ...

    @property
    def attended(self) -> bool:
        """Whether a viewer with control is connected."""

    @property
    def has_session(self) -> bool:
        """Whether there is a session that answers."""

    def info(self) -> dict[str, Any]:
        """The entry in lists of runs."""

    def status(self) -> dict[str, Any]:
        """The status message for viewers."""

    async def document(self) -> dict[str, Any] | None:
        """The experiment as a document; None where the run is damaged and has none that can be read."""

    def edited(self, before: Experiment, after: Experiment, revision: int) -> None:
        """Record an edited experiment."""

    def write_record(self) -> None:
        """Write the record, now or when the disk takes it."""

    def take_possession(self) -> None:
        """Note that a user has made the run their own: it is no example any more."""

    def introduce(self, viewer: Viewer) -> None:
        """Send a new viewer the state of all studies."""

    def set_speed(self, steps_per_second: float | None) -> None:
        """Record the speed, of this session and the next."""

    async def repair(self) -> list[str]:
        """Repair the run; one line for each change. Raises Refusal."""

    async def stop(self) -> None:
        """Stop the run with a snapshot, and release its worker. Raises Refusal."""

    async def submit(self, command: Command, viewer: Viewer | None = None) -> Answer:
        """A future for the ack of a command. Raises Refusal, as the future may."""
