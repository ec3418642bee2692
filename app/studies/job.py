"""StudyJob: a requested study, its subject and its progress."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from glassnet.app.workers import Frame
from glassnet.engine.studies import Study

State = Literal["running", "done", "cancelled", "failed"]

#: The subject of a study as its worker receives it, and a function that releases it.
Subject = tuple[dict[str, Any] | None, Callable[[], None]]


@dataclass(eq=False)
class StudyJob:
    """A requested study with its state."""

    number: int
    key: str
    study: Study
    find_subject: Callable[[], Awaitable[Subject]]
    state: State = "running"
    done: float = 0.0
    detail: str = ""
    newest: Frame | None = None
    #: The message to the worker; None while the subject is not known yet.
    message: dict[str, Any] | None = None
    release_subject: Callable[[], None] | None = None
    #: Takes in the checkpoints that the study has left, once it has ended.
    collect: Callable[[], Awaitable[None]] | None = None
    #: Whether that is under way.
    collecting: bool = False
    #: Set once its checkpoints are taken in, or there are none.
    collected: asyncio.Event = field(default_factory=asyncio.Event)
    #: The number of its next frame.
    first: int = 0
    #: Whether the worker has started it: earlier frames of this key are of an earlier study.
    begun: bool = False

    @property
    def open(self) -> bool:
        """Whether the study is still running."""
        return self.state == "running"

    def as_json(self) -> dict[str, Any]:
        """The message on the study's progress for viewers."""
        message = {"type": "study", "key": self.key, "study": self.study.kind, "state": self.state}
        return {**message, "done": self.done, **({"detail": self.detail} if self.detail else {})}
