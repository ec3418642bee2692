"""Readers of files that may be damaged or placed by others: bounded, and never through a link.

A run directory outlives crashes, full disks, copying and manual edits. Every file is read as the expected
kind or refused with a message: links are not followed, pipes are not waited for, files beyond their limit
are not read, and JSON may not contain duplicate keys, numbers that are not finite, or lone surrogates.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from glassnet.engine.errors import DamagedFile

#: The kinds of files, by predicate on the mode, with their descriptions.
_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISREG, "a file"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)

#: System errors that concern the file rather than the machine.
OF_THE_FILE = {
    errno.ENOENT,
    errno.EACCES,
    errno.EPERM,
    errno.ELOOP,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENXIO,
    errno.ENODEV,
    errno.EIO,
}


def kind(path: Path) -> str:
    """The kind of file at a path, links not followed: "a file", "a directory", "nothing", and so on."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return "nothing"
    except OSError as error:
        if error.errno in OF_THE_FILE:
            return f"nothing that can be looked at ({error.strerror})"
        raise
    return next((words for fits, words in _KINDS if fits(mode)), "something unknown")


def open_regular(path: Path) -> BinaryIO:
    """A regular file, opened for reading. Raises DamagedFile for other kinds, FileNotFoundError for none."""
    found = kind(path)  # before opening, because opening a device may have effects
    if found == "nothing":
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if found != "a file":
        raise DamagedFile(f"{path.name} is {found}; expected a file")
    try:
        return open(path, "rb", opener=_neither_following_nor_waiting)
    except OSError as error:
        if error.errno in OF_THE_FILE - {errno.ENOENT}:
            raise DamagedFile(f"{path.name} cannot be opened: {error.strerror}") from None
        raise


def _neither_following_nor_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)


def read_regular(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises as `open_regular`."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise DamagedFile(f"{path.name} has {size:,} bytes; expected at most {limit:,}")
        return piece(file, limit + 1)


def piece(file: BinaryIO, size: int) -> bytes:
    """The next `size` bytes of a file. Raises DamagedFile where the disk cannot read them."""
    try:
        return file.read(size)
    except OSError as error:
        raise DamagedFile(f"{Path(str(file.name)).name} cannot be read: {error.strerror}") from None


def read_object(path: Path, limit: int) -> dict[str, Any]:
    """The JSON object of a regular file of at most `limit` bytes. Raises as `open_regular`."""
    return parsed_object(read_regular(path, limit), path.name)


def parsed_object(data: bytes, name: str, *, finite: bool = True) -> dict[str, Any]:
    """The JSON object of bytes. Raises DamagedFile, which names the file, where they are not one.

    `finite=False` allows NaN and Infinity as Python writes them, for rows with diverged series.
    """
    try:
        found = json.loads(
            data.decode(), object_pairs_hook=_without_doubles, parse_constant=_refuse if finite else None
        )
        json.dumps(found, ensure_ascii=False, allow_nan=not finite).encode()
    except UnicodeEncodeError:
        raise DamagedFile(f"{name} has text with half a character; expected Unicode") from None
    except UnicodeDecodeError as error:
        raise DamagedFile(f"{name} is not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise DamagedFile(f"{name} is nested too deep") from None
    except ValueError as error:
        raise DamagedFile(f"{name} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise DamagedFile(f"{name} is not a JSON object")
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key '{next(key for key in keys if keys.count(key) > 1)[:40]}' is there twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant}; expected a finite number")
