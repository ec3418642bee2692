"""The gallery: texts, pictures and published sizes belong to the examples there are."""

import json

import pytest
from PIL import Image
from starlette.testclient import TestClient

from glassnet.app.api.gallery import PICTURES, PRESETS, TEXTS, Example, arranged, examples, groups, races
from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from tools.gallery.colors import THEMES
from tools.gallery.drawing import dashes
from tools.gallery.training import fingerprint

#: Bytes of a picture at most.
LARGEST = 25_000


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    settings = Settings(data_dir=tmp_path_factory.mktemp("gallery"))
    return TestClient(create_app(settings), base_url="http://127.0.0.1:8265")


def test_every_example_has_its_texts_and_no_text_is_left_over() -> None:
    texts = json.loads(TEXTS.read_text("utf-8"))["examples"]
    assert texts.keys() == {path.stem for path in PRESETS.iterdir()}
    assert {text["group"] for text in texts.values()} == {group.name for group in groups()}
    for name, text in texts.items():
        assert text["question"].endswith("?"), name
        assert text["notice"].endswith("."), name


def test_cards_have_addresses_of_their_own() -> None:
    anchors = [example.slug for example in examples()] + [group.name for group in groups()]
    assert sorted(set(anchors)) == sorted(anchors)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_every_picture_is_of_the_present_experiment(example: Example) -> None:
    """A changed preset needs another picture: `make gallery` draws it."""
    assert example.picture is not None
    assert example.picture.experiment == fingerprint((PRESETS / f"{example.name}.json").read_bytes())
    assert example.picture.seed == example.experiment.seed
    for theme in THEMES:
        path = PICTURES / f"{example.name}-{theme}.webp"
        assert path.stat().st_size <= LARGEST
        with Image.open(path) as picture:
            assert picture.size == (480, 300)


def test_there_is_no_picture_of_an_example_that_is_gone() -> None:
    names = {f"{example.name}-{theme}.webp" for example in examples() for theme in THEMES}
    assert {path.name for path in PICTURES.iterdir()} == names | {"pictures.json"}


def test_presets_have_questions_and_begin_with_the_spiral(visitor: TestClient) -> None:
    presets = visitor.get("/api/presets").json()
    assert [preset["name"] for preset in presets] == sorted(path.stem for path in PRESETS.iterdir())
    assert presets[0]["name"] == "01-spiral"
    for preset in presets:
        assert preset.keys() == {"name", "title", "group", "question", "notice", "experiment", "race"}
        assert preset["title"] == preset["experiment"]["title"]


def test_examples_that_race_have_the_same_data_and_are_all_offered_the_race(visitor: TestClient) -> None:
    by_name = {example.name: example for example in examples()}
    for name, race in races().items():
        raced = [by_name[entry["example"]] for entry in race.entries]
        assert raced == [example for example in examples() if example.race == name]
        assert [example.experiment.data for example in raced] == [raced[0].experiment.data] * len(raced)
        assert f'href="{raced[0].address}">{race.title}'.replace("&", "&amp;") in visitor.get("/gallery").text


def test_the_page_has_a_card_for_every_example(visitor: TestClient) -> None:
    page = visitor.get("/gallery")
    assert page.status_code == 200
    for example in examples():
        assert f'<li class="example" id="{example.slug}">' in page.text
        assert f'href="/?example={example.name}"' in page.text


def test_architectures_stand_in_the_order_of_their_years_with_their_planned_sizes() -> None:
    (cards,) = (cards for group, cards in arranged() if group.name == "architectures")
    sizes = {example.experiment.network[0].kind: size for example, size in cards}
    assert [size and size.year for size in sizes.values()] == [1998, 2012, 2013, 2014]
    assert {kind: size and (size.parameters, size.receptive_field[0]) for kind, size in sizes.items()} == {
        "lenet5": (61_706, 32),
        "alexnet": (62_378_344, 195),
        "zfnet": (62_357_608, 171),
        "vgg": (138_357_544, 212),
    }


def test_every_place_there_is_to_find_is_there(visitor: TestClient) -> None:
    places = visitor.get("/api/places").json()
    paths = [place["path"] for place in places]
    assert {"/gallery", "/labs/descent", "/methods/occlusion", "/reference/activations/relu"} <= set(paths)
    assert {f"/?example={example.name}" for example in examples()} <= set(paths)
    assert len(set(paths)) == len(paths)
    pages = [path for path in paths if not path.startswith(("/?", "/reference/"))]
    assert {visitor.get(path).status_code for path in pages} == {200}


def test_a_dashed_line_is_seen_for_its_dashes_round_corners_too() -> None:
    parts = list(dashes([(0, 0), (4, 0), (4, 6)], 3, 2))
    assert parts == [[(0, 0), (3, 0)], [(4, 1), (4, 4)]]
    assert list(dashes([(0, 0), (2, 0)], 3, 2)) == [[(0, 0), (2, 0)]]
