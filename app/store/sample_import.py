"""Import of uploaded sounds to blobs, by a separate process for each upload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blob
from glassnet.app.store.imports import Imports
from glassnet.engine.files.sample_import.sounds import SoundForm


class SampleImporter:
    """The importer of uploaded sounds."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    async def take(self, body: AsyncIterator[bytes], form: SoundForm) -> tuple[Blob, dict[str, Any]]:
        """Import an upload; returns the blob, and the import process's report.

        Raises Refusal, which names the file, and then stores nothing.
        """
        options = [f"--{name}={value}" for name, value in vars(form).items()]
        return await self._imports.take(
            body, "glassnet.engine.files.sample_import", options, "sounds", _check
        )


def _check(said: dict[str, Any]) -> None:
    """Raise Refusal where the import process's report is an error, or none."""
    if "error" in said:
        choices = {name: said[name] for name in ("choices", "poolable") if name in said}
        raise Refusal(422, said["error"], title="Invalid sounds", **choices)
    if "names" not in said:
        raise Refusal(422, "the sounds took more memory or time than allowed; expected fewer or shorter")
