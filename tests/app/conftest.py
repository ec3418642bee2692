"""What several files of these tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.server import served
from tests.contract.client import Client
from tools.serving import Server


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Client]]:
    """A server with the settings that users have, for tests that need no others.

    Files that use it are listed in tests/scheduling.py, so that they come to one worker: a start takes 4 s of
    processor time.
    """
    with served(tmp_path_factory.mktemp("usual")) as started:
        yield started
