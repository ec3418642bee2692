"""A study that was asked for: what it is to look at, and how far it has come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from glassnet.app.workers import Frame
from glassnet.engine.studies import Study

State = Literal["running", "done", "cancelled", "failed"]

#: What a study is to look at, as its worker is told; and what to do when nobody needs it any more.
Subject = tuple[dict[str, Any] | None, Callable[[], None]]


@dataclass(eq=False)
class Inquiry:
    """A study that somebody asked for."""

    number: int
    key: str
    study: Study
    find_subject: Callable[[], Awaitable[Subject]]
    state: State = "running"
    done: float = 0.0
    detail: str = ""
    newest: Frame | None = None
    #: What the worker was sent; None while that is not known yet.
    message: dict[str, Any] | None = None
    let_go: Callable[[], None] | None = None
    #: The number of its next frame.
    first: int = 0
    #: Whether the worker has taken it up: an earlier frame of this key is of an earlier study.
    begun: bool = False

    @property
    def open(self) -> bool:
        """Whether more is to come."""
        return self.state == "running"

    def words(self) -> dict[str, Any]:
        """How it stands, for viewers."""
        said = {"type": "study", "key": self.key, "study": self.study.kind, "state": self.state}
        return {**said, "done": self.done, **({"detail": self.detail} if self.detail else {})}
