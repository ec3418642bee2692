"""A run as its parts see it: its viewers, edits and studies, and what it does when nobody watches."""

from __future__ import annotations

from typing import Any, Protocol

from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs.replies import Answer
from glassnet.app.runs.session_host import SessionHost
from glassnet.app.runs.session_link import SessionLink
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.commands import Command


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

    async def document(self) -> dict[str, Any] | None:
        """The experiment as a document; None where the run is damaged and it cannot be read."""

    def edited(self, experiment: Experiment, revision: int) -> None:
        """Note what an edit made of the experiment."""

    def introduce(self, viewer: Viewer) -> None:
        """Show a new viewer what there is of studies."""

    def set_speed(self, steps_per_second: float | None) -> None:
        """Note how fast the next session is to take steps."""

    async def repair(self) -> list[str]:
        """Make a run of what is left of it; what was done. Raises Refusal."""

    async def stop(self) -> None:
        """End it, leaving a snapshot, and give up its worker. Raises Refusal."""

    async def submit(self, command: Command, viewer: Viewer | None = None) -> Answer:
        """Hand a command over; what is returned becomes its ack. Raises Refusal, as the answer may."""
