"""Import of uploaded sounds and volumes to blobs, by a separate process for each upload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blob
from glassnet.app.store.imports import Imports
from glassnet.engine.files.sample_import.blob import Kind
from glassnet.engine.files.sample_import.sounds import SoundForm
from glassnet.engine.files.sample_import.volumes import VolumeForm


class SampleImporter:
    """The importer of uploaded sounds and volumes."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    async def take(
        self, body: AsyncIterator[bytes], form: SoundForm | VolumeForm
    ) -> tuple[Blob, dict[str, Any]]:
        """Import an upload; returns the blob, and the import process's report.

        Raises Refusal, which names the file, and then stores nothing.
        """
        what: Kind = "sounds" if isinstance(form, SoundForm) else "volumes"
        options = [f"--{name}={value}" for name, value in {"kind": what, **vars(form)}.items()]
        return await self._imports.take(
            body, "glassnet.engine.files.sample_import", options, what, partial(_check, what)
        )


def _check(what: Kind, said: dict[str, Any]) -> None:
    """Raise Refusal where the import process's report is an error, or none."""
    if "error" in said:
        choices = {name: said[name] for name in ("choices", "poolable") if name in said}
        raise Refusal(422, said["error"], title=f"Invalid {what}", **choices)
    if "names" not in said:
        raise Refusal(422, f"the {what} took more memory or time than allowed; expected fewer or smaller")
