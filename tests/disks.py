"""Disks that are small, full or read-only, for tests that cause what happens on them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


class Disk:
    """A disk of a test's own, in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filling = path / "filling"

    def fill(self) -> None:
        """Leave not a byte."""
        with self._filling.open("ab", buffering=0) as filling:
            for size in (1 << 16, 1):
                with suppress(OSError):
                    while filling.write(bytes(size)):
                        pass

    def make_room(self) -> None:
        """Take away what `fill` wrote."""
        self._filling.unlink(missing_ok=True)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let nothing be opened for writing, or made or removed. Files that are open stay so."""
        subprocess.run(["mount", "--bind", self.path, self.path], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", self.path], check=True)
            yield
        finally:
            subprocess.run(["umount", "--lazy", self.path], check=True)


@contextmanager
def small_disk(path: Path, size: int = 8 << 20) -> Iterator[Disk]:
    """A disk at a path, as long as this lasts; skips the test where the machine does not let it mount one."""
    path.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount` to make a small disk with")
    if made.returncode:
        pytest.skip(f"a small disk cannot be mounted: {made.stderr.strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=False, capture_output=True)  # it may be moved by now
