"""The figures of items over HTTP: computed by the item with any of its options, and side by side."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
import torch
from starlette.testclient import TestClient

from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from glassnet.engine.catalog import kind_of
from glassnet.engine.figures import PLOTS
from glassnet.engine.items.activations import Activation
from glassnet.engine.reference import FAMILIES, items_of
from glassnet.engine.training.trainer import Trainer


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("plots"))
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8265") as client:
        yield client


def test_a_slider_changes_the_figure_as_torch_does(visitor: TestClient) -> None:
    answer = visitor.get("/api/reference/activations/leaky_relu/plot?slope=0.25")
    assert answer.status_code == 200
    function, derivative = answer.json()["parts"]
    (line,) = function["lines"]
    x = torch.tensor(line["x"], dtype=torch.float64)
    expected = torch.nn.functional.leaky_relu(x, 0.25)
    torch.testing.assert_close(torch.tensor(line["y"], dtype=torch.float64), expected, rtol=1e-5, atol=1e-6)
    assert set(derivative["lines"][0]["y"]) == {0.25, 1.0}
    again = visitor.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "pointer", "said"),
    [
        ("slope=7", "/slope", "expected a number from 0 to 1"),
        ("slope=steep", "/slope", "expected a number from 0 to 1"),
        ("slope=[[1]]", "/slope", "expected a number"),
        ("slope=" + "1" * 300, "/slope", "300 characters; expected at most 200"),
        ("steepness=1", "/steepness", "no option of this figure; expected slope"),
        ("inputs=null", "/inputs", "no option of this figure"),
    ],
)
def test_a_wrong_option_is_refused_where_it_stands(
    visitor: TestClient, query: str, pointer: str, said: str
) -> None:
    answer = visitor.get(f"/api/reference/activations/leaky_relu/plot?{query}")
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["pointer"] == pointer
    assert said in problem["message"]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("activations/rleu/plot", 404, "'rleu' is none of the activations; expected one of elu,"),
        ("spices/salt/plot", 404, "'spices' is no family of the reference; expected one of datasets,"),
        ("activations/compare?kinds=relu,rleu", 422, "'rleu' is none of the activations"),
        (
            "activations/compare?kinds=" + ",".join(items_of("activations")),
            422,
            "30 items; expected at most 8",
        ),
        ("spices/compare?kinds=salt", 404, "'spices' is no family"),
    ],
)
def test_what_there_is_not_is_named(visitor: TestClient, address: str, status: int, said: str) -> None:
    answer = visitor.get(f"/api/reference/{address}")
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_every_family_of_the_reference_has_a_figure() -> None:
    assert PLOTS.keys() == FAMILIES.keys()


@pytest.mark.parametrize(
    ("family", "kind", "parts"), [("datasets", "spiral", 1), ("studies", "convolution", 4)]
)
def test_what_is_looked_at_is_drawn(visitor: TestClient, family: str, kind: str, parts: int) -> None:
    assert len(visitor.get(f"/api/reference/{family}/{kind}/plot").json()["parts"]) == parts


def test_the_web_process_trains_nothing(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure of a task is of a network that was trained, and here none could be built."""
    monkeypatch.setattr(Trainer, "__init__", None)
    figure = visitor.get("/api/reference/tasks/compare?kinds=classification,regression").json()
    assert [part["title"] for part in figure["parts"]] == ["loss", "accuracy", "absolute error"]


def test_options_that_fit_no_example_are_refused_with_the_reason(visitor: TestClient) -> None:
    answer = visitor.get("/api/reference/layers/conv2d/plot?groups=7")
    assert answer.status_code == 422
    assert "expected" in answer.json()["detail"]


def test_items_side_by_side_lie_over_each_other(visitor: TestClient) -> None:
    figure = visitor.get("/api/reference/activations/compare?kinds=relu,tanh&kinds=silu").json()
    assert [part["title"] for part in figure["parts"]] == ["Function", "Derivative"]
    assert all(
        [line["name"] for line in part["lines"]] == ["ReLU", "Tanh", "SiLU"] for part in figure["parts"]
    )


#: Families whose figures take some seconds together.
SLOW = {"studies", "datasets"}


@pytest.mark.parametrize(
    "family", [pytest.param(f, marks=pytest.mark.thorough if f in SLOW else ()) for f in PLOTS]
)
def test_every_item_has_a_figure(visitor: TestClient, family: str) -> None:
    for kind in items_of(family):
        answer = visitor.get(f"/api/reference/{family}/{kind}/plot")
        assert answer.status_code == 200, (kind, answer.text)
        parts = answer.json()["parts"]
        assert parts, kind
        for part in parts:
            drawn = [*part.get("lines", ()), *part.get("points", ()), *part.get("paths", ())]
            values = [each for line in drawn for each in line["y"]]
            assert any(each is not None for each in values) or part.get("pictures") or part.get("bars"), kind


@pytest.mark.parametrize("kind", items_of("activations"))
def test_what_a_guide_says_of_an_activation_is_what_it_does(visitor: TestClient, kind: str) -> None:
    """Range and monotone are said in words beside a plot that would show a mistake to everyone."""
    item = items_of("activations")[kind]
    assert issubclass(item, Activation)
    assert item.guide is not None
    function = visitor.get(f"/api/reference/activations/{kind}/plot").json()["parts"][0]
    values = [each for line in function["lines"] for each in line["y"]]
    inside = item.guide.codomain.replace("−", "-").replace("∞", "inf")
    numbers = {"α": 1.0, "-α": -1.0, "c": 1.0, "1/c": 1.0}
    if not inside.startswith("{"):
        low, high = (numbers.get(end) for end in inside[1:-1].split(", "))
        low = float(inside[1:-1].split(", ")[0]) if low is None else low
        high = float(inside[1:-1].split(", ")[1]) if high is None else high
        assert low - 1e-3 <= min(values)
        assert max(values) <= high + 1e-3
    if item.guide.monotone is not None and kind_of(item) == kind:
        rises = all(one <= other + 1e-9 for one, other in pairwise(values))
        assert rises == item.guide.monotone
