"""The warnings of an experiment on the standard error, each as one line."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from glassnet.engine.errors import Problem


def warn(warnings: Iterable[Problem]) -> None:
    """Write what can be trained and does not do what was meant, with the change that mends it."""
    for warning in warnings:
        mended = f" ({warning.remedy.label})" if warning.remedy else ""
        sys.stderr.write(f"glassnet: warning: {warning}{mended}\n")
