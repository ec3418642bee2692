"""Atomic writes to a disk that may be full, read-only or broken, with readable errors."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from glassnet.engine.errors import StorageError

_FREE_SOME: Final = "expected that space is freed first, by deleting runs, checkpoints or blobs"

#: A title and a remedy for each error number of a failed write.
_ERRORS: Final[dict[int, tuple[str, str]]] = {
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

#: Errors that pass when space is freed.
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})

#: Errors that pass by themselves.
BUSY: Final = frozenset({errno.EMFILE, errno.ENFILE})


def title_of(number: int | None) -> str:
    """The short title of a system error number."""
    return _ERRORS.get(number or 0, ("The disk does not answer as it should", ""))[0]


def storage_error(path: Path | None, error: OSError) -> StorageError:
    """The StorageError of a system error, with the file's name and the remedy."""
    title, remedy = _ERRORS.get(error.errno or 0, (error.strerror or str(error) or "unknown error", ""))
    message = f"{title[0].lower()}{title[1:]}" + (f"; {remedy}" if remedy else "")
    return StorageError(f"{path.name}: {message}" if path else message, error.errno or errno.EIO)


def check_writable(folder: Path) -> None:
    """Check that files can be created and removed in a folder. Raises StorageError where they cannot."""
    with writing(folder):
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A context in which system errors become StorageError."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path whose file replaces `path` atomically when the context ends without an error.

    The temporary file is removed where anything fails. Raises StorageError.
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
    """Write a file atomically, in place of an existing one. Raises StorageError."""
    with replacing(path) as part, part.open("wb") as file:
        for piece in pieces:
            file.write(piece)
