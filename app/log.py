"""The log: lines on stderr, as text or as JSON, each with the run it is about."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

#: What callers may add with `extra`.
FIELDS = ("run", "worker")


class TextLines(logging.Formatter):
    """time level logger [run=…]: message"""

    def format(self, record: logging.LogRecord) -> str:
        about = "".join(f" {name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name))
        head = f"{_time(record)} {record.levelname.lower()} {record.name}{about}: {record.getMessage()}"
        return head + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")


class JSONLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


#: uvicorn's words for a WebSocket that was refused with a proper answer, and for requests that are none,
#: which are counted (see connections.py): a line for each would let anybody fill the disk.
NO_NEWS = ("without completing handshake", "Invalid HTTP request", "Unsupported upgrade request")


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.name.startswith("uvicorn") and any(words in record.msg for words in NO_NEWS))


def configure(kind: str, level: str) -> None:
    """Write the log of this process to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLines() if kind == "json" else TextLines())
    handler.addFilter(_is_news)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
