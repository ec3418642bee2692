"""The architectures' pages: facts of each, variants as they are planned, and experiments that train them."""

import json
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from glassnet.app.api.architecture_facts import COMPUTED, facts, in_order, named_variants
from glassnet.app.api.architecture_fields import variant_fields
from glassnet.app.api.architectures import full_experiment, small_experiment
from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.planner import plan
from glassnet.engine.reference import items_of
from glassnet.engine.training.trainer import Trainer
from tools.gallery.architectures import computed_now, planned

BROWSER = {"Accept": "text/html"}

KINDS = list(items_of("architectures"))

#: The accuracy on the test set that a small version has at the end, at the least.
LEAST_LEARNED = 0.6

#: Quickly planned, and of each kind of drawn part: nodes, a block.
PLANNED_HERE = ("lenet5", "resnet?depth=50")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("architectures"))
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8265") as client:
        yield client


def test_every_architecture_has_its_facts_and_a_place_in_the_table_of_all() -> None:
    assert facts().entries.keys() == set(KINDS)
    (table,) = (table for table in facts().tables if table.name == "compared")
    assert {row.of.partition("?")[0] for row in table.rows} == set(KINDS) - {"neocognitron"}
    assert [item.year for _, item, _ in in_order()] == sorted(item.year or 0 for _, item, _ in in_order())
    for kind, entry in facts().entries.items():
        assert entry.peculiar.endswith("."), kind
        for each in entry.measured():
            assert bool(each.top5) == bool(each.top5_of), kind
            assert bool(each.map) == bool(each.map_of), kind
            assert bool(each.file_mb) == bool(each.file_of), kind


def test_what_is_computed_is_what_plans_of_today_say() -> None:
    """`make gallery` writes it anew."""
    kept = json.loads(COMPUTED.read_text("utf-8"))
    assert kept["totals"].keys() == set(named_variants())
    assert kept["drawn"].keys() == set(KINDS)
    assert all(part["nodes"] for part in kept["drawn"].values())
    assert {name: planned(name).totals() for name in PLANNED_HERE} == {
        name: kept["totals"][name] for name in PLANNED_HERE
    }


@pytest.mark.thorough
def test_all_that_is_computed_is_what_plans_of_today_say() -> None:
    assert computed_now() == json.loads(COMPUTED.read_text("utf-8"))


def test_published_and_computed_parameters_agree_where_both_are_known() -> None:
    kept = json.loads(COMPUTED.read_text("utf-8"))["totals"]
    (table,) = (table for table in facts().tables if table.name == "ilsvrc")
    for row in table.rows:
        if row.published and row.of:
            assert kept[row.of]["parameters"] == pytest.approx(row.published, rel=0.05), row.network
    for row in next(table for table in facts().tables if table.name == "compared").rows:
        if row.file_mb and row.of != "googlenet":  # whose file has the auxiliary heads
            assert kept[row.of]["parameters"] * 4e-6 == pytest.approx(row.file_mb, rel=0.13), row.network


def test_layers_in_the_table_are_those_of_plans_where_a_paper_does_not_count_otherwise() -> None:
    kept = json.loads(COMPUTED.read_text("utf-8"))["totals"]
    differing = {
        row.of: (row.layers, kept[row.of]["depth"])
        for table in facts().tables
        for row in table.rows
        if row.of and row.layers != kept[row.of]["depth"]
    }
    # Inception-v3's paper says 42 layers; Xception's counts its convolutions alone.
    assert differing == {"inception_v3": (42, 48), "xception": (36, 37)}


@pytest.mark.parametrize(
    ("variant", "top5", "file_mb"),
    [
        ("resnet?depth=50", 6.71, 102),
        ("resnet?depth=152&size=224", 5.71, 242),
        ("resnet?depth=50&plain=true", None, None),
        ("resnet?depth=50&width=0.5", None, None),
        ("vgg", 7.3, 553),
        ("googlenet", 6.67, None),
        ("vgg?configuration=C", None, None),
        ("se_resnet?depth=152", 5.73, None),
        ("mobilenet_v2?classes=10", None, None),
        ("lenet5", None, None),
    ],
)
def test_what_is_published_is_of_the_chosen_variant(
    visitor: TestClient, variant: str, top5: float | None, file_mb: float | None
) -> None:
    found = visitor.get(f"/api/architectures/{variant}").json()["published"]
    assert (found["top5"], found["file_mb"]) == (top5, file_mb)
    assert (bool(found["top5_of"]), bool(found["file_of"])) == (top5 is not None, file_mb is not None)


