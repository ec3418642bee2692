"""Imports that stay until the process ends, kept away from the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def permanent_imports() -> Iterator[None]:
    """A context for imports, in which nothing is collected; what exists at its end is never looked at again.

    The import of torch makes a million objects that all stay. The collector would go through them several
    times on the way, a fifth of the processor time of a start, and in forked workers would write to the pages
    that they share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
