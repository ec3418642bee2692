"""The environment and command line of processes that read untrusted uploads."""

from __future__ import annotations

import os
import sys

#: The environment variables that such a process needs; tokens are not among them.
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")


def environment() -> dict[str, str]:
    """The environment of a process that reads uploads."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    # One thread: each further one would need address space, which is limited, and keep the network.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join(place for place in sys.path if place)
    return {**kept, **threads, "PYTHONPATH": path, "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}


def command(module: str, *arguments: str, memory: int, seconds: int) -> list[str]:
    """The command line of a module that limits itself (engine/files/image_import/isolation.py)."""
    return [sys.executable, "-m", module, *arguments, f"--memory={memory}", f"--seconds={seconds}"]
