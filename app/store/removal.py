"""Removal of anything at a path: links are not followed, permissions of directories are extended."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from glassnet.engine.files import untrusted

#: The deepest nesting of directories that is removed at once; each level keeps a file open.
DEPTH = 100


def move(path: Path, folder: Path) -> Path:
    """Move anything at a path into a folder, under an unused name. Raises OSError."""
    target = folder / f"{path.name[:80]}-{secrets.token_hex(4)}"
    with suppress(OSError):
        _unlock(path)  # a directory must be writable to be moved
    path.rename(target)
    return target


def remove(path: Path) -> None:
    """Remove anything at a path. Raises OSError, which names what could not be removed."""
    while untrusted.kind(path) == "a directory":
        try:
            shutil.rmtree(path, onerror=_unlocked)
        except (RecursionError, OSError) as error:
            too_deep = isinstance(error, RecursionError) or error.errno in (errno.EMFILE, errno.ENAMETOOLONG)
            if not too_deep or not _raise_deepest(path):
                raise
    path.unlink(missing_ok=True)


def _unlock(path: Path) -> None:
    """Give the owner access to a directory; other files are not changed."""
    if stat.S_ISDIR(path.lstat().st_mode):
        path.chmod(0o700)


def _unlocked(function: Callable[..., Any], name: str, failure: Any) -> None:
    """Retry a failed function with access to the directory and its parent."""
    error = failure[1]
    if not isinstance(error, PermissionError):
        raise error
    path = Path(name)
    _unlock(path.parent)
    if untrusted.kind(path) != "a directory":
        path.unlink(missing_ok=True)
        return
    _unlock(path)
    shutil.rmtree(path)


def _raise_deepest(path: Path) -> bool:
    """Move the deepest reachable directory to the top; returns whether any was that deep."""
    held = [os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)]
    name = ""
    try:
        for _ in range(DEPTH):
            name = _folder_in(held[-1])
            if not name:
                return False
            held.append(os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=held[-1]))
        os.rename(name, f"deep-{secrets.token_hex(8)}", src_dir_fd=held[-2], dst_dir_fd=held[0])
    finally:
        for handle in held:
            os.close(handle)
    return True


def _folder_in(handle: int) -> str:
    """The name of a subdirectory of an open directory; empty where there is none."""
    with os.scandir(handle) as entries:
        return next((entry.name for entry in entries if entry.is_dir(follow_symlinks=False)), "")
