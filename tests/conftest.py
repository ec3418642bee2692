"""What every test needs: torch on one thread, Hypothesis without a clock, a place on one of two workers."""

import os
from pathlib import Path

# One thread, as `make test` exports; set before torch is imported, so that a bare `pytest` is the same.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import pytest
import torch
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tools.package import use_this_checkout

use_this_checkout()
torch.set_num_threads(1)

# No deadline: a first call imports and warms up. In CI the same examples each time, so that a red run is
# about the change it tests; at home new ones.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "home")

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests first: they take the longest; the other worker goes through the rest meanwhile."""
    items.sort(key=lambda item: HERE / "browser" not in item.path.parents)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Tests of one file stay on one worker, and so do all browser tests: they share what is slow to build."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Work in units of a file, or of a folder whose tests share a server."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder = path.split("/")[1]
        return folder if folder in ("browser", "contract") else path
