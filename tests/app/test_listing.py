"""The list of runs: by words, state and order, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from glassnet.app.runs.record import RunRecord
from glassnet.app.runs.states import State
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.directory import RunDirectory
from tests.contract.client import experiment

STATES: list[State] = ["finished", "paused", "stopped"]


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a server that finds seven runs; the oldest has the greatest loss, two have none."""
    data = tmp_path_factory.mktemp("listed")
    written = Experiment.parse(experiment())
    for index in range(7):
        record = RunRecord(f"run{index}", f"Title {'abcdefg'[index]}", 1e9 + index, STATES[index % 3])
        record.number, record.step = index + 1, 10 * index
        record.loss = None if index in (2, 5) else 1 - index / 10
        record.tell_apart(written)
        RunDirectory.create(data / "runs" / record.id, written, run=record.id)
        record.write(data / "runs" / record.id)
    with TestClient(create_app(Settings(data_dir=data)), base_url="http://localhost:80") as client:
        yield client


def listed(visitor: TestClient, **asked: Any) -> str:
    """The numbers of the runs that are listed, in a row."""
    answer = visitor.get("/api/runs", params=asked)
    assert answer.status_code == 200, answer.text
    return "".join(str(run["number"]) for run in answer.json())


def test_all_runs_are_listed_the_newest_first(visitor: TestClient) -> None:
    assert listed(visitor) == "7654321"


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"order": "number", "descending": False}, "1234567"),
        ({"order": "title"}, "7654321"),
        ({"order": "step", "descending": False}, "1234567"),
        ({"order": "loss"}, "1245763"),
        ({"order": "loss", "descending": False}, "7542163"),
        ({"order": "state", "descending": False}, "5274163"),
        ({"text": "title B"}, "2"),
        ({"text": "#3"}, "3"),
        ({"text": "run4"}, "5"),
        ({"text": "nothing of that"}, ""),
        ({"state": "stopped"}, "63"),
        ({"state": ["stopped", "paused"]}, "6532"),
        ({"offset": 2, "limit": 3}, "543"),
        ({"offset": 9}, ""),
    ],
)
def test_they_are_chosen_and_ordered_as_asked(
    visitor: TestClient, asked: dict[str, Any], numbers: str
) -> None:
    assert listed(visitor, **asked) == numbers


def test_a_page_says_how_many_there_are_on_all(visitor: TestClient) -> None:
    answer = visitor.get("/api/runs", params={"limit": 2, "state": "finished"})
    assert len(answer.json()) == 2
    assert answer.headers["total-count"] == "3"


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"order": "colour"}, "query 'order': input should be 'created',"),
        ({"state": "asleep"}, "query 'state': input should be 'queued',"),
        ({"limit": 0}, "query 'limit': input should be greater than or equal to 1"),
        ({"limit": 1001}, "query 'limit': input should be less than or equal to 1000"),
        ({"offset": -1}, "query 'offset': input should be greater"),
        ({"text": "x" * 201}, "query 'text': string should have at most 200 characters"),
    ],
)
def test_what_cannot_be_asked_is_named(visitor: TestClient, asked: dict[str, Any], named: str) -> None:
    answer = visitor.get("/api/runs", params=asked)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(named)
