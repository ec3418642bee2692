"""What every test needs: torch on one thread, Hypothesis without a clock, a place on one of the workers."""

import gc
import os
from collections.abc import Iterator
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
#: The files of browser tests. Every second one is of one unit of work, the others are of another.
BROWSER = sorted(path.name for path in (HERE / "browser").glob("test_*.py"))

#: The files of tests/app that share the server of tests/app/conftest.py: one unit of work.
USUAL = {f"test_{name}.py" for name in ("http", "images", "looking", "untrusted_blobs", "weights")}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect tests without the garbage collector, which would go through all of them again and again.

    They and what they import stay until the end: a third of the time that each worker collects tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests first, which take the longest, and the many short files of the engine last.

    So no worker is left alone at the end with a long file that it has just begun.
    """
    engine = HERE / "engine"
    items.sort(key=lambda item: (HERE / "browser" not in item.path.parents, engine in item.path.parents))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Tests that share what is slow to build stay on one worker."""
    return BySharing(config, log)


class BySharing(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Work in units of a file, of the files whose tests share a server, or of half of the browser tests.

    One server and one browser for all of those would be the longest unit by far: the others would be done
    halfway through it.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        folder = path.parent.name
        if folder == "browser":
            return f"{folder} {BROWSER.index(path.name) % 2}"
        if folder == "app" and path.name in USUAL:
            return "usual server"
        return folder if folder == "contract" else str(path)
