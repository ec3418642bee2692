"""The compiler that torch.compile needs: whether this machine has one for a device."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys

from glassnet.engine.experiment.precision import Precision


def why_not_compiled(device: str, precision: Precision) -> str | None:
    """Why networks cannot be compiled for a device here, for users; None where they can."""
    if device != "cpu":
        if precision == "tf32":  # which torch allows or forbids for the whole process
            return "tf32 cannot be compiled; expected another precision"
        if importlib.util.find_spec("triton") is None:
            return "this machine has no Triton, which compiles for a GPU"
        return _without("C", os.environ.get("CC"), "gcc", "clang", "cc")
    return _without("C++", os.environ.get("CXX"), "clang++" if sys.platform == "darwin" else "g++")


def _without(language: str, chosen: str | None, *usual: str) -> str | None:
    """What is missing where none of these compilers is on the path."""
    tried = [chosen] if chosen else list(usual)
    if any(map(shutil.which, tried)):
        return None
    return f"this machine has no {language} compiler ({', '.join(tried)})"
