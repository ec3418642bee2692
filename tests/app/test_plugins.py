"""The service with the example plug-in, and without it: its runs say what is missing, and are looked at."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from glassnet.engine.frame import decode
from tests.app.server import served
from tests.contract.client import experiment
from tests.plugin_install import EXAMPLE, importable, installed, run_python, written

#: An activation that has a kind of Glassnet's own.
RELU = '''
from typing import ClassVar, Literal
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context

class Second(Activation):
    """Second: an activation of a test."""
    kind: Literal["relu"] = "relu"
    formula: ClassVar[str] = "f(x) = x"
    derivative: ClassVar[str] = "f′(x) = 1"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Identity")
'''


def with_plugin() -> dict[str, Any]:
    document = experiment()
    document["data"] = {"kind": "checkerboard", "samples": 60}
    document["network"] = [
        {"kind": "linear", "name": "linear1", "units": 4},
        {"kind": "squareplus", "name": "bend"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    document["training"]["epochs"] = 2
    return document


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a server that had the plug-in: one run of it, finished, and one without."""
    folder = tmp_path_factory.mktemp("data")
    target = installed(EXAMPLE, tmp_path_factory.mktemp("site"))
    with importable(target), served(folder) as (server, client):
        catalog = client.http.get("/api/catalog").json()
        (entry,) = [one for one in catalog["probes"] if one["kind"] == "unit_activity"]
        assert entry["panel"] == {"title": "Unit activity", "place": "results"}
        assert (entry["plugin"], entry["package"]) == ("glassnet-example", "glassnet_example")
        assert (
            "From the plug-in glassnet-example" in client.http.get("/reference/activations/squareplus").text
        )
        kinds = client.http.get("/api/schema").json()["$defs"].values()
        assert any(one.get("properties", {}).get("kind", {}).get("const") == "squareplus" for one in kinds)
        script = client.http.get("/static/plugins/glassnet_example/panels/unit_activity.js")
        assert "export function panel" in script.text
        assert client.http.get("/static/plugins/glassnet_example/../squareplus.py").status_code == 404
        for name, document in (("of-plugin", with_plugin()), ("plain", experiment())):
            document["title"] = name
            run = client.start(document)
            client.wait_for(run, "finished")
        assert "left out" not in server.log()
    return folder


def test_without_it_its_runs_say_what_is_missing_and_are_looked_at(data: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in sorted(data.glob("runs/*/*.json"))}
    with served(data) as (_, client):
        runs = {run["title"]: run for run in client.http.get("/api/runs").json()}
        assert runs["plain"]["state"] == "finished"
        run = runs["of-plugin"]
        assert run["state"] == "incomplete"
        assert run["reason"]["title"] == "A plug-in is missing"
        detail = run["reason"]["detail"]
        assert "'checkerboard', 'squareplus' are of the plug-in glassnet-example 0.1.0" in detail
        assert "not installed here; install it and start again" in detail
        at = f"/api/runs/{run['id']}"
        shown = client.http.get(at).json()["experiment"]
        assert [node["kind"] for node in shown["network"]] == ["linear", "squareplus", "linear"]
        described = client.http.get(f"{at}/description").json()
        assert [node["shape"] for node in described["nodes"]] == [[4], [4], [2]]
        rows = client.http.get(f"{at}/metrics", params={"probe": "evaluation"})
        assert len(decode(rows.content)[1]["train_loss"]) > 1
        assert client.http.get(f"{at}/checkpoints").json()
        for refused in (
            client.http.post(f"{at}/commands", json={"type": "play"}),
            client.http.post(f"{at}/commands", json={"type": "repair"}),
            client.http.get(f"{at}/export"),
            client.http.patch(at, json={"title": "Other"}),
            client.http.post("/api/runs", json={"from": {"run": run["id"]}}),
        ):
            assert refused.status_code == 409, refused.text
    assert before == {path: path.read_bytes() for path in before}


def test_with_it_again_its_runs_are_what_they_were_and_a_faulty_one_is_told(
    data: Path, tmp_path: Path
) -> None:
    target = installed(EXAMPLE, tmp_path)
    written(target, "faulty", {}, "a = nowhere")
    written(target, "second", {"second.py": RELU}, "a = second")
    with importable(target), served(data) as (server, client):
        runs = {run["title"]: run["state"] for run in client.http.get("/api/runs").json()}
        assert runs == {"plain": "finished", "of-plugin": "finished"}
        assert (
            server.log().count("plug-in faulty 1.0 is left out: its module 'nowhere' cannot be imported") == 1
        )
        listed = {each["name"]: each for each in client.http.get("/api/plugins").json()}
        example, faulty, second = (listed[name] for name in ("glassnet-example", "faulty", "second"))
        assert (example["version"], example["problem"]) == ("0.1.0", None)
        assert {"squareplus", "checkerboard", "unit_activity", "noise_tolerance"} == set(example["items"])
        assert (faulty["items"], second["items"]) == ([], [])
        assert faulty["problem"].startswith("its module 'nowhere' cannot be imported")
        assert second["problem"].startswith("'Second' redefines the kind 'relu' of glassnet.engine.items")
        for page in ("/", "/labs/descent"):
            foot = unescape(client.http.get(page).text).partition('class="colophon"')[2]
            for each in (faulty, second):
                assert f"Plug-in {each['name']} 1.0 is left out: {each['problem']}" in foot
            assert "glassnet-example" not in foot


EXAMINED = """
from pathlib import Path
from glassnet.app.runs.inspection import examine
record = examine(Path({path!r})).record
print(record.state, record.reason["detail"])
"""


def test_where_it_is_left_out_its_runs_say_why(data: Path, tmp_path: Path) -> None:
    target = installed(EXAMPLE, tmp_path)
    (target / "glassnet_example" / "broken.py").write_text("import nowhere")
    noted = next(data.glob("runs/*/plugins.json"))
    assert json.loads(noted.read_text())["plugins"][0]["version"] == "0.1.0"
    done = run_python(EXAMINED.format(path=str(noted.parent)), target)
    assert done.stdout.startswith(
        "incomplete 'checkerboard', 'squareplus' are of the plug-in glassnet-example"
    )
    assert "which is left out: its module 'glassnet_example' cannot be imported" in done.stdout
