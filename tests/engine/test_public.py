"""The public face: `import glassnet`, and what its names do in a notebook."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar, Literal
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

import glassnet
from glassnet.engine.catalog.late import withdraw
from glassnet.engine.notebook import live_page, own_tensors, runs, server
from glassnet.engine.notebook.network_picture import arranged

ROOT = Path(__file__).resolve().parents[2]

DENSE = {"kind": "linear", "units": 4}
OUTPUT = {"kind": "linear", "units": None}
EVIL = '<script>alert("x")</script>'


def experiment(*nodes: dict[str, Any], **parts: Any) -> glassnet.Experiment:
    small = {"data": {"kind": "circle", "samples": 60}, "training": {"epochs": 2}, **parts}
    return glassnet.Experiment.parse({**small, "network": [*nodes, OUTPUT]})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> glassnet.Run:
    return glassnet.train(experiment(DENSE, title=EVIL), tmp_path_factory.mktemp("public") / "run")


# The names ---------------------------------------------------------------------------------------------


def test_the_documented_names_are_all_the_public_ones() -> None:
    document = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    table = document.split("| name | what it is |")[1].split("\n\n")[0]
    documented = [
        name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.partition(" | ")[0])
    ]
    assert sorted([*documented, "Call", "Name", "option"]) == sorted(glassnet.__all__)
    assert set(glassnet.__all__) <= set(dir(glassnet))


def test_importing_it_loads_nothing_and_a_wrong_name_is_refused() -> None:
    program = "import glassnet, sys; print([m for m in ('torch', 'pydantic', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="module 'glassnet' has no attribute 'trian'"):
        glassnet.trian  # type: ignore[attr-defined] # noqa: B018


@pytest.mark.parametrize("name", glassnet.__all__)
def test_every_name_has_words_and_every_function_an_example(name: str) -> None:
    found = getattr(glassnet, name)
    words = inspect.getdoc(found) or ""
    assert words.endswith((".", "`", "```")) or "\n" in words, words
    if name in ("Run", "Trainer"):
        assert "glassnet." in words
    if inspect.isfunction(found) and name != "option":
        assert f"glassnet.{name}(" in words
        assert "Raises" in words


# Running -----------------------------------------------------------------------------------------------


def test_a_run_is_read_as_it_was_trained(run: glassnet.Run) -> None:
    assert run.state == "finished"
    assert run.reason is None
    rows = run.rows("evaluation")
    assert rows["step"].dtype == np.float64
    assert rows["test_loss"].dtype == np.float32
    assert rows["epoch"].tolist() == [0, 1, 2]
    assert run.metrics["test_loss"] == rows["test_loss"][-1]
    assert run.checkpoints[-1] == "latest"
    same = glassnet.load_run(str(run.path))
    assert same.experiment == run.experiment
    assert same.trainer().evaluate()["test_loss"] == pytest.approx(run.metrics["test_loss"])
    assert repr(same).startswith(f"<Run '{run.path}' finished: train_loss ")
    with pytest.raises(glassnet.GlassnetError, match=r"'other' is no checkpoint; expected one of .*latest"):
        same.trainer("other")


def test_rows_are_read_page_by_page(run: glassnet.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run.rows("progress")
    monkeypatch.setattr(runs, "PAGE", 1)
    for name, column in run.rows("progress").items():
        assert np.array_equal(column, whole[name], equal_nan=True)


def test_training_reports_stops_where_it_is_told_and_finds_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "RUNS", tmp_path)
    said: list[dict[str, Any]] = []
    asked = [glassnet.train(experiment(title="Two  Words!"), steps=3, report=said.append) for _ in range(2)]
    assert {found.state for found in asked} == {"paused"}
    assert said[-1]["step"] == asked[0].metrics["step"] == 3
    assert all(re.fullmatch(r"two-words-\d{8}-\d{6}(-2)?", found.path.name) for found in asked)


def test_a_run_that_cannot_be_leaves_no_directory(tmp_path: Path) -> None:
    wrong = experiment({"kind": "conv2d"})
    with pytest.raises(glassnet.InvalidExperiment, match=r"^/network/0: node 'conv2d1'"):
        glassnet.train(wrong, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    with pytest.raises(glassnet.GlassnetError, match="is there already; expected a new directory"):
        glassnet.train(experiment(), tmp_path)
    with pytest.raises(ValueError, match="device 'gpu'; expected cpu"):
        glassnet.train(experiment(), tmp_path / "run", device="gpu")
    with pytest.raises(glassnet.GlassnetError, match=r"has no experiment.json; expected a run directory"):
        glassnet.load_run(tmp_path)


def test_an_interrupted_run_is_kept_and_one_that_diverges_says_where(tmp_path: Path) -> None:
    def interrupt(status: dict[str, Any]) -> None:
        if status["step"]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        glassnet.train(experiment(), tmp_path / "interrupted", report=interrupt)
    assert glassnet.load_run(tmp_path / "interrupted").trainer().steps_taken > 0
    quick = {"optimizer": {"kind": "sgd", "learning_rate": 10.0}}
    wild = {"task": {"kind": "regression"}, "data": {"kind": "regression_plane", "samples": 60}}
    training = {"epochs": 100, "updates": [quick]}
    failed = glassnet.train(experiment(DENSE, DENSE, training=training, **wild), tmp_path / "wild")
    assert failed.state == "failed"
    assert failed.reason is not None
    assert failed.reason["title"] == "Training diverged"


def test_looking_takes_trainers_runs_and_experiments(run: glassnet.Run) -> None:
    trainer = run.trainer()
    pictures = [glassnet.observe(subject, "surface", resolution=8) for subject in (trainer, run)]
    assert pictures[0]["output"].shape == (8, 8)
    assert np.array_equal(pictures[0]["output"], pictures[1]["output"])
    before = glassnet.observe(run.experiment, "surface", resolution=8)
    assert not np.array_equal(before["output"], pictures[0]["output"])
    with pytest.raises(
        glassnet.GlassnetError, match=r"/probes/0/kind: unknown kind 'surfice' \(did you mean"
    ):
        glassnet.open_probe(trainer, "surfice")
    with pytest.raises(glassnet.GlassnetError, match="'progress' gives rows; expected a picture"):
        glassnet.open_probe(trainer, "progress")
    with pytest.raises(TypeError, match="str; expected a Trainer, a Run or an Experiment"):
        glassnet.observe("trainer", "surface")  # type: ignore[arg-type]


def test_a_study_works_on_a_copy_and_tells_how_far_it_is(run: glassnet.Run) -> None:
    trainer, shares = run.trainer(), list[float]()
    before = trainer.state()
    found = glassnet.study(trainer, "landscape", resolution=5, report=shares.append)
    assert found
    assert shares[-1] == 1.0
    assert all(torch.equal(tensor, before[name]) for name, tensor in trainer.state().items())
    assert glassnet.study(None, "optimizer_race", steps=2)["paths"].shape[1] == 3
    with pytest.raises(ValueError, match="'landscape' is of a network; expected a trainer"):
        glassnet.study(None, "landscape")


def test_families_are_listed_and_others_refused() -> None:
    assert glassnet.catalog("layers")["linear"].label() == "Dense"
    assert "relu" not in glassnet.catalog("layers")
    with pytest.raises(ValueError, match="family 'layer'; expected one of datasets, "):
        glassnet.catalog("layer")


def test_a_script_is_written_with_its_data_beside_it(tmp_path: Path) -> None:
    own = experiment(data=glassnet.own_data([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]))
    text = glassnet.export(own, tmp_path / "own.py")
    assert (tmp_path / "own.py").read_text(encoding="utf-8") == text
    assert (tmp_path / "own_data.safetensors").is_file()


# Own tensors -------------------------------------------------------------------------------------------

X = torch.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize(
    ("y", "classes", "targets"),
    [
        ([0, 2, 1, 0, 1, 2], ("0", "1", "2"), [0, 2, 1, 0, 1, 2]),
        (np.array([True, False] * 3), ("False", "True"), [1, 0] * 3),
        (["cat", "ant"] * 3, ("ant", "cat"), [1, 0] * 3),
        (torch.tensor([0.5, 1.0] * 3), None, [[0.5], [1.0]] * 3),
        (np.eye(6, 2, dtype=np.int64), None, np.eye(6, 2).tolist()),
    ],
)
def test_targets_are_classes_or_values(y: Any, classes: tuple[str, ...] | None, targets: list[Any]) -> None:
    data = glassnet.own_data(X, y, test_share=0.5)
    assert data.classes == classes
    assert (data.shape, data.count, data.held_out, data.inputs) == ((2,), 6, 3, ("x1", "x2"))
    task = {"kind": "regression" if classes is None else "classification"}
    trainer = glassnet.Trainer(experiment(data=data, task=task))
    train = trainer.data.train
    for x, target in zip(train.raw, train.targets, strict=True):
        assert targets[int(x[0]) // 2] == target.tolist()


def test_pictures_of_whole_numbers_become_shares_and_what_is_given_is_copied() -> None:
    pictures = np.full((4, 1, 8, 8), 255, np.uint8)
    data = glassnet.own_data(pictures, [0, 1, 0, 1])
    pictures[:] = 0
    flat = experiment({"kind": "flatten"}, data=data)
    assert float(glassnet.Trainer(flat).data.train.raw.min()) == 1.0


@pytest.mark.parametrize(
    ("x", "y", "options", "said"),
    [
        (
            X[0],
            [0, 1],
            {},
            "x is float32 (2,); expected numbers of at least 2 samples: (samples, features) or",
        ),
        (X * torch.nan, [0] * 6, {}, "x has 12 values that are not finite; expected none"),
        ([[1.0], [2.0, 3.0]], [0, 1], {}, "x cannot be read as an array"),
        ([["a"], ["b"]], [0, 1], {}, "x is <U1 (2, 1); expected numbers"),
        (X, [0, 1], {}, "y is int64 (2,); expected (6,) classes or values, or (6, values)"),
        (X, [0, -1] * 3, {}, "y has the class -1; expected whole numbers from 0, or words"),
        (
            X,
            [0.5] * 6,
            {"classes": ["a", "b"]},
            "classes are named, and y has values; expected whole",
        ),
        (X, [0, 1, 2] * 2, {"classes": ["a", "b"]}, "2 classes, of which y has 3; expected at least 3"),
        (X, [0] * 6, {}, "1 classes, of which y has 1; expected at least 2"),
        (X, [0, 1] * 3, {"names": ["a"]}, "1 names; expected 2, one for each feature or channel"),
    ],
)
def test_what_is_no_data_is_refused(x: Any, y: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(glassnet.GlassnetError, match=re.escape(said)):
        glassnet.own_data(x, y, **options)


def test_own_tensors_are_missed_by_name_and_come_back_with_their_run(tmp_path: Path) -> None:
    data = glassnet.own_data(torch.rand(20, 3), [0, 1] * 10)
    trained = glassnet.train(experiment(data=data), tmp_path / "run")
    kept = dict(own_tensors._kept)
    own_tensors._kept.clear()
    try:
        with pytest.raises(
            glassnet.InvalidExperiment, match=r"^/data/blob: the tensors sha256:.*; expected them"
        ):
            glassnet.Trainer(experiment(data=data))
        again = glassnet.load_run(trained.path).trainer()
        assert again.evaluate()["test_loss"] == pytest.approx(trained.metrics["test_loss"])
        (tmp_path / "run" / own_tensors.FILE).write_bytes(b"broken")
        with pytest.raises(glassnet.GlassnetError, match=r"own_data.safetensors: .*; expected inputs"):
            glassnet.load_run(trained.path)
    finally:
        own_tensors._kept.update(kept)


# The live page -----------------------------------------------------------------------------------------


class Answering:
    """A server that says what it was asked."""

    asked: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def __init__(self, through: str) -> None:
        self.through = through

    def ask(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((path, document))
        return {"id": "abc"}

    def address(self, path: str) -> str:
        return f"{self.through}/8265{path}?token=a&b=c"


def test_a_page_is_a_frame_of_a_run_that_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_page, "local_server", Answering)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    shown = glassnet.show(experiment(DENSE), height=300)
    frame = ElementTree.fromstring(shown._repr_html_()).find("iframe")
    assert frame is not None
    assert (frame.get("src"), frame.get("height")) == ("/user/ada/proxy/8265/runs/abc?token=a&b=c", "300")
    assert Answering.asked[0][0] == "/api/runs"
    assert Answering.asked[0][1]["experiment"] == experiment(DENSE).document()
    assert glassnet.show(experiment(), through="/lab/").url.startswith("/lab/8265/")
    assert glassnet.show(experiment(), through="").url.startswith("/8265/")


def test_what_only_this_process_knows_is_not_sent() -> None:
    class Mine(glassnet.Activation):
        """Mine: of this test alone."""

        kind: Literal["public_mine"] = "public_mine"

        def call(self, context: Any) -> glassnet.Call:
            return glassnet.Call("torch.nn.Tanh")

    own = glassnet.own_data(X, [0, 1] * 3)
    try:
        body = [DENSE, {"kind": "public_mine"}]
        made = experiment({"kind": "residual", "body": body}, data=own)
        with pytest.raises(glassnet.InvalidExperiment) as refused:
            glassnet.show(made)
        assert [(each.pointer, each.message.partition(";")[0]) for each in refused.value.problems] == [
            ("/data/kind", "'own_data' (OwnData) is known in one process alone"),
            ("/network/0/body/1/kind", "'public_mine' (Mine) is known in one process alone"),
        ]
    finally:
        withdraw(Mine)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"height": 20}, "height 20; expected 200 to 4000 pixels"),
        ({"through": "proxy"}, "through 'proxy'; expected a path, such as /user/ada/proxy"),
        ({"through": "//elsewhere"}, "through '//elsewhere'; expected a path"),
    ],
)
def test_a_page_that_cannot_be_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        glassnet.show(experiment(), **options)


def test_a_server_that_cannot_start_says_why_and_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "COMMAND", (sys.executable, "-c", "print('no room'); raise SystemExit(1)"))
    with pytest.raises(glassnet.GlassnetError, match="the page's server did not start: no room"):
        server.LocalServer("", tmp_path)
    busy = "print('glassnet: another Glassnet (process 7) uses it')"
    monkeypatch.setattr(server, "COMMAND", (sys.executable, "-c", busy))
    monkeypatch.setattr(server, "MOST", 2)
    with pytest.raises(glassnet.GlassnetError, match=r"another Glassnet .*; so do 1 further notebooks"):
        server.local_server("/nowhere")


# What shows itself -------------------------------------------------------------------------------------


def html(shown: Any) -> str:
    """What a notebook shows of an object, once it is seen to be well formed, and without script."""
    found: str = shown._repr_html_()
    root = ElementTree.fromstring(found)
    assert not [element.tag for element in root.iter() if element.tag.rpartition("}")[2] == "script"]
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    return found


def test_an_experiment_and_a_run_show_themselves_and_nothing_in_them_is_markup(run: glassnet.Run) -> None:
    for shown in (run.experiment, run, run.trainer()):
        found = html(shown)
        assert "&lt;script&gt;" in found
        assert "Network of 2 nodes and 22 parameters" in found
    assert "train_loss, test_loss over 2 epochs" in html(run)
    assert "Network of 2 nodes" in html(glassnet.plan(run.experiment))
    assert "<td" in html(glassnet.describe(run.experiment))
    assert "leaky_relu" in html(glassnet.catalog("activations"))


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    assert "node &#x27;conv2d1&#x27;" in html(experiment({"kind": "conv2d"}))
    kept = glassnet.train(experiment(), tmp_path / "run")
    (tmp_path / "run" / "experiment.json").write_text("{", encoding="utf-8")
    assert "is no experiment" in html(kept)


def test_the_table_of_a_description_is_text_as_well() -> None:
    described = str(glassnet.describe(experiment(DENSE)))
    assert described.splitlines()[1].split() == ["linear1", "linear", "4", "12"]
    assert described.splitlines()[-1].split() == ["total", "22"]


def test_the_picture_stands_right_of_what_it_reads_and_folds_what_folds() -> None:
    body = [{**DENSE, "name": "inside"}]
    found = arranged(glassnet.plan(experiment(DENSE, {"kind": "tanh"}, {"kind": "residual", "body": body})))
    cards = {card.name: card for card in found}
    assert cards["linear1"].words == ["linear", "tanh"]
    assert cards["residual1.sum"].reads == ["residual1.inside", "linear1"]
    assert all(cards[name].column < card.column for card in found for name in card.reads)


def test_blocks_are_drawn_closed_where_there_are_many() -> None:
    residual = {"kind": "residual", "body": [DENSE, {"kind": "relu"}, DENSE]}
    cards = arranged(glassnet.plan(experiment(DENSE, *[residual] * 8)))
    assert [card.name for card in cards][2:4] == ["residual1", "residual2"]
    assert cards[2].words == ["block"]
