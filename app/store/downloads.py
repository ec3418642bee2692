"""The store of published data sets: those on this machine, and the progress of downloads."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from glassnet.app.core.background import Tasks
from glassnet.app.store.quota import Quota, Reservation
from glassnet.app.store.usage import size_of
from glassnet.engine.catalog import catalog
from glassnet.engine.errors import DownloadFailed
from glassnet.engine.files.downloads import PART, fetch, present
from glassnet.engine.files.storage import storage_error
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.datasets.vision import Published


@dataclass
class Download:
    """The state of a data set."""

    state: Literal["absent", "fetching", "present", "failed"]
    #: Bytes received, and bytes in all.
    come: int = 0
    total: int = 0
    detail: str | None = None


class _Closed(Exception):
    """The download is abandoned, because the server ends."""


class Downloads:
    """The folder of published data sets."""

    def __init__(self, folder: Path, tasks: Tasks, quota: Quota) -> None:
        self._folder, self._tasks, self._quota = folder, tasks, quota
        self._under_way: dict[str, Download] = {}
        self._closed = False

    def recover(self) -> None:
        """Remove the incomplete files of a server that was killed, and measure the stored ones."""
        for part in self._folder.glob(f"*/{PART}*"):
            with suppress(OSError):
                part.unlink()
        self._quota.measured("downloads", size_of(self._folder))

    def kinds(self) -> dict[str, type[Published]]:
        """The data sets that can be downloaded, by kind."""
        return {kind: item for kind, item in catalog(Dataset).items() if issubclass(item, Published)}

    def of(self, kind: str) -> Download:
        """The current state of a data set."""
        item = self.kinds()[kind]
        total = sum(file.size for file in item.files)
        known = self._under_way.get(kind)
        if known is not None and known.state == "fetching":
            return known
        if present(item.files, self._folder / kind):
            return Download("present", total, total)
        return known or Download("absent", 0, total)

    def start(self, kind: str) -> Download:
        """Start a download, unless it is complete or running. Raises Refusal where there is no space."""
        now = self.of(kind)
        if now.state in ("present", "fetching"):
            return now
        room = self._quota.reserve("downloads", now.total)
        begun = self._under_way[kind] = Download("fetching", 0, now.total)
        self._tasks.start(self._fetch(kind, begun, room), f"fetch {kind}")
        return begun

    async def _fetch(self, kind: str, download: Download, room: Reservation) -> None:
        def progress(come: int, total: int) -> None:
            if self._closed:
                raise _Closed
            download.come, download.total = come, total

        try:
            await asyncio.to_thread(fetch, self.kinds()[kind].files, self._folder / kind, progress)
        except DownloadFailed as error:
            download.state, download.detail = "failed", str(error)
        except OSError as error:
            download.state, download.detail = "failed", str(storage_error(self._folder / kind, error))
        except _Closed:
            return
        else:
            download.state = "present"
        finally:
            self._quota.measured("downloads", size_of(self._folder))
            room.close()

    def close(self) -> None:
        """Abandon running downloads."""
        self._closed = True
