"""The catalogue, schemas, presets and descriptions over HTTP."""

import pytest
from starlette.testclient import TestClient

from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from glassnet.engine.catalog import catalog
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.studies import Study


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    settings = Settings(data_dir=tmp_path_factory.mktemp("reference"))
    return TestClient(create_app(settings), base_url="http://127.0.0.1:8265")


@pytest.mark.parametrize("kind", catalog(Study))
def test_every_study_says_its_options(visitor: TestClient, kind: str) -> None:
    answer = visitor.get(f"/api/schema/studies/{kind}")
    assert answer.status_code == 200
    assert answer.json() == catalog(Study)[kind].model_json_schema()
    again = visitor.get(f"/api/schema/studies/{kind}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_study_there_is_not_is_named(visitor: TestClient) -> None:
    answer = visitor.get("/api/schema/studies/horoscope")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("'horoscope' is no study; expected one of ")


def test_the_catalogue_says_what_each_optimizer_calls_its_momentum(visitor: TestClient) -> None:
    entries = visitor.get("/api/catalog").json()["optimizers"]
    assert {entry["kind"]: entry["inertia"] for entry in entries} == {
        kind: item.inertia for kind, item in catalog(Optimizer).items()
    }
    assert all(entry["formula"] for entry in entries)


def test_the_catalogue_comes_without_its_reference_texts_where_not_wanted(visitor: TestClient) -> None:
    whole, brief = (visitor.get(f"/api/catalog{query}").json() for query in ("", "?texts=false"))
    for family, items in whole.items():
        assert all(item.pop("reference") is not None for item in items)
        # Of a notebook's own data, which other tests may have imported, there is none.
        assert all(item.pop("guide", None) or item["kind"] == "own_data" for item in items)
        assert brief[family] == items
    assert visitor.get("/api/catalog?texts=perhaps").status_code == 422


def test_presets_come_without_their_texts_where_not_wanted(visitor: TestClient) -> None:
    whole, brief = (visitor.get(f"/api/presets{query}").json() for query in ("", "?texts=false"))
    assert all(preset.pop("question") and preset.pop("notice") for preset in whole)
    assert brief == whole


def test_surfaces_have_their_formulas(visitor: TestClient) -> None:
    surfaces = visitor.get("/api/catalog").json()["surfaces"]
    assert {"beale", "formula", "rosenbrock"} <= {entry["kind"] for entry in surfaces}
    assert all(entry["formula"] for entry in surfaces)


def test_the_schema_leaves_what_an_item_is_to_the_catalogue(visitor: TestClient) -> None:
    """Every docstring would be sent twice on a first visit: a third of the schema."""
    definitions = visitor.get("/api/schema").json()["$defs"]
    assert {name for name, one in definitions.items() if "description" in one} >= {"Training", "Update"}
    items = [one for one in definitions.values() if "kind" in one.get("properties", {})]
    assert items
    assert not any("description" in one for one in items)
    assert all(
        "description" in field for one in items for name, field in one["properties"].items() if name != "kind"
    )
