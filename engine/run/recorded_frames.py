"""Recorded frames of a run, for scrubbing: limited in number per key, and in bytes."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from glassnet.engine.errors import DamagedFile, FrameError
from glassnet.engine.files import untrusted
from glassnet.engine.files.storage import replace, writing
from glassnet.engine.frame import decode

#: The most frames of a key, and the most keys: beyond, the oldest key is dropped.
MOST_FRAMES, MOST_KEYS = 200, 256

#: The most bytes of a run's recorded frames; one frame may have an eighth of them.
MOST_BYTES = 64 << 20

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"(\d{12,16})\.safetensors")


class Recordings:
    """The frames in `frames/KEY/STEP.safetensors`. One process writes, others may read."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes
        #: The bytes of each frame by key and step, the most recently written key last.
        self._sizes: dict[str, dict[int, int]] | None = None

    def keep(self, key: str, step: int, data: bytes) -> None:
        """Record a frame; where there are too many, every second one is removed. Raises StorageError."""
        if len(data) > self._most // 8:
            return
        sizes = self._known()
        of_key = sizes[key] = sizes.pop(key, {})
        folder = self._folder / key
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        replace(self._path(key, step), [data])
        of_key[step] = len(data)
        if len(of_key) > MOST_FRAMES:
            self._thin(key)
        while len(sizes) > MOST_KEYS:
            self._drop(next(iter(sizes)))
        while sum(sum(one.values()) for one in sizes.values()) > self._most:
            self._thin(max(sizes, key=lambda one: sum(sizes[one].values())))

    def paths(self, key: str, from_step: int = 0, limit: int = MOST_FRAMES) -> list[Path]:
        """The files of a key's frames from a step on, the oldest first."""
        steps = sorted(step for step in self._steps(key) if step >= from_step)
        return [self._path(key, step) for step in steps][:limit]

    def read(self, key: str, from_step: int = 0, limit: int = MOST_FRAMES) -> list[bytes]:
        """The frames of a key from a step on; damaged or removed ones are left out."""
        found: list[bytes] = []
        for path in self.paths(key, from_step, limit):
            with suppress(FileNotFoundError, DamagedFile, FrameError):
                data = untrusted.read_regular(path, MOST_BYTES // 8)
                decode(data)
                found.append(data)
        return found

    def _thin(self, key: str) -> None:
        """Remove every second frame of a key, except the first and the last; of two, the first."""
        steps = sorted(self._known()[key])
        for step in steps[1:-1:2] or steps[:1]:
            self._remove(key, step)
        if not self._known()[key]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        for step in list(self._known()[key]):
            self._remove(key, step)
        del self._known()[key]
        with suppress(OSError):  # other files in the folder are not ours
            (self._folder / key).rmdir()

    def _remove(self, key: str, step: int) -> None:
        with writing(self._path(key, step)):
            self._path(key, step).unlink(missing_ok=True)
        del self._known()[key][step]

    def _path(self, key: str, step: int) -> Path:
        return self._folder / key / f"{step:012d}.safetensors"

    def _known(self) -> dict[str, dict[int, int]]:
        """The recorded frames, listed once, because only this process writes and removes them."""
        if self._sizes is None:
            self._sizes = {}
            for entry in _entries(self._folder):
                if _KEY.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                    self._sizes[entry.name] = self._steps(entry.name)
        return self._sizes

    def _steps(self, key: str) -> dict[int, int]:
        """The steps of a key's frames, with the bytes of each."""
        if untrusted.kind(self._folder / key) != "a directory":
            return {}
        found = ((entry, _NAME.fullmatch(entry.name)) for entry in _entries(self._folder / key))
        files = ((entry, match) for entry, match in found if match and entry.is_file(follow_symlinks=False))
        return {int(match[1]): _size(entry) for entry, match in files}


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0
