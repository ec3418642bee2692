"""Outlet: the destination of a session's messages and frames."""

from __future__ import annotations

from typing import Any, Protocol


class Outlet(Protocol):
    """The receiver of all that a session sends: the service in a worker, the run of a notebook."""

    def text(self, message: dict[str, Any]) -> None:
        """Send an ack, an error or a status."""

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        """Send a frame; of scalars all are delivered, of pictures the newest."""
