"""A real server, and a client that has read the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.client import Client
from tools.serving import serving


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(tmp_path_factory.mktemp("contract")) as server:
        client = Client(server.url)
        yield client
        client.http.close()
