"""Experiment documents as they are stored on disk, by this version or by one with fewer options."""

from __future__ import annotations

from typing import Any


def stored(document: dict[str, Any]) -> dict[str, Any]:
    """The document with options added since it was written, set to the behaviour of that time.

    Documents are stored with every default written out, so a missing option did not exist then. Documents
    that users send are completed with today's defaults instead.
    """
    data = document.get("data")
    if not isinstance(data, dict) or "split" in data:
        return document
    # Samples were always split at random before data sets had an option for it.
    return {**document, "data": {**data, "split": "random"}}
