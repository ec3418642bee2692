"""Quotas: limits and usage of the disk, checked before anything grows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Literal, Self, get_args

from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings

Kind = Literal["runs", "blobs", "uploads", "downloads"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

#: The name of each kind, and how space for more of it is gained.
_NAMES: Final[dict[Kind, tuple[str, str]]] = {
    "runs": ("the directories of all runs", "expected that runs or their checkpoints are deleted first"),
    "blobs": ("all blobs", "expected that some are deleted first"),
    "uploads": ("uploads under way", "expected to try again when some are done"),
    "downloads": ("all published data sets", "expected that the limit is raised"),
}


@dataclass(frozen=True)
class Usage:
    """The usage of one kind in bytes."""

    kind: Kind
    used: int
    #: Bytes of operations in progress.
    reserved: int
    most: int


class Quota:
    """The usage of each kind, operations in progress included, and the reserve of free space."""

    def __init__(self, settings: Settings) -> None:
        self._folder, self._free = settings.data_dir, settings.free_space
        self._most: dict[Kind, int] = {
            "runs": settings.max_run_bytes_in_all,
            "blobs": settings.max_blobs,
            "uploads": settings.max_uploads,
            "downloads": settings.max_downloads,
        }
        self._lock = Lock()
        self._most_of_one = settings.max_run_bytes
        self._used: dict[Kind, int] = dict.fromkeys(KINDS, 0)
        self._runs: dict[str, int] = {}
        self._reserved: dict[Kind, int] = dict.fromkeys(KINDS, 0)

    def reserve(self, kind: Kind, size: int = 0) -> Reservation:
        """A reservation of space, released where it is not kept. Raises Refusal where there is too little."""
        reservation = Reservation(self, kind)
        reservation.grow(size)
        return reservation

    def check_free(self, more: int = 0) -> None:
        """Raise Refusal where less than the reserve of free space would remain."""
        free = self.free()
        if free - more < self._free:
            full = "full" if free < more else f"nearly full, and {self._free:,} bytes are kept as a reserve"
            raise Refusal(
                507,
                f"the disk is {full}: {free:,} bytes are free; "
                "expected that space is freed first, by deleting runs, checkpoints or blobs",
            )

    def free(self) -> int:
        """Free bytes of the disk, for this process."""
        found = os.statvfs(_existing(self._folder))
        return found.f_bavail * found.f_frsize

    def usage(self) -> list[Usage]:
        """The usage of every kind."""
        with self._lock:
            return [Usage(kind, self._used[kind], self._reserved[kind], self._most[kind]) for kind in KINDS]

    def measured(self, kind: Kind, size: int) -> None:
        """Set the bytes of a kind that were measured on disk."""
        with self._lock:
            self._used[kind] = size

    def removed(self, kind: Kind, size: int) -> None:
        """Subtract the bytes of something removed."""
        with self._lock:
            self._used[kind] = max(0, self._used[kind] - size)

    # Runs, which are written by their workers --------------------------------------------------------------

    def measured_run(self, name: str, size: int) -> None:
        """Set the measured bytes of a run's directory."""
        with self._lock:
            self._used["runs"] += size - self._runs.get(name, 0)
            self._runs[name] = size

    def forget_run(self, name: str) -> None:
        """Forget the usage of a deleted run."""
        with self._lock:
            self._used["runs"] -= self._runs.pop(name, 0)

    def runs(self) -> dict[str, int]:
        """The bytes of each run's directory, as measured last."""
        with self._lock:
            return dict(self._runs)

    def check_run(self, name: str) -> None:
        """Raise Refusal where a run must not grow."""
        self.check_free()
        with self._lock:
            own, every = self._runs.get(name, 0), self._used["runs"]
        if own > self._most_of_one:
            raise Refusal(
                507,
                f"this run's directory has {own:,} bytes and may have {self._most_of_one:,}; "
                "expected that some of its checkpoints are deleted first",
            )
        if every > self._most["runs"]:
            raise Refusal(507, _too_many("runs", every, self._most["runs"]))

    # For reservations ------------------------------------------------------------------------------------

    def take(self, kind: Kind, size: int) -> None:
        """Reserve more bytes. Raises Refusal, and then reserves nothing."""
        self.check_free(size)
        with self._lock:
            there = self._used[kind] + self._reserved[kind]
            if there + size > self._most[kind] and size > 0:
                raise Refusal(507, _too_many(kind, there, self._most[kind]))
            self._reserved[kind] += size

    def give_back(self, kind: Kind, size: int, kept: int) -> None:
        """End a reservation, of which `kept` bytes are stored."""
        with self._lock:
            self._reserved[kind] -= size
            self._used[kind] += kept


class Reservation:
    """A reservation of space for an operation; without `keep`, all of it is released."""

    def __init__(self, quota: Quota, kind: Kind) -> None:
        self._quota, self._kind = quota, kind
        self._size = self._kept = 0

    def grow(self, more: int) -> None:
        """Reserve more bytes. Raises Refusal."""
        self._quota.take(self._kind, more)
        self._size += more

    def keep(self, size: int) -> None:
        """Set the bytes that count as stored when the reservation ends."""
        self._kept = size

    def close(self) -> None:
        """End the reservation."""
        self._quota.give_back(self._kind, self._size, self._kept)
        self._size = self._kept = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        self.close()


def _too_many(kind: Kind, there: int, most: int) -> str:
    name, remedy = _NAMES[kind]
    return f"{name} have {there:,} bytes and may have {most:,}; {remedy}"


def _existing(folder: Path) -> Path:
    """The folder, or its nearest existing parent."""
    return next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
