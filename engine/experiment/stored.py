"""Documents of experiments as they lie on disk: written by this version, or by one with fewer options."""

from __future__ import annotations

from typing import Any


def stored(document: dict[str, Any]) -> dict[str, Any]:
    """A document with what it meant when it was written: options that have come since, as all did then.

    Documents are written with every default, so an option that is missing was not there. Those that users
    send are another matter: they get today's defaults.
    """
    data = document.get("data")
    if not isinstance(data, dict) or "split" in data:
        return document
    # Samples were drawn at random until data sets could be told how.
    return {**document, "data": {**data, "split": "random"}}
