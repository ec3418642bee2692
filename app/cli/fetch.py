"""`glassnet fetch`: published data sets, with a progress bar."""

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
    """A data set that is not fetched from anywhere; one line."""


class CannotFetch(Exception):
    """A data set that cannot be had; one line."""


def published() -> dict[str, type[Published]]:
    """Every data set that is fetched."""
    return {kind: item for kind, item in catalog(Dataset).items() if issubclass(item, Published)}


def get(kind: str, downloads: Path) -> str:
    """Fetch a data set into the folder of downloads; a line that says where it is.

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
