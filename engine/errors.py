"""The exceptions that Glassnet raises, one tree below GlassnetError.

GlassnetError
├── InvalidDocument        a document or message that cannot be used; carries located problems
│   ├── InvalidExperiment
│   └── InvalidCommand
├── Diverged               a value stopped being finite
├── CheckpointError        a stored state does not fit, or is damaged
├── FrameError             bytes that are not a frame
├── BlobMissing            uploaded data that a document refers to and that is not stored
├── DataError              stored data that cannot be read
├── DownloadFailed         a file that cannot be downloaded
├── NotCapturable          a computation that cannot be replayed (see replay.py)
├── NotCompiled            a computation that no compiled code was made for
└── RunDirectoryError      a run directory that cannot be read or written
    ├── DamagedFile        a file whose content is not what was written, or cannot be read
    ├── PluginMissing      an experiment with items of a plug-in that is not installed
    └── StorageError       the disk is full, read-only or broken (see storage.py)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

#: The operations of a JSON patch (RFC 6902).
Patch = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Remedy:
    """A change that mends a problem: the label of its button, and a JSON patch of the whole experiment."""

    label: str
    patch: Patch

    @classmethod
    def setting(cls, label: str, values: Mapping[str, Any]) -> Self:
        """The remedy that sets values, each at its pointer."""
        return cls(label, [{"op": "add", "path": path, "value": value} for path, value in values.items()])

    def within(self, pointer: str) -> Remedy:
        """The same for a patch that was made of what is at a pointer."""
        return Remedy(self.label, [{**one, "path": pointer + one["path"]} for one in self.patch])


@dataclass(frozen=True)
class Problem:
    """One fault of a document: a message and the JSON pointer (RFC 6901) of the value at fault.

    `pointer` resolves in the document as it was sent: where a value is missing, it names the nearest
    parent that exists, and the message names what is missing inside it. Keys and values may contain any
    characters; the message, and the problem as text, are one line all the same. The pointer is exact.
    """

    pointer: str
    message: str
    #: What mends it, where one change does.
    remedy: Remedy | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _one_line(self.message, 1000))

    def moved(self, pointer: str) -> Problem:
        """The same problem at another pointer."""
        return replace(self, pointer=pointer)

    def within(self, pointer: str) -> Problem:
        """The same of the whole, for a problem of what is at a pointer."""
        remedy = self.remedy and self.remedy.within(pointer)
        return Problem(pointer + self.pointer, self.message, remedy)

    def document(self) -> dict[str, Any]:
        """The problem as JSON values."""
        located = {"pointer": self.pointer, "message": self.message}
        if self.remedy is None:
            return located
        return {**located, "remedy": {"label": self.remedy.label, "patch": list(self.remedy.patch)}}

    @classmethod
    def of(cls, document: dict[str, Any]) -> Problem:
        """The problem in JSON values that `document` made."""
        remedy = document.get("remedy")
        return cls(document["pointer"], document["message"], None if remedy is None else Remedy(**remedy))

    def __str__(self) -> str:
        return f"{_one_line(self.pointer, 100) or 'document'}: {self.message}"


def _one_line(text: str, limit: int) -> str:
    """The text on one line: unprintable characters escaped, the middle left out beyond `limit` characters."""
    if len(text) > limit:
        text = f"{text[: limit // 2]}…{text[-(limit // 2) :]}"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class GlassnetError(Exception):
    """The root of the tree."""


class InvalidDocument(GlassnetError):
    """A document that cannot be used; `problems` lists what is wrong, each with its pointer."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, problems)))

    @classmethod
    def at(cls, pointer: str, message: str, remedy: Remedy | None = None) -> Self:
        """The error for a single problem."""
        return cls([Problem(pointer, message, remedy)])

    def within(self, document: Any) -> Self:
        """The same error with each pointer cut to the part that resolves in `document`.

        For documents that were completed after they were sent: the value at fault may be a default.
        """
        return type(self)([p.moved(_resolved(p.pointer, document)) for p in self.problems])


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
        """The reason that a run which diverged reports: title, detail and place."""
        place = {"node": self.node, "step": self.step, "quantity": self.quantity}
        return {"title": "Training diverged", "detail": str(self), **place}


class CheckpointError(GlassnetError):
    """A stored state that does not fit the trainer, or is damaged."""


class FrameError(GlassnetError):
    """Bytes that are not a frame."""


class BlobMissing(GlassnetError):
    """Uploaded data that a document refers to and that is not stored."""


class DataError(GlassnetError):
    """Stored data that cannot be read."""


class DownloadFailed(GlassnetError):
    """A file that cannot be downloaded, or whose checksum is not the published one."""


class NotCapturable(GlassnetError):
    """A computation that cannot be recorded, because its replay would compute something else."""


class NotCompiled(GlassnetError):
    """A computation that no compiled code was made for, so that it is to run without."""


class RunDirectoryError(GlassnetError):
    """A run directory that cannot be read or written."""


class DamagedFile(RunDirectoryError):
    """A file of a run directory whose content is not what was written, or cannot be read."""


class PluginMissing(RunDirectoryError):
    """A run whose experiment has items of a plug-in that is not installed here."""


class StorageError(RunDirectoryError):
    """A disk that cannot be written to; `errno` is the operating system's number of the cause."""

    def __init__(self, message: str, errno: int) -> None:
        super().__init__(message)
        self.errno = errno
