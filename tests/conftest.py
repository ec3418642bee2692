"""What every test needs: torch on one thread, Hypothesis without a clock, a place on one of the workers.

Without Hypothesis and xdist the tests that need neither still run, as `make gpu-check` has them on a card.
"""

from __future__ import annotations

import gc
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# One thread, as `make test` exports; set before torch is imported, so that a bare `pytest` is the same.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import pytest
import torch

from tools.package import use_this_checkout

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

use_this_checkout()
torch.set_num_threads(1)

# No deadline: a first call imports and warms up. In CI the same examples each time, so that a red run is
# about the change it tests; at home new ones.
if importlib.util.find_spec("hypothesis"):
    from hypothesis import settings

    settings.register_profile("home", deadline=None)
    settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
    settings.load_profile("ci" if os.environ.get("CI") else "home")

HERE = Path(__file__).parent


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
    from tests.scheduling import BySharing

    return BySharing(config, log)
