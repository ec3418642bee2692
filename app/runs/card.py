"""A run's card: what the service knows of a run besides its run directory, as `run.json` inside it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from app.runs.states import State

Unwatched = Literal["continue", "pause"]


@dataclass
class Card:
    """One run, for the list of runs."""

    id: str
    title: str
    #: Seconds since 1970.
    created: float
    state: State = "queued"
    #: Why it is in this state, where that is not plain: title, detail, and what else is known.
    reason: dict[str, Any] | None = None
    unwatched: Unwatched = "continue"
    #: The run it was forked from.
    parent: str | None = None
    step: int = 0
    epoch: float = 0.0
    life: int = 0
    revision: int = 0

    def write(self, directory: Path) -> None:
        """Replace the card in a run directory."""
        part = directory / "run.json.part"
        part.write_text(json.dumps(asdict(self)), encoding="utf-8")
        part.replace(directory / "run.json")

    @classmethod
    def read(cls, directory: Path) -> Card | None:
        """The card of a run directory; None where there is none that can be read."""
        try:
            return cls(**json.loads((directory / "run.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
