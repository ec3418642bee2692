"""Writing to a disk that may be full, read-only or broken: whole files or none, and errors in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from glassnet.engine.errors import StorageError

_FREE_SOME: Final = "expected that space is freed first, by deleting runs, checkpoints or blobs"

#: What the system's numbers mean for whoever wanted something written: a title, and what to do.
_WORDS: Final[dict[int, tuple[str, str]]] = {
    errno.ENOSPC: ("The disk is full", _FREE_SOME),
    errno.EDQUOT: ("The server's share of the disk is used up", _FREE_SOME),
    errno.EFBIG: ("The file would be longer than the system allows", _FREE_SOME),
    errno.EROFS: ("The disk is read-only", "expected one that can be written"),
    errno.EACCES: ("The server may not write there", "expected that its user is given the permission"),
    errno.EPERM: ("The server may not write there", "expected that its user is given the permission"),
    errno.EIO: ("The disk does not work", "expected one without input/output errors"),
    errno.EMFILE: ("The server has too many files open", "expected to try again later"),
    errno.ENFILE: ("The machine has too many files open", "expected to try again later"),
}

#: Errors that pass when somebody makes room.
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})

#: Errors that pass by themselves.
BUSY: Final = frozenset({errno.EMFILE, errno.ENFILE})


def title_of(number: int | None) -> str:
    """A few words for an error number of the system."""
    return _WORDS.get(number or 0, ("The disk does not answer as it should", ""))[0]


def storage_error(path: Path | None, error: OSError) -> StorageError:
    """An error of the system, with the file's name and what to do about it."""
    title, remedy = _WORDS.get(error.errno or 0, (error.strerror or str(error) or "unknown error", ""))
    said = f"{title[0].lower()}{title[1:]}" + (f"; {remedy}" if remedy else "")
    return StorageError(f"{path.name}: {said}" if path else said, error.errno or errno.EIO)


def check_writable(folder: Path) -> None:
    """Whether names in a folder can be made and removed at all. Raises StorageError where they cannot."""
    with writing(folder):
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises StorageError for whatever the system refuses meanwhile."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what is to stand at `path`, which it does as a whole or not at all.

    Nothing half written stays, whatever goes wrong. Raises StorageError.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with writing(path):
            yield part
            part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def replace(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file in place of what is there. Raises StorageError."""
    with replacing(path) as part, part.open("wb") as file:
        for piece in pieces:
            file.write(piece)
