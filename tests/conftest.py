"""What every test needs: torch on one thread, Hypothesis without a clock, a place on one of two workers."""

import os
from pathlib import Path

# One thread, as `make test` exports; set before torch is imported, so that a bare `pytest` is the same.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)

# No deadline: a first call imports and warms up. In CI the same examples each time, so that a red run is
# about the change it tests; at home new ones.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "home")

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests first and on one worker, and each other file on one worker.

    A file's tests share what is slow to build. Browser tests share a server and take the longest; the other
    worker goes through the rest meanwhile.
    """
    items.sort(key=lambda item: HERE / "browser" not in item.path.parents)
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        group = folder if folder in ("browser", "contract") else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))
