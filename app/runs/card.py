"""A run's card: what the service knows of a run besides its run directory, as `run.json` inside it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from app.runs.states import State
from engine.errors import StorageError
from engine.storage import replace

log = logging.getLogger(__name__)

Unwatched = Literal["continue", "pause", "stop"]


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
        """Replace the card in a run directory. Raises StorageError."""
        replace(directory / "run.json", [json.dumps(asdict(self)).encode()])

    @classmethod
    def read(cls, directory: Path) -> Card | None:
        """The card of a run directory; None where there is none that can be read."""
        try:
            return cls(**json.loads((directory / "run.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None


class CardKeeper:
    """Writes a run's card when the run changes by itself: a full disk must not end it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        #: Whether the disk has an older card.
        self.waits = False

    def keep(self, card: Card) -> None:
        """Write the card, or note that the disk did not take it."""
        try:
            card.write(self._directory)
            self.waits = False
        except StorageError as error:
            self.waits = True
            log.warning("the card waits: %s", error, extra={"run": card.id})
