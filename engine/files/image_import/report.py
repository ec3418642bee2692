"""The report of an import: guesses, files left out with reasons, and notes for the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from glassnet.engine.errors import DataError

#: The most names listed for each reason, and the most reasons and notes; further ones are counted.
MOST_NAMES, MOST_NOTES = 5, 40


class Ambiguous(DataError):
    """An upload that holds several sets of pictures, of which one has to be chosen."""

    def __init__(self, message: str, choices: list[str], *, poolable: bool) -> None:
        super().__init__(message)
        self.choices = choices
        #: Whether all of them may be read as one.
        self.poolable = poolable


@dataclass
class ImportReport:
    """The guesses, notes and left-out files of an import, collected while it runs."""

    #: What is imported, in words.
    what: str = "pictures"
    #: The values that became black and white; None where pictures had eight bits or colours.
    scale: dict[str, Any] | None = None
    #: The encoding of names in the ZIP that are not marked; None where all are ASCII or marked as UTF-8.
    encoding: str | None = None
    notes: list[str] = field(default_factory=list)
    #: Notes on files, by text: the first file and the number of files.
    _tallies: dict[str, tuple[str, int]] = field(default_factory=dict)
    _left: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Add a note, once."""
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text)

    def note_file(self, name: str, what: str) -> None:
        """Add a note on a file; files with the same note are counted."""
        first, count = self._tallies.get(what, (name, 0))
        self._tallies[what] = first, count + 1

    def all_notes(self) -> list[str]:
        """The notes, those on files included."""
        counted = [
            f"'{first[:200]}' {what}" + (f", as do {count - 1:,} more" if count > 1 else "")
            for what, (first, count) in self._tallies.items()
        ]
        return [*self.notes, *counted]

    def leave_out(self, name: str, why: str) -> None:
        """Record a file that is not read, with the reason."""
        self._counts[why] = self._counts.get(why, 0) + 1
        names = self._left.setdefault(why, [])
        if len(names) < MOST_NAMES:
            names.append(name[:200])

    def left_out(self) -> list[dict[str, Any]]:
        """The reasons for files left out, each with its number of files and the first of their names."""
        return [{"why": why, "count": self._counts[why], "files": names} for why, names in self._left.items()]

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        left = self.left_out()[:MOST_NOTES]
        return {"scale": self.scale, "encoding": self.encoding, "left_out": left, "notes": self.all_notes()}
