"""Pages in the language that is asked for, of those that there are texts in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from glassnet.app.core.languages import InvalidTranslation, Language, languages, wanted
from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app

GERMAN = {
    "scripts": {"page/bar/bar": {"undo": "Rückgängig (Strg+Z)"}},
    "pages": {"Labs": "Labore", "%(count)s pages for “%(query)s”": "%(count)s Seiten zu „%(query)s“"},
    "catalogue": {"Learning rate": "Lernrate", "Hinge": "Angel"},
    "fields": {"Batch size": "Stapelgröße", "Keep": "Behalten"},
}


def translated(data_dir: Path) -> Path:
    """A data directory with a German translation of a few texts."""
    (data_dir / "texts").mkdir()
    (data_dir / "texts" / "de.json").write_text(json.dumps(GERMAN), encoding="utf-8")
    return data_dir


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(Settings(data_dir=translated(tmp_path_factory.mktemp("languages"))))
    with TestClient(app, base_url="http://localhost:80") as client:
        yield client


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr, de;q=0.5, en;q=0.4", "de"),
        ("en, de;q=0.5", "en"),
        ("de;q=0", "en"),
        ("*, nonsense;q=x", "en"),
        ("", "en"),
    ],
)
def test_a_page_is_in_the_first_language_asked_for_that_there_is(
    visitor: TestClient, accepted: str, lang: str
) -> None:
    page = visitor.get("/labs", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{lang}">' in page
    assert ("<h1>Labore</h1>" in page) is (lang == "de")
    assert ('id="translation"' in page) is (lang == "de")


def test_what_is_not_translated_is_in_english(visitor: TestClient) -> None:
    page = visitor.get("/labs", headers={"Accept-Language": "de"}).text
    assert "they compute what they show" in page


def test_scripts_find_their_texts_in_the_page(visitor: TestClient) -> None:
    page = visitor.get("/", headers={"Accept-Language": "de"}).text
    _, _, rest = page.partition('<script type="application/json" id="translation">')
    assert json.loads(rest.partition("</script>")[0]) == GERMAN["scripts"]


def test_catalogue_and_schema_are_in_the_language_of_who_asks(visitor: TestClient) -> None:
    def labels(language: str) -> list[str]:
        found = visitor.get("/api/catalog", headers={"Accept-Language": language}).json()
        return [item["label"] for item in found["losses"]]

    def batch_size(language: str) -> dict[str, object]:
        schema = visitor.get("/api/schema", headers={"Accept-Language": language}).json()
        found: dict[str, object] = schema["$defs"]["Training"]["properties"]["batch_size"]
        return found

    assert "Angel" in labels("de")
    assert "Hinge" in labels("en")
    assert batch_size("de")["label"] == "Stapelgröße"
    assert "label" not in batch_size("en")


def test_a_server_may_have_one_language_whatever_is_asked_for(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=translated(tmp_path), language="de"))
    with TestClient(app, base_url="http://localhost:80") as client:
        assert '<html lang="de">' in client.get("/labs", headers={"Accept-Language": "en"}).text


def test_a_language_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=translated(tmp_path), language="fr"))
    with pytest.raises(InvalidTranslation, match="no texts in 'fr'; expected auto or one of en, de"):
        TestClient(app, base_url="http://localhost:80").get("/labs")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("de.json", "{", "expected a translation as JSON"),
        ("de.json", "[]", "expected an object of objects of texts"),
        ("de.json", '{"pages": {"Labs": 1}}', "the translation of 'Labs' is no text"),
        ("deutsch_1.json", "{}", "expected the tag of a language as its name"),
    ],
)
def test_a_faulty_translation_is_refused_by_its_path(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / name).write_text(content)
    with pytest.raises(InvalidTranslation, match=f"{name}.*{said}"):
        languages(tmp_path)


def test_the_most_wanted_language_comes_first() -> None:
    assert list(wanted("en;q=0.1, pt-BR, de;q=0.5, x;q=0")) == ["pt-br", "de", "en"]


def test_english_says_what_it_is_given() -> None:
    assert Language().say("Labs") == "Labs"
