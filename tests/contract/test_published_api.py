"""The published description, taken at its word: what it allows is never answered with a 5xx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from tests.contract.client import Client


def described() -> dict[str, Any]:
    """The description, with an experiment left open: to draw one takes minutes, and others mutate some."""
    document = create_app(Settings(data_dir=Path("nowhere"))).openapi()
    schemas = document["components"]["schemas"]
    schemas["Experiment"] = {"type": "object"}
    return document


SCHEMA = schemathesis.openapi.from_dict(described())


@pytest.fixture(scope="module")
def run(client: Client) -> str:
    """A run for all operations that name one."""
    name = client.start(start="paused")
    client.wait_for(name, "paused")
    return name


@SCHEMA.exclude(method="DELETE").parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_the_description_allows_is_answered(
    case: schemathesis.Case[Any], client: Client, run: str
) -> None:
    if case.path_parameters and "run" in case.path_parameters:
        case.path_parameters["run"] = run
    if _takes_long(case.body):
        return
    answer = case.call(base_url=client.url, timeout=30)
    assert answer.status_code < 500, (case.body, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].startswith("application/problem+json"), answer.text


def _takes_long(body: Any) -> bool:
    """A step is answered when its steps are taken."""
    return isinstance(body, dict) and body.get("type") == "step"
