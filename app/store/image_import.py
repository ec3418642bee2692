"""Import of uploaded pictures to blobs, by a separate process for each upload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blob
from glassnet.app.store.images import PictureBlobs
from glassnet.app.store.imports import Imports
from glassnet.engine.files.image_import import Form
from glassnet.engine.files.image_import.blob import PictureSet


class Importer:
    """The importer of uploaded pictures."""

    def __init__(self, imports: Imports, pictures: PictureBlobs) -> None:
        self._imports, self._pictures = imports, pictures

    async def take(self, body: AsyncIterator[bytes], form: Form) -> tuple[Blob, dict[str, Any]]:
        """Import an upload; returns the blob, and the import process's report.

        Raises Refusal, which names the file, and then stores nothing.
        """
        options = [f"--{name}={value}" for name, value in vars(form).items()]
        blob, said = await self._imports.take(
            body, "glassnet.engine.files.image_import", options, "pictures", _check
        )
        shape = (said["pictures"], form.channels, form.size, form.size)
        known = {name: said[name] for name in ("names", "counts", "validated", "tested", "targets")}
        self._pictures.remember(blob.sha256, PictureSet(shape=shape, **known))
        return blob, said


def _check(said: dict[str, Any]) -> None:
    """Raise Refusal where the import process's report is an error, or none."""
    if "error" in said:
        choices = {name: said[name] for name in ("choices", "poolable") if name in said}
        raise Refusal(422, said["error"], title="Invalid pictures", **choices)
    if "names" not in said:
        raise Refusal(422, "the pictures took more memory or time than allowed; expected fewer or smaller")
