"""The reference: a page for every item, from the item's own words, and for every word of the pages."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

from glassnet.app.api.glossary import glossary
from glassnet.app.api.item_page import families, item_page
from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from glassnet.engine.catalog import Item, catalog
from glassnet.engine.figures.sliders import sliders
from glassnet.engine.reference import FAMILIES

PAGES = [(family.name, item.kind) for family in families() for item in family.items]


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    settings = Settings(data_dir=tmp_path_factory.mktemp("reference"))
    return TestClient(create_app(settings), base_url="http://127.0.0.1:8265")


def items_of(family: str) -> dict[str, type[Item]]:
    base, root = FAMILIES[family]
    return {kind: item for kind, item in catalog(root).items() if issubclass(item, base)}


def text_of(visitor: TestClient, address: str) -> str:
    answer = visitor.get(address)
    assert answer.status_code == 200, address
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def assert_says_all(visitor: TestClient, family: str, kind: str, item: type[Item]) -> None:
    text = text_of(visitor, f"/reference/{family}/{kind}")
    assert item.label() in text
    for line in (getattr(item, "formula", ""), getattr(item, "derivative", "")):
        assert set(line.replace(";", " ").split()) <= set(text.split()), (kind, line)
    for name, field in item.model_fields.items():
        if name != "kind":
            assert f" {name} " in text, (kind, name)
            assert " ".join((field.description or "").split()) in text, (kind, name)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_slider_can_stand_at_its_default(family: str) -> None:
    for kind, item in items_of(family).items():
        for slider in sliders(item):
            if slider.form == "number" and not slider.log:
                steps = (slider.value - slider.low) / slider.step
                assert steps == pytest.approx(round(steps), abs=1e-6), (kind, slider)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_page_has_the_words_of_its_item_its_formula_and_every_option(
    visitor: TestClient, family: str
) -> None:
    kind, item = next(iter(items_of(family).items()))
    assert_says_all(visitor, family, kind, item)


@pytest.mark.thorough
@pytest.mark.parametrize("family", FAMILIES)
def test_so_has_the_page_of_every_item(visitor: TestClient, family: str) -> None:
    for kind, item in items_of(family).items():
        assert_says_all(visitor, family, kind, item)


def test_the_index_leads_to_every_page_and_every_page_to_its_relatives(visitor: TestClient) -> None:
    index = visitor.get("/reference").text
    for family, kind in PAGES:
        assert f'href="/reference/{family}/{kind}"' in index
    adam = visitor.get("/reference/optimizers/adam").text
    for other in catalog(FAMILIES["optimizers"][1]):
        assert (f'href="/reference/optimizers/{other}"' in adam) == (other != "adam")
    only = visitor.get("/reference/optimizers").text
    assert 'href="/reference/optimizers/adam"' in only
    assert "/reference/layers/conv2d" not in only


@pytest.mark.parametrize(
    ("family", "kind", "said"),
    [
        ("optimizers", "adam", "torch.optim.Adam(parameters, lr=0.01, betas=(0.9, 0.999), eps=1e-08)"),
        ("optimizers", "adam", "Kingma & Ba 2015, algorithm 1"),
        ("optimizers", "adam", "number, from 0 to below 1"),
        ("layers", "conv2d", "torch.nn.Conv2d("),
        ("layers", "conv2d", "Options of every node"),
        ("blocks", "residual_conv2d", "shortcut_norm = torch.nn.BatchNorm2d(16"),
        ("architectures", "vgg", "more"),
        ("datasets", "shapes", "whole number, from"),
        ("experiment", "training", "Samples between two steps."),
        ("regularizers", "l1", "l1_penalty(weights, 0.001)"),
    ],
)
def test_a_page_says(visitor: TestClient, family: str, kind: str, said: str) -> None:
    assert said in text_of(visitor, f"/reference/{family}/{kind}")


def test_a_call_of_every_layer_is_known() -> None:
    silent = [kind for family, kind in PAGES if family == "layers" and not item_page(family, kind).calls]
    assert silent == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/reference/optimizers/adamx", "'adamx' is none of the optimizers; expected one of adagrad,"),
        ("/reference/layers/adam", "'adam' is none of the layers"),
        ("/reference/spices/adam", "'spices' is no family of the reference; expected one of datasets,"),
        ("/reference/spices", "'spices' is no family"),
    ],
)
def test_what_there_is_not_is_named(visitor: TestClient, address: str, said: str) -> None:
    answer = visitor.get(address, headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith(said)


def test_the_glossary_is_served_and_each_term_leads_somewhere(visitor: TestClient) -> None:
    served = visitor.get("/api/glossary").json()
    page = visitor.get("/reference/words").text
    assert served.keys() == glossary().keys()
    for name, term in glossary().items():
        assert f'id="{name}"' in page
        assert term.description.endswith((".", ")")), name
        if term.see:
            assert visitor.get(term.see).status_code == 200, name
    shown = [word for name, term in glossary().items() for word in term.shown or [term.label.lower()]]
    assert sorted(shown) == sorted(set(shown)), "a word of two terms; expected it once"


def test_a_page_has_equations_both_sides_and_a_way_to_see_it(visitor: TestClient) -> None:
    page = visitor.get("/reference/activations/sigmoid").text
    assert page.count("<math ") == 2
    assert 'encoding="application/x-tex"' in page
    for said in ("What speaks for it", "What speaks against it", "A common mistake", "Common mistakes"):
        assert (said in page) == (said != "A common mistake")
    assert 'href="/?item=activations/sigmoid"' in page
    assert 'href="/reference/compare/activations?kinds=sigmoid"' in page


def test_the_options_of_a_figure_are_sliders_within_the_bounds_of_the_item(visitor: TestClient) -> None:
    page = visitor.get("/reference/activations/leaky_relu").text
    assert re.search(r'<input type="range" id="option-slope" name="slope" min="0[.\d]*" max="1[.\d]*"', page)
    assert 'name="inputs"' not in page


def test_a_comparison_keeps_its_choice_in_its_address(visitor: TestClient) -> None:
    page = visitor.get("/reference/compare/activations?kinds=relu&kinds=tanh").text
    assert re.findall(r'value="(\w+)" checked', page) == ["relu", "tanh"]
    answer = visitor.get("/reference/compare/activations?kinds=rleu", headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/kinds"
