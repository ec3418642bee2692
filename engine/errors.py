"""Everything Glassnet raises on purpose.

GlassnetError
├── InvalidDocument        what somebody sent cannot be used; carries located problems
│   ├── InvalidExperiment
│   └── InvalidCommand
├── Diverged               a value stopped being finite
├── CheckpointError        a stored state does not fit, or is damaged
├── FrameError             bytes that are not a frame
├── BlobMissing            own data that is referred to and not there
├── DataError              data that are there and cannot be read
├── DownloadFailed         a file that cannot be had from the network
├── NotCapturable          a computation that cannot be replayed (see replay.py)
└── RunDirectoryError      a run directory that cannot be read or written
    ├── DamagedFile        a file that is not what it should be
    ├── PluginMissing      an experiment with items of a plug-in that is not installed
    └── StorageError       the disk is full, read-only or broken (see storage.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document, and where.

    `pointer` is a JSON pointer (RFC 6901) that resolves in the document as it was sent: it names the
    nearest thing that is there, and the message names what is missing inside it. Keys and values may be
    anything; the message is one line all the same, and so is the problem as text. The pointer is exact.
    """

    pointer: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _one_line(self.message, 1000))

    def __str__(self) -> str:
        return f"{_one_line(self.pointer, 100) or 'document'}: {self.message}"


def _one_line(text: str, limit: int) -> str:
    """Text without its middle where it is too long, and with escapes for what is no letter."""
    if len(text) > limit:
        text = f"{text[: limit // 2]}…{text[-(limit // 2) :]}"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class GlassnetError(Exception):
    """The root of the tree."""


class InvalidDocument(GlassnetError):
    """A document that cannot be used; `problems` says what is wrong at which pointer."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, problems)))

    @classmethod
    def at(cls, pointer: str, message: str) -> Self:
        """One problem."""
        return cls([Problem(pointer, message)])

    def within(self, document: Any) -> Self:
        """The same problems, each pointer only as long as it resolves in the document.

        For documents that were completed after they were sent: what is wrong may be a default.
        """
        return type(self)([Problem(_resolved(p.pointer, document), p.message) for p in self.problems])


def _resolved(pointer: str, document: Any) -> str:
    found = ""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict) and name in document:
            document = document[name]
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            break
        found += f"/{part}"
    return found


class InvalidExperiment(InvalidDocument):
    """An experiment that cannot be read, built or trained."""


class InvalidCommand(InvalidDocument):
    """A command that cannot be read or is not legal now."""


class Diverged(GlassnetError):
    """Training produced a value that is not finite."""

    def __init__(self, step: int, node: str, quantity: str) -> None:
        self.step, self.node, self.quantity = step, node, quantity
        super().__init__(f"step {step}: the {quantity} of node '{node}' is not finite")

    @property
    def reason(self) -> dict[str, Any]:
        """Why a run that diverged has failed."""
        place = {"node": self.node, "step": self.step, "quantity": self.quantity}
        return {"title": "Training diverged", "detail": str(self), **place}


class CheckpointError(GlassnetError):
    """A stored state that does not fit the trainer, or is damaged."""


class FrameError(GlassnetError):
    """Bytes that are not a frame."""


class BlobMissing(GlassnetError):
    """Own data that a document refers to and that is not there."""


class DataError(GlassnetError):
    """Data that are there and cannot be read."""


class DownloadFailed(GlassnetError):
    """A file that cannot be had from the network, or that is not what was published."""


class NotCapturable(GlassnetError):
    """A computation whose replay would not be the computation."""


class RunDirectoryError(GlassnetError):
    """A run directory that cannot be read or written."""


class DamagedFile(RunDirectoryError):
    """A file of a run directory that is not what it should be, or cannot be read."""


class PluginMissing(RunDirectoryError):
    """A run whose experiment has items of a plug-in that is not installed here."""


class StorageError(RunDirectoryError):
    """A disk that does not take what is to be written; `errno` is the system's number for why."""

    def __init__(self, message: str, errno: int) -> None:
        super().__init__(message)
        self.errno = errno