def test_a_variant_is_described_with_windows_shares_and_kinds(visitor: TestClient) -> None:
    found = visitor.get("/api/architectures/resnet?depth=50").json()
    assert found["totals"] == {
        "parameters": 25_557_032,
        "macs": 4_089_184_256,
        "activations": found["totals"]["activations"],
        "depth": 50,
    }
    assert found["blocks"]["stage2.block1"] == "bottleneck"
    assert found["options"] | {"depth": 50, "size": 224, "classes": 1000} == found["options"]
    nodes = {node["name"]: node for node in found["nodes"]}
    assert nodes["conv1"] | {"kernel": [7, 7], "stride": [2, 2], "shape": [64, 112, 112]} == nodes["conv1"]
    assert nodes["stage1.block1.conv1"]["inputs"] == ["pool1"]
    assert found["kinds"]["conv2d"]["family"] == "layers"
    again = visitor.get("/api/architectures/resnext").json()["nodes"]
    assert {node["groups"] for node in again if node["name"].endswith("block1.conv2")} == {32}


@pytest.mark.parametrize(
    ("query", "pointer", "said"),
    [
        ("depth=7", "/depth", "7; expected 18, 34, 50, 101 or 152"),
        ("width=0", "/width", "0; expected a number from 0.01 to 2"),
        ("classes=abc", "/classes", "'abc'; expected a whole number from 1 to 10⁶"),
        ("size=4", "/size", "4; expected a whole number from 8 to 1024"),
        ("channels=5", "/channels", "5; expected 1 or 3"),
        ("depht=50", "/depht", "no option of resnet; expected stem, depth, "),
    ],
)
def test_a_wrong_option_is_refused_at_its_field_and_its_page_is_there(
    visitor: TestClient, query: str, pointer: str, said: str
) -> None:
    answer = visitor.get(f"/api/architectures/resnet?{query}")
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["pointer"] == pointer
    assert problem["message"].startswith(said)
    assert visitor.get(f"/gallery/resnet?{query}", headers=BROWSER).status_code == 200


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (
            "inception_v3?size=60",
            "node 'mixed7a.three2': 192×2×2 arrives; expected at least 3×3 for a kernel of 3",
        ),
        ("vgg?size=16", "node 'pool5': 512×1×1 arrives; expected at least 2×2 for a kernel of 2"),
        ("alexnet?size=40", "node 'pool5': 256×1×1 arrives; expected at least 3×3 for a kernel of 3"),
    ],
)
def test_pictures_that_are_too_small_are_refused_with_the_layer_they_end_at(
    visitor: TestClient, variant: str, said: str
) -> None:
    answer = visitor.get(f"/api/architectures/{variant}")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/size", "message": said}]


@pytest.mark.parametrize("variant", ["resnet?depth=50&size=32", "mobilenet_v2?size=16", "xception?size=32"])
def test_pictures_that_shrink_to_one_pixel_are_still_planned(visitor: TestClient, variant: str) -> None:
    nodes = visitor.get(f"/api/architectures/{variant}").json()["nodes"]
    assert [1, 1] in [node["shape"][1:] for node in nodes]


