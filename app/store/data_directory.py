"""Checks of the data directory at start-up: it exists, is writable, and has a supported format version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from glassnet.app.store import private
from glassnet.app.store.lock import locked

#: The form of what is kept, as the directory's file `form` has it. It rises when an older Glassnet would
#: misread what a newer one has written; a directory without the file is of the first form.
FORM = 1

ELSEWHERE = "or name another with --data-dir"


class Unusable(Exception):
    """A data directory that cannot be used; one line, with what to do."""


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """A context that locks a data directory, created if missing. Raises Unusable, Occupied."""
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(folder))
        except OSError as error:
            raise Unusable(_in_words(folder, error)) from None
        _check_form(folder)
        _check_parts(folder)
        private.close(folder)
        yield


def _in_words(folder: Path, error: OSError) -> str:
    """The description of an error of creating or locking a directory."""
    blocking = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if not blocking.is_dir():
        return f"the data directory {folder} cannot be: {blocking} is a file; move it, {ELSEWHERE}"
    reason = (error.strerror or str(error)).lower()
    return f"the data directory {folder} cannot be written: {reason}; make it writable, {ELSEWHERE}"


def _check_form(folder: Path) -> None:
    """Read the form, and write it where none is. Raises Unusable."""
    path = folder / "form"
    try:
        form = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        with suppress(OSError):  # on a full disk the server starts all the same, and runs can be deleted
            path.write_text(f"{FORM}\n", encoding="ascii")
        return
    except (OSError, UnicodeError) as error:
        raise Unusable(f"{path} cannot be read: {error}; expected {FORM} in it") from None
    if not form.isdecimal():
        raise Unusable(f"{path} holds {form[:40]!r}; expected {FORM}: restore it, {ELSEWHERE}")
    if int(form) > FORM:
        raise Unusable(
            f"the data directory {folder} belongs to a newer Glassnet (its form is {form}, this one knows "
            f"{FORM}): update Glassnet, {ELSEWHERE}"
        )


def _check_parts(folder: Path) -> None:
    """Check the service's entries of the directory. Raises Unusable."""
    for path in (folder / name for name in private.OURS):
        if path.exists() and not path.is_dir():
            raise Unusable(f"{path} is no folder; move it, {ELSEWHERE}")
