"""Downloads of published data sets: each file is fetched once, checked and kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from glassnet.engine.errors import DownloadFailed

#: Seconds without a byte after which a download fails.
PATIENCE = 30

PIECE = 1 << 18

#: The prefix of the names of incomplete files.
PART = "part-"


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its name, checksum, addresses and approximate size."""

    name: str
    #: As published; it protects against damage in transit, not against the publisher.
    md5: str
    places: tuple[str, ...]
    #: Bytes, approximately; for a progress bar before the server sends the length.
    size: int


def present(files: Sequence[RemoteFile], folder: Path) -> bool:
    """Whether all files exist. They were checked when they were downloaded."""
    return all((folder / file.name).is_file() for file in files)


def fetch(files: Sequence[RemoteFile], folder: Path, progress: Callable[[int, int], None]) -> None:
    """Download the files that do not exist yet. Raises DownloadFailed, and keeps complete files.

    `progress` is called with the bytes received and the bytes in all; an exception in it ends the download.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [file for file in files if not (folder / file.name).is_file()]
    total, before = sum(file.size for file in missing), 0
    for file in missing:
        _fetch_one(file, folder, partial(_report, progress, before, total))
        before += file.size
    progress(total, total)


def _report(progress: Callable[[int, int], None], before: int, total: int, come: int) -> None:
    progress(before + come, total)


def _fetch_one(file: RemoteFile, folder: Path, come: Callable[[int], None]) -> None:
    """Download a file from the first address that delivers it complete."""
    failures = []
    for place in file.places:
        try:
            _fetch_from(place + file.name, file, folder, come)
        except DownloadFailed as error:
            failures.append(str(error))
        else:
            return
    raise DownloadFailed("; ".join(failures))


def _fetch_from(address: str, file: RemoteFile, folder: Path, come: Callable[[int], None]) -> None:
    digest, size = hashlib.md5(usedforsecurity=False), 0
    handle, part = tempfile.mkstemp(prefix=PART, dir=folder)
    try:
        with os.fdopen(handle, "wb") as kept, urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            while piece := answer.read(PIECE):
                size += len(piece)
                if size > 2 * file.size + PIECE:
                    raise DownloadFailed(f"{address} gives more than {size:,} bytes; expected {file.size:,}")
                digest.update(piece)
                kept.write(piece)
                come(min(size, file.size))
        if digest.hexdigest() != file.md5:
            raise DownloadFailed(
                f"{address} gave {size:,} bytes with MD5 {digest.hexdigest()}; expected {file.md5}"
            )
        Path(part).replace(folder / file.name)
    except urllib.error.HTTPError as error:
        raise DownloadFailed(f"{address} answers {error.code} {error.reason}") from None
    except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        host = urlsplit(address).hostname
        raise DownloadFailed(f"{host} cannot be reached ({reason}); is there a network?") from None
    finally:
        Path(part).unlink(missing_ok=True)
