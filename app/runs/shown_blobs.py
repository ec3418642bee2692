"""Which blobs the runs show, as their experiments are now: those that a watcher may see."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from glassnet.app.store.references import in_document
from glassnet.engine.errors import GlassnetError

if TYPE_CHECKING:
    from glassnet.app.runs.run import Run


class ShownBlobs:
    """The blobs that each run's experiment refers to, looked up once for each of its revisions."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, set[str]]] = {}

    async def include(self, sha256: str, runs: Collection[Run]) -> bool:
        """Whether any of these runs, which are all there are, refers to a blob."""
        names = {run.id for run in runs}
        self._found = {name: found for name, found in self._found.items() if name in names}
        for run in runs:
            if sha256 in await self._of(run):
                return True
        return False

    async def _of(self, run: Run) -> set[str]:
        revision, found = self._found.get(run.id, (-1, set()))
        if revision != run.revision:
            try:
                found = in_document((await run.files.experiment()).document())
            except (GlassnetError, OSError):
                return set()  # a run that cannot be read shows nothing
            self._found[run.id] = run.revision, found
        return found
