"""A server of one test's own, with settings of its own, and the processes behind it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.contract.client import SECONDS, Client, experiment
from tools.serving import Server, serving


@contextmanager
def served(data: Path, **settings: Any) -> Iterator[tuple[Server, Client]]:
    """`glassnet serve` with these settings in its environment."""
    names = {f"GLASSNET_{name.upper()}": str(value) for name, value in settings.items()}
    with serving(data, env={**os.environ, **names}) as server:
        client = Client(server.url)
        try:
            yield server, client
        finally:
            client.http.close()


def endless(**training: Any) -> dict[str, Any]:
    """An experiment that does not finish while a test looks."""
    document = experiment()
    document["training"].update({"epochs": 10**6, **training})
    return document


def short(**training: Any) -> dict[str, Any]:
    """An experiment that finishes at once."""
    return endless(**{"epochs": 1, **training})


def workers(data: Path) -> list[int]:
    """The process numbers of all living workers."""
    return [int(path.name) for path in (data / "workers").glob("[0-9]*")]


def descendants(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += descendants(int(child))
    return found


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    os.kill(pid, number)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)
