"""The data files of scikit-learn, found without importing it.

Its import takes 0.7 s of processor time and 80 MB, of scipy's statistics for the most part, and each server
and command would pay for them.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path


def data_file(name: str) -> Path:
    """The path of a file below scikit-learn's folder of data sets, as `images/china.jpg`."""
    return Path(str(distribution("scikit-learn").locate_file(f"sklearn/datasets/{name}")))
