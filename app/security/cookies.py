"""The cookie that keeps a browser signed in: its name, and its parsing."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

log = logging.getLogger(__name__)

_ID = re.compile(r"[0-9a-f]{10}")


def instance(folder: Path) -> str:
    """The random name of the server of a data directory: generated once, and stored there."""
    path = folder / "instance"
    try:
        kept = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        kept = ""
    if _ID.fullmatch(kept):
        return kept
    made = secrets.token_hex(5)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="ascii")
    except OSError as error:
        log.warning("browsers will have to sign in again after a restart: %s: %s", path, error.strerror)
    return made


def values(header: str, name: str) -> Iterator[str]:
    """The values of one name in a Cookie header.

    Each pair is parsed by itself, so that malformed cookies of other servers on this host do no harm.
    """
    for pair in header.split(";"):
        found, _, value = pair.strip().partition("=")
        if found == name:
            yield unquote(value.strip().strip('"'))
