"""What a run directory turns out to be: a run, or one that is damaged, and how.

Directories come from earlier servers, from copies and restored backups, and from whoever can write there.
Nothing that lies in one keeps the server from starting, or stands in the way of the runs beside it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from glassnet.app.runs import resume
from glassnet.app.runs.record import NAME, RunRecord
from glassnet.engine.errors import GlassnetError
from glassnet.engine.experiment.experiment import MAX_BYTES, Experiment
from glassnet.engine.files import untrusted
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.resume import last_row

#: What a run directory is made of. Other names are left alone.
FILES: Final = ("experiment.json", "run.json", "journal.jsonl", "plugins.json")
FOLDERS: Final = ("checkpoints", "studies", "collected", "frames", "rows", "events")

#: What reading a damaged file may end in.
UNREADABLE: Final = (
    GlassnetError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)

#: Faults that are told, and characters of all.
MOST_FAULTS, MOST_WORDS = 8, 2_000


@dataclass(frozen=True)
class Finding:
    """A run's record, as written or reconstructed, with the faults of the run."""

    record: RunRecord
    faults: tuple[str, ...] = ()
    #: Whether the record says more than the one on disk.
    changed: bool = False

    @classmethod
    def of(cls, record: RunRecord, faults: list[str], changed: bool = False) -> Finding:
        """A finding: with faults the record's state is `damaged`."""
        if not faults:
            return cls(record, changed=changed)
        told = "; ".join(list(dict.fromkeys(faults))[:MOST_FAULTS])[:MOST_WORDS]
        detail = "".join(letter if letter.isprintable() else "?" for letter in told)
        reason = {"title": "The run is damaged", "detail": detail}
        return cls(replace(record, state="damaged", reason=reason), tuple(faults))

    def lacking(self, missing: list[str]) -> Finding:
        """The same, without a plug-in: nothing is written, so that it is as it was once that is back."""
        reason = {"title": "A plug-in is missing", "detail": "; ".join(missing)[:MOST_WORDS]}
        return Finding(replace(self.record, state="incomplete", reason=reason), tuple(missing))

    def because(self, fault: str) -> Finding:
        """The finding with one more fault."""
        return Finding.of(self.record, [*self.faults, fault])


def name_of(path: Path) -> str:
    """The id of the run in a directory; a substitute where its name cannot be part of an address."""
    if re.fullmatch(NAME, path.name):
        return path.name
    return f"unnamed-{hashlib.blake2b(os.fsencode(path.name), digest_size=8).hexdigest()}"


def unread(path: Path) -> Finding:
    """The finding for a run that has not been read yet."""
    reason = {"title": "The run is being read", "detail": "its directory takes long to answer"}
    return Finding(replace(_blank(path), state="damaged", reason=reason))


def examine(path: Path) -> Finding:
    """The finding from record, experiment and journal; of checkpoints the newest whole one counts."""
    faults = list(_misplaced(path))
    if untrusted.kind(path) != "a directory":
        return Finding.of(_blank(path), faults)
    read, directory = _record(path, faults), RunDirectory(path, name_of(path))
    blank = _blank(path)
    unreadable: list[str] = []
    with _noting(unreadable, "the experiment cannot be read"):
        Experiment.parse(untrusted.read_regular(path / "experiment.json", MAX_BYTES))
        experiment = directory.experiment()
        blank.title = experiment.title
        blank.tell_apart(experiment)
    missing = directory.noted().missing() if unreadable else []
    faults += [] if missing else unreadable
    told: dict[str, Any] = {}
    with _noting(faults, "the journal cannot be read"):
        faults += directory.problems()
        told = _told(directory)
        faults += _lacking(read, told) if read else ()
    record = read or blank
    if not record.data:  # of a version that did not write it
        record = replace(record, data=blank.data, network=blank.network)
    ended = record.state in resume.UNDER_WAY
    if ended or read is None:
        record = replace(record, state="interrupted", reason=dict(resume.ENDED), **told)
    finding = Finding.of(record, faults, changed=ended)
    return finding.lacking(missing) if missing and not faults else finding


def _record(path: Path, faults: list[str]) -> RunRecord | None:
    """The record; None where there is none that can be read."""
    with _noting(faults, "the record cannot be read"):
        return RunRecord.read(path, path.name)
    return None


@contextmanager
def _noting(faults: list[str], words: str) -> Iterator[None]:
    """Add a fault where reading fails."""
    try:
        yield
    except UNREADABLE as error:
        faults.append(f"{words}: {(str(error).splitlines() or [type(error).__name__])[0]}")


def _told(directory: RunDirectory) -> dict[str, Any]:
    """Step, epoch, life and revision by the journal."""
    last = last_row(directory)
    step, epoch = last if last is not None else (0, 0.0)
    return {"step": step, "epoch": epoch, "life": directory.life, "revision": directory.revision}


def _lacking(record: RunRecord, told: dict[str, Any]) -> Iterator[str]:
    """Faults: edits and lives that the record counts and the journal lacks."""
    if record.revision > told["revision"]:
        yield f"the journal has {told['revision']} of {record.revision} edits"
    if record.life > told["life"]:
        yield f"the journal has {told['life']} of {record.life} resets and rewinds"


def _misplaced(path: Path) -> Iterator[str]:
    """Faults: entries of the directory of the wrong type."""
    if (found := untrusted.kind(path)) != "a directory":
        yield f"it is {found}; expected a directory"
        return
    if name_of(path) != path.name:
        yield f"its directory is called {ascii(path.name)[:100]}, which is no name of a run"
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield "its directory may not be read and written"
    if untrusted.kind(path / "experiment.json") == "nothing":
        yield "experiment.json is missing"
    for names, expected in ((FILES, "a file"), (FOLDERS, "a directory")):
        for name in names:
            found = untrusted.kind(path / name)
            if found not in (expected, "nothing"):
                yield f"{name} is {found}; expected {expected}"
            elif found == expected and not os.access(path / name, os.R_OK | os.W_OK):
                yield f"{name} may not be read and written"


def _blank(path: Path) -> RunRecord:
    """The record of a run that has none: its name, and the time of its directory."""
    created = 0.0
    with suppress(OSError):
        created = min(1e11, max(0.0, path.lstat().st_mtime))
    title = "".join(letter if letter.isprintable() else "?" for letter in path.name)[:200]
    name, reason = name_of(path), dict(resume.ENDED)
    return RunRecord(name, title or "Untitled", created, state="interrupted", reason=reason)
