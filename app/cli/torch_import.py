"""The first import of torch. Where it fails, one line says why, and what to do.

A processor that lacks an instruction ends the process by a signal, in the middle of an import. Python handles
signals between its own instructions and so never would; a handler in C, which ctypes makes of a function of
ours, can still say what happened.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from glassnet.app.core.permanent import permanent_imports

BAD_INPUT = 2


class CannotImport(Exception):
    """torch cannot be used on this machine; one line."""


def import_torch() -> None:
    """Import torch, and numpy that it needs. Raises CannotImport.

    Where the processor lacks an instruction that they use, the process ends with a line and exit code 2.
    """
    with _illegal_instructions_told(), permanent_imports():
        try:
            import numpy  # noqa: F401 what it was built for it checks by itself, and says
            import torch  # noqa: F401
        except ModuleNotFoundError as error:
            raise CannotImport(f"{error.name} is not installed; try: {_install(error.name)}") from None
        except (ImportError, OSError, RuntimeError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise CannotImport(f"torch cannot be imported: {reason}; try: {_install('torch')}") from None


def _install(name: str | None) -> str:
    return f"{sys.executable} -m pip install --force-reinstall {name}"


@contextmanager
def _illegal_instructions_told() -> Iterator[None]:
    """A context in which an instruction that the processor lacks ends the process with one line."""
    line = (
        f"glassnet: this processor ({platform.machine()}) lacks an instruction that torch uses; "
        "run Glassnet on a newer machine, or install a torch that is built for this one\n"
    ).encode()

    def tell(number: int) -> None:
        os.write(2, line)
        os._exit(BAD_INPUT)

    told = ctypes.CFUNCTYPE(None, ctypes.c_int)(tell)
    set_handler = ctypes.CDLL(None).signal
    set_handler.restype, set_handler.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_void_p)
    before = set_handler(signal.SIGILL, ctypes.cast(told, ctypes.c_void_p))
    try:
        yield
    finally:
        set_handler(signal.SIGILL, before)
