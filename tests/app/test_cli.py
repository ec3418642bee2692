"""The shell: exit codes, one clear line, and what each command leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from glassnet.app.cli import main, weights
from glassnet.engine.files import weights_import
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import decode
from glassnet.engine.run.directory import RunDirectory
from tests.contract.client import experiment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    document = experiment()
    document["training"]["epochs"] = 2
    path = tmp_path / "spiral.json"
    path.write_text(json.dumps(document))
    return path


def written(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "wrong.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def test_train_leaves_a_run_directory_and_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main(["train", str(file), "--out", str(out), "--device", "cpu"]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    directory = RunDirectory.open(out)
    assert {info.name for info in directory.checkpoints()} == {"latest", "best"}
    assert directory.rows("progress").columns["step"][-1] == 50
    assert main(["train", str(file), "--out", str(out)]) == 2, "what is there is not overwritten"


def test_train_takes_as_many_steps_as_it_is_told(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(file), "--out", str(tmp_path / "run"), "--steps", "7"]) == 0
    assert capsys.readouterr().out.startswith("7 steps")


def test_a_stop_ends_training_and_the_line_says_why(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(file.read_text())
    document["training"]["stops"] = [{"kind": "target", "metric": "train_loss", "value": 10.0}]
    file.write_text(json.dumps(document))
    assert main(["train", str(file), "--out", str(tmp_path / "run")]) == 0
    assert capsys.readouterr().out.startswith("stopped at step 25: train loss was ")


def test_a_divergence_is_a_failure_that_names_node_and_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = experiment()
    document["task"]["losses"] = [{"kind": "mse"}]
    document["network"][1]["kind"] = "relu"
    document["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 100}
    assert main(["train", written(tmp_path, document), "--out", str(tmp_path / "run")]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "diverged" in line]
    assert "step " in line
    assert "node '" in line


def test_describe_shows_every_node(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(file)]) == 0
    table = capsys.readouterr().out
    assert all(name in table for name in ("linear1", "tanh1", "output", "total"))
    assert main(["describe", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["parameters"] == 8 * 3 + 9 * 2


def test_what_will_not_do_what_was_meant_is_warned_of_beside_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = [{"kind": "linear", "units": None}, {"kind": "softmax"}]
    softened = written(tmp_path, {"data": {"kind": "iris"}, "network": network})
    for command in (["describe", softened], ["train", softened, "--steps", "1", "--out", f"{tmp_path}/run"]):
        assert main(command) == 0
        said = capsys.readouterr()
        assert "glassnet: warning: /network/1: Categorical cross-entropy takes logits" in said.err
        assert "(Remove the softmax)" in said.err
        assert "warning" not in said.out


def test_export_prints_a_program_or_writes_it_with_its_data(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(file), "--format", "python"]) == 0
    compile(capsys.readouterr().out, "exported", "exec")
    iris = written(tmp_path, {"data": {"kind": "iris"}})
    assert main(["export", iris, "--out", str(tmp_path / "iris.py")]) == 0
    names = {path.suffix for path in tmp_path.iterdir()}
    assert {".py", ".safetensors"} <= names
    assert main(["export", str(file), "--out", str(tmp_path / "no" / "where.py")]) == 1


def test_export_writes_the_weights_of_an_experiment_and_of_a_run(file: Path, tmp_path: Path) -> None:
    start, trained = tmp_path / "start.safetensors", tmp_path / "trained.safetensors"
    assert main(["export", str(file), "--format", "safetensors", "--out", str(start)]) == 0
    run = tmp_path / "run"
    assert main(["train", str(file), "--steps", "3", "--out", str(run)]) == 0
    assert main(["export", str(run), "--format", "safetensors", "--out", str(trained)]) == 0
    before, after = load_file(start), load_file(trained)
    assert before.keys() == after.keys() == {"linear1.weight", "linear1.bias", "output.weight", "output.bias"}
    assert not before["linear1.weight"].equal(after["linear1.weight"])


def test_export_of_weights_asks_for_a_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(file), "--format", "onnx"]) == 2
    assert "--out: nothing; expected a file for --format onnx" in capsys.readouterr().err


def test_schema_is_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert "network" in json.loads(capsys.readouterr().out)["properties"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("7", "wrong.json"),
        ({"data": {"kind": "spirall"}}, "/data/kind"),
        ('{"data": {"kind": "spiral", "noise": NaN}}', "/data/noise: NaN; expected a finite number"),
        ({"data": {"kind": "spiral"}, "a\nb": 1}, r"/a\nb: unknown field 'a\nb'"),
        ({"data": {"kind": "spiral"}, "k" * 900_000: 1}, "kkk…"),
        ({"data": {"kind": "spiral"}, "seed": -1, "title": ""}, "and 1 more"),
        ({"data": {"kind": "spiral"}, "network": [{"kind": "conv2d"}]}, "/network/0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Any, said: str
) -> None:
    for command in ("train", "describe", "export"):
        assert main([command, written(tmp_path, document)]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1
        assert len(told) < 500


@pytest.mark.parametrize(
    "kind", ["device without end", "folder", "pipe without writer", "too long", "nothing"]
)
def test_what_is_no_file_of_an_experiment_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    path = tmp_path / "odd"
    match kind:
        case "device without end":
            path = Path("/dev/zero")
        case "folder":
            path.mkdir()
        case "pipe without writer":
            os.mkfifo(path)
        case "too long":
            with path.open("wb") as file:
                file.truncate(1 << 40)  # a file of holes: whoever reads it all has no memory left
    assert main(["describe", str(path)]) == 2
    told = capsys.readouterr().err
    assert str(path) in told
    assert told.count("\n") == 1


def test_a_byte_order_mark_does_no_harm(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert main(["describe", str(file)]) == 0


#: Trains once for each room, in kilobytes, that files may have. What takes seconds (sympy, which the first
#: step imports, and the model of an experiment) is there before the processes are forked.
CROWDED = """
import os, resource, sys
from pathlib import Path
import sympy
from glassnet.app.cli import main, train
file, folder, *rooms = sys.argv[1:]
main(["describe", file])
for room in rooms:
    if os.fork() == 0:
        os.dup2(os.open(Path(folder, room + ".txt"), os.O_CREAT | os.O_WRONLY), 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(room) * 1024,) * 2)
        sys.exit(main(["train", file, "--out", str(Path(folder, room)), "--device", "cpu"]))
    _, status = os.wait()
    print(os.waitstatus_to_exitcode(status))
