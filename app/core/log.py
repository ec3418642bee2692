"""The log: lines on stderr, as text or as JSON, each with the run it concerns."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime

#: The fields that callers may add with `extra`.
FIELDS = ("run", "worker")


#: The replacement of a secret.
HIDDEN = "[hidden]"

#: Places of unknown secrets: wrong tokens are often valid ones of another server.
_PLACES = re.compile(
    r"""(\btoken["']?\s*[=:]\s*b?["']?|\bbearer\s+|\bglassnet_[0-9a-f]+=)[^\s&;,"'\\]+""", re.IGNORECASE
)

#: The secrets that must not appear in any line.
_secrets: set[str] = set()


def conceal(secrets: Iterable[str]) -> None:
    """Replace these secrets in all lines from now on."""
    _secrets.update(secret for secret in secrets if secret)


def redacted(text: str) -> str:
    """A text with its tokens replaced."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _PLACES.sub(rf"\1{HIDDEN}", text)


class TextLines(logging.Formatter):
    """A formatter of text lines: `time level logger [run=…]: message`."""

    def format(self, record: logging.LogRecord) -> str:
        about = "".join(f" {name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name))
        head = f"{_time(record)} {record.levelname.lower()} {record.name}{about}: {record.getMessage()}"
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return redacted(head + trace)


class JSONLines(logging.Formatter):
    """A formatter of lines with one JSON object each."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


#: uvicorn's messages for a WebSocket that was refused with a proper response, and for malformed requests,
#: which are counted (see connections.py): with a line for each, any client could fill the disk.
NO_NEWS = ("without completing handshake", "Invalid HTTP request", "Unsupported upgrade request")


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.name.startswith("uvicorn") and any(words in record.msg for words in NO_NEWS))


def configure(kind: str, level: str) -> None:
    """Set up the log of this process on stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLines() if kind == "json" else TextLines())
    handler.addFilter(_is_news)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
