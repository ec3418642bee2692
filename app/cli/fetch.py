"""`glassnet fetch`: download of published data sets, with a progress bar."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from glassnet.engine.catalog import catalog
from glassnet.engine.errors import DownloadFailed
from glassnet.engine.files.downloads import fetch, present
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.datasets.vision import Published


class UnknownSet(Exception):
    """An unknown data set; the message is one line."""


class CannotFetch(Exception):
    """A failed download; the message is one line."""


def published() -> dict[str, type[Published]]:
    """The data sets that can be downloaded, by kind."""
    return {kind: item for kind, item in catalog(Dataset).items() if issubclass(item, Published)}


def get(kind: str, downloads: Path) -> str:
    """Download a data set into the folder of downloads; returns a line with its folder.

    Raises UnknownSet, CannotFetch.
    """
    known = published()
    if kind not in known:
        raise UnknownSet(f"'{kind}' is not fetched; expected one of {', '.join(known)}")
    files, folder = known[kind].files, downloads / kind
    if present(files, folder):
        return f"{kind} is in {folder} already"
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        bar = bars.add_task(kind, total=sum(file.size for file in files))
        try:
            fetch(files, folder, lambda come, total: bars.update(bar, completed=come, total=total))
        except DownloadFailed as error:
            raise CannotFetch(str(error)) from None
        except OSError as error:
            raise CannotFetch(f"{error.filename or folder}: {error.strerror}") from None
    return f"{kind} is in {folder}"