def test_an_architecture_there_is_not_is_a_page_that_names_those_there_are(visitor: TestClient) -> None:
    answer = visitor.get("/gallery/resnot", headers=BROWSER)
    assert answer.status_code == 404
    assert "&#39;resnot&#39; is no architecture; expected one of neocognitron, lenet5" in answer.text
    assert visitor.get("/api/architectures/resnot/small").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_an_architecture_has_its_facts_and_a_field_for_each_option(
    visitor: TestClient, kind: str
) -> None:
    page = visitor.get(f"/gallery/{kind}", headers=BROWSER).text
    item = items_of("architectures")[kind]
    fields = re.findall(r'data-field="(\w+)"', page)
    assert fields == [field.name for field in variant_fields(item)]  # type: ignore[arg-type]
    assert {"width", "classes", "size", "channels"} <= set(fields)
    assert f'href="/reference/architectures/{kind}"' in page
    for mistake in item.guide.mistakes if item.guide else ():
        assert mistake.claim.replace("'", "&#39;") in page


#: Common mistakes about an architecture, each by words of what is said and of what is so.
MISTAKES = (
    ("lenet5", "1989", "1998"),
    ("alexnet", "2013", "2012"),
    ("alexnet", "seven layers", "eight"),
    ("alexnet", "batch norm", "Local response norm"),
    ("alexnet", "14 million", "1.2 million"),
    ("alexnet", "first network on graphics cards", "before it"),
    ("zfnet", "won ILSVRC 2013", "Clarifai"),
    ("zfnet", "3×3", "5×5"),
    ("googlenet", "2015", "2014"),
    ("googlenet", "19 layers", "22"),
    ("googlenet", "4 million", "About 7 million"),
    ("vgg", "no parameters in dense layers", "89 %"),
    ("vgg", "pooling has same padding", "convolutions have"),
    ("inception_v3", "Any kernel separates", "rank 1"),
    ("resnet", "vanishing gradients", "degradation"),
    ("resnet", "gated", "Highway"),
    ("se_resnet", "maximum", "average"),
    ("mobilenet_v1", "stride 2", "1;"),
    ("xception", "smallest", "MobileNet"),
)


def test_the_pages_of_architectures_name_the_common_mistakes_about_them(visitor: TestClient) -> None:
    for kind, said, so in MISTAKES:
        page = visitor.get(f"/gallery/{kind}", headers=BROWSER).text
        named = re.findall(r'<p class="architecture-claim">(.*?)</p>\s*<p>(.*?)</p>', page, re.DOTALL)
        assert any(said in claim and so in truth for claim, truth in named), (kind, said)


def test_no_architecture_is_without_a_common_mistake() -> None:
    assert [
        kind for kind, item in items_of("architectures").items() if not (item.guide and item.guide.mistakes)
    ] == []


def test_the_reference_leads_to_the_gallery_and_back(visitor: TestClient) -> None:
    assert 'href="/gallery/lenet5"' in visitor.get("/reference/architectures/lenet5").text
    assert "/gallery/" not in visitor.get("/reference/layers/conv2d").text.partition("<main")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_version_is_planned_and_fits(kind: str) -> None:
    small = small_experiment(kind)
    assert kind in {node.kind for node in small.network}
    assert plan(small).parameters < 1_500_000


def test_a_copy_has_the_chosen_options_and_pictures_as_large(visitor: TestClient) -> None:
    copy = visitor.get("/api/architectures/resnet/experiment?depth=50&size=64&classes=10").json()
    assert copy["network"][0] | {"kind": "resnet", "depth": 50, "classes": None} == copy["network"][0]
    assert copy["data"] | {"kind": "shapes", "size": 64} == copy["data"]
    assert full_experiment("inception_v3", {}).document()["data"]["size"] == 256
    assert full_experiment("lenet5", {"size": 16}).document()["data"]["kind"] == "digits"
    refused = visitor.get("/api/architectures/resnet/experiment?depth=7&size=big").json()
    assert {problem["pointer"] for problem in refused["errors"]} == {"/depth", "/size"}


@pytest.mark.thorough
@pytest.mark.timeout(600)  # a minute each, on a core of its own
@pytest.mark.parametrize("kind", KINDS)
def test_a_small_version_learns(kind: str) -> None:
    """Guessing would be right in a tenth, and of shapes in a sixth; of boxes it would find none."""
    trainer = Trainer(Experiment.parse(small_experiment(kind).document()))
    while not trainer.finished:
        trainer.step()
    assert trainer.evaluate()[f"test_{trainer.experiment.task.metric}"] > LEAST_LEARNED
