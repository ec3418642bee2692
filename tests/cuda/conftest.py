"""Tests that run on a GPU: engine alone, no server.

Without a card those that give their trainers the fixture's device run on one that is pretended (see
pretended.py), one in a few in each run of the tests; what needs the card is skipped. GLASSNET_TEST_DEVICE
says where to run all of them: cuda, cpu or pretended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.cuda.pretended import pretended

ASKED = os.environ.get("GLASSNET_TEST_DEVICE")
DEVICE = ASKED or ("cuda" if torch.cuda.is_available() else "pretended")

#: On a pretended device that nobody asked for, all but one in so many are for the thorough runs.
EVERY = 4


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and skip what needs a card where there is none."""
    mine = [item for item in items if Path(__file__).parent in item.path.parents]
    anywhere = [item for item in mine if "device" in getattr(item, "fixturenames", ())]
    for item in mine:
        item.add_marker(pytest.mark.cuda)
        if item not in anywhere and not torch.cuda.is_available():
            item.add_marker(pytest.mark.skip(reason="torch sees no CUDA device here"))
    for place, item in enumerate(anywhere):
        if DEVICE == "pretended" and not ASKED and place % EVERY:
            item.add_marker(pytest.mark.thorough)


@pytest.fixture(autouse=True)
def contiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let images of the CPU lie as a card's do, so that both are computed alike."""
    monkeypatch.setattr("glassnet.engine.training.single.memory_format", lambda *_: torch.contiguous_format)
    monkeypatch.setattr("glassnet.engine.training.single.may_be_channels_last", lambda *_: False)


@pytest.fixture
def device() -> Iterator[str]:
    """Where these tests train."""
    if DEVICE != "pretended":
        yield DEVICE
        return
    with pretended():
        yield "cuda"
