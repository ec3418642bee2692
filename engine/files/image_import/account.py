"""What an import guessed, what it left out and why, and what else its user should know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from glassnet.engine.errors import DataError

#: Names that are told of each reason, reasons, and notes; the rest is counted.
MOST_NAMES, MOST_NOTES = 5, 40


class Ambiguous(DataError):
    """An upload that holds several sets of pictures, of which one has to be chosen."""

    def __init__(self, message: str, choices: list[str], *, poolable: bool) -> None:
        super().__init__(message)
        self.choices = choices
        #: Whether all of them may be read as one.
        self.poolable = poolable


@dataclass
class Account:
    """Guesses, notes and what was left out, as they come up."""

    #: The values that became black and white; None where pictures had eight bits or colours of their own.
    scale: dict[str, Any] | None = None
    #: How names in the ZIP were decoded that do not say; None where all are plain or marked as UTF-8.
    encoding: str | None = None
    notes: list[str] = field(default_factory=list)
    #: Notes on files, of which the first is named and all are counted.
    _tallies: dict[str, tuple[str, int]] = field(default_factory=dict)
    _left: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Something to be known, said once."""
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text)

    def tally(self, name: str, what: str) -> None:
        """Something to be known of a file, and perhaps of many."""
        first, count = self._tallies.get(what, (name, 0))
        self._tallies[what] = first, count + 1

    def said(self) -> list[str]:
        """All notes."""
        counted = [
            f"'{first[:200]}' {what}" + (f", as do {count - 1:,} more" if count > 1 else "")
            for what, (first, count) in self._tallies.items()
        ]
        return [*self.notes, *counted]

    def leave(self, name: str, why: str) -> None:
        """A file that is not read."""
        self._counts[why] = self._counts.get(why, 0) + 1
        names = self._left.setdefault(why, [])
        if len(names) < MOST_NAMES:
            names.append(name[:200])

    def left_out(self) -> list[dict[str, Any]]:
        """Reasons with how many files each holds for, and the first of their names."""
        return [{"why": why, "count": self._counts[why], "files": names} for why, names in self._left.items()]

    def words(self) -> dict[str, Any]:
        """All of it, for an answer."""
        left = self.left_out()[:MOST_NOTES]
        return {"scale": self.scale, "encoding": self.encoding, "left_out": left, "notes": self.said()}
