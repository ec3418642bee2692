"""Which blobs the experiments of runs refer to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.errors import GlassnetError

if TYPE_CHECKING:
    from app.runs.run import Run

_REFERENCE = re.compile(r"sha256:([0-9a-f]{64})")


def mentioned(document: Any) -> frozenset[str]:
    """The hashes of all blobs that a document refers to."""
    return frozenset(_REFERENCE.findall(json.dumps(document)))


class References:
    """What each run refers to, looked up once for each revision of its experiment."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, frozenset[str]]] = {}

    async def include(self, sha256: str, runs: Iterable[Run]) -> bool:
        """Whether any of these runs refers to a blob."""
        for run in runs:
            if sha256 in await self._of(run):
                return True
        return False

    async def _of(self, run: Run) -> frozenset[str]:
        revision, found = self._found.get(run.id, (-1, frozenset()))
        if revision != run.revision:
            try:
                found = mentioned((await run.experiment()).document())
            except (GlassnetError, OSError):
                return frozenset()  # a run that cannot be read shows nothing
            self._found[run.id] = run.revision, found
        return found
