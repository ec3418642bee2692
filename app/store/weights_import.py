"""Import of uploaded state dicts to blobs, by a separate process for each upload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.store.blobs import Blob
from glassnet.app.store.imports import Imports


async def take_weights(imports: Imports, body: AsyncIterator[bytes]) -> Blob:
    """Import an upload; returns the blob. Raises Refusal, which names the key, and then stores nothing."""
    blob, _ = await imports.take(body, "glassnet.engine.files.weights_import", [], "weights", _check)
    return blob


def _check(said: dict[str, Any]) -> None:
    if "error" in said:
        raise Refusal(422, said["error"], title="Invalid weights")
    if "tensors" not in said:
        raise Refusal(422, "the weights took more memory or time than allowed; expected a smaller file")