"""


def test_a_full_disk_is_one_line_and_exit_code_one(file: Path, tmp_path: Path) -> None:
    """Wherever it happens: training writes more than there is room for."""
    document = json.loads(file.read_text())
    document["training"]["epochs"] = 60
    file.write_text(json.dumps(document))
    rooms = ("2", "4", "8", "16")
    done = subprocess.run(
        [sys.executable, "-c", CROWDED, str(file), str(tmp_path), *rooms],
        capture_output=True,
        text=True,
        check=True,
    )
    said = {room: (tmp_path / f"{room}.txt").read_text() for room in rooms}
    codes = [line for line in done.stdout.splitlines() if line.isdigit()]
    assert codes == ["1"] * len(rooms), said
    for room in rooms:
        assert "Traceback" not in said[room]
        (line,) = [line for line in said[room].splitlines() if "glassnet:" in line]
        assert line.startswith(f"glassnet: {tmp_path / room}")
        assert line.endswith(": File too large")
        journal = tmp_path / room / "journal.jsonl"
        assert not journal.exists() or journal.read_bytes()[-1:] in (b"", b"\n")


def exit_code(arguments: list[str]) -> object:
    try:
        return main(arguments)
    except SystemExit as end:  # argparse ends by itself
        return end.code


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["train"],
        ["train", "nowhere.json"],
        ["train", "x.json", "--steps", "0"],
        ["train", "x.json", "--device", "abacus"],
        ["serve", "--port", "70000"],
        ["export", "x.json", "--format", "cobol"],
    ],
)
def test_bad_options_are_one_line_and_exit_code_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["serve", "--no-open"], []])
def test_a_setting_that_cannot_be_is_named_also_where_no_command_is_given(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GLASSNET_WORKERS", "many")
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert "GLASSNET_WORKERS" in told
    assert told.count("\n") == 1


def test_study_writes_its_last_frame_and_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, out = tmp_path / "study.json", tmp_path / "result.safetensors"
    study.write_text(json.dumps({"kind": "lr_range_test", "steps": 12, "high": 1e-3}))
    assert main(["study", str(file), str(study), "--out", str(out), "--device", "cpu"]) == 0
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    metadata, arrays = decode(out.read_bytes())
    assert (metadata["probe"], metadata["done"], metadata["step"]) == ("lr_range_test", "1.0", "0")
    assert len(arrays["rates"]) == 12


def test_study_looks_at_a_run_where_it_came_furthest_or_at_a_checkpoint(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = tmp_path / "run", tmp_path / "result.safetensors"
    assert main(["train", str(file), "--out", str(run), "--steps", "9"]) == 0
    study = written(tmp_path, {"kind": "lr_range_test", "steps": 10, "start": "now"})
    for options in ([], ["--checkpoint", "latest"]):
        assert main(["study", str(run), study, "--out", str(out), *options]) == 0
        assert decode(out.read_bytes())[0]["step"] == "9"
    capsys.readouterr()
    assert main(["study", str(run), study, "--checkpoint", "nothing"]) == 2
    assert "'latest'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ({"kind": "lr_range_test", "steps": 1}, "/steps: 1; expected"),
        ({"kind": "nothing"}, "/kind: unknown kind"),
        ({}, "document: 'kind' is missing"),
        ("{", "document: not JSON"),
        ("[]", "document: a list of 0"),
        ({"kind": "landscape", "budget": 1e-6}, "/budget: 1,681 points on "),
    ],
)
def test_a_wrong_study_is_one_line_that_points_into_its_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], study: Any, words: str
) -> None:
    assert main(["study", str(file), written(tmp_path, study)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"wrong.json: {words}" in said


def test_data_that_are_not_there_are_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, blobs = tmp_path / "mnist.json", str(tmp_path / "blobs")
    network = [{"kind": "flatten"}, {"kind": "linear", "units": None}]
    path.write_text(json.dumps({"data": {"kind": "mnist"}, "network": network}))
    for command in ("train", "describe", "export"):
        assert main([command, str(path), "--blobs", blobs]) == 2
        said = capsys.readouterr().err.splitlines()
        assert len(said) == 1
        assert "/data/kind: 'mnist' is not on this machine" in said[0]


def test_a_data_set_that_is_not_published_is_not_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "spiral"]) == 2
    assert "expected one of mnist, fashion_mnist, cifar10" in capsys.readouterr().err


def test_train_starts_from_a_file_of_weights_or_says_what_does_not_fit(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "_import", weights_import.write)  # in this process, where torch is
    state = str(tmp_path / "state.safetensors")
    assert main(["export", str(file), "--format", "safetensors", "--out", state]) == 0
    begin = ["train", str(file), "--steps", "1", "--blobs", str(tmp_path / "blobs"), "--weights", state]
    assert main([*begin, "--out", str(tmp_path / "run")]) == 0
    reference = RunDirectory.open(tmp_path / "run").experiment().training.start_from
    assert reference is not None
    assert Blobs(tmp_path / "blobs").path(reference.weights).read_bytes()
    wider = json.loads(file.read_text())
    wider["network"][0]["units"] += 1
    file.write_text(json.dumps(wider))
    capsys.readouterr()
    assert main([*begin, "--out", str(tmp_path / "other")]) == 2
    said = capsys.readouterr().err
    assert "state.safetensors: 'linear1.weight': " in said
    assert said.count("\n") == 1
