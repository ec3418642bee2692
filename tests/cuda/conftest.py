"""Tests that run on a GPU: engine alone, no server. GLASSNET_TEST_DEVICE=cpu runs them without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.cuda.pretended import pretended

DEVICE = os.environ.get("GLASSNET_TEST_DEVICE", "cuda")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and skip it where there is no card."""
    absent = DEVICE == "cuda" and not torch.cuda.is_available()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cuda)
            if absent:
                item.add_marker(pytest.mark.skip(reason="torch sees no CUDA device here"))


@pytest.fixture
def device() -> Iterator[str]:
    """Where these tests train."""
    if DEVICE != "pretended":
        yield DEVICE
        return
    with pretended():
        yield "cuda"
