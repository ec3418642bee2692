"""Exported scripts as text; that they do the same is asked of the whole catalogue (tests/catalog)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import read_tensors, script
from tests.engine.experiments import cnn, experiment, mlp, residual


def imported(text: str) -> set[str]:
    return {
        name
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }


def test_a_script_of_drawn_data_is_one_file_that_needs_torch_alone() -> None:
    text, files = script(mlp(8, 8))
    assert files == {}
    assert imported(text) == {"__future__", "math", "torch"}


def test_a_script_of_measured_data_brings_them_along() -> None:
    text, files = script(mlp(8, data={"kind": "iris"}))
    assert list(files) == ["iris.safetensors"]
    assert imported(text) == {"__future__", "json", "math", "pathlib", "torch"}
    stored = safetensors.torch.load(files["iris.safetensors"])
    assert stored["inputs"].shape == (150, 4)


def test_the_reader_in_the_script_reads_what_safetensors_writes(tmp_path: Path) -> None:
    tensors = {
        "a": torch.randn(3, 4),
        "b": torch.arange(7),
        "scalar": torch.tensor(2.5),
    }
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors.torch.save(tensors, {"some": "words"}))
    found = read_tensors(path)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert torch.equal(found[name], tensor)
        assert found[name].dtype == tensor.dtype


def test_a_script_reads_like_one_a_person_would_write() -> None:
    text, _ = script(mlp(8))
    assert "class Network(torch.nn.Module):" in text
    assert "        self.linear1 = torch.nn.Linear(2, 8, bias=True)" in text
    assert "        tanh1 = self.tanh1(linear1)" in text
    assert "    optimizer = optimizer0 = torch.optim.Adam(parameters, lr=0.001" in script(
        mlp(8, optimizer={"kind": "adam", "learning_rate": 0.001})
    )[0]  # fmt: skip
    assert max(map(len, text.splitlines())) <= 120


def test_blocks_keep_their_names_as_attributes() -> None:
    text, _ = script(residual())
    assert "        self.block1 = torch.nn.Module()" in text
    assert "        self.block1.inner = torch.nn.Linear(2, 8, bias=True)" in text
    assert "        block1_Sum = self.block1.sum(block1_Tanh, block1_Shortcut)" in text


def test_one_experiment_always_gives_the_same_script() -> None:
    assert script(cnn()) == script(cnn())


PLAIN = ast.dump(ast.Module(ast.parse(script(mlp(2))[0]).body[1:], []))


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=60))
def test_no_title_breaks_out_of_the_docstring(title: str) -> None:
    made = mlp(2).document() | {"title": title}
    tree = ast.parse(script(Experiment.parse(made))[0])
    assert "an experiment exported from Glassnet" in (ast.get_docstring(tree) or "")
    assert ast.dump(ast.Module(tree.body[1:], [])) == PLAIN


@pytest.mark.parametrize("kind", ["l1", "l2", "clip_norm"])
def test_what_is_left_out_leaves_no_trace(kind: str) -> None:
    with_it, _ = script(mlp(4, regularizers=[{"kind": kind}]))
    without, _ = script(mlp(4))
    assert kind in with_it
    assert kind not in without
    assert "rate = torch.tensor" not in without
    assert "zeros_like" not in without


def test_a_network_without_parameters_that_start_is_still_a_script() -> None:
    made = experiment(
        [
            {"kind": "linear", "name": "a", "units": 2, "initializer": {"kind": "zeros"}},
            {"kind": "linear", "name": "output", "units": None, "weights": "a"},
        ]
    )
    text, _ = script(made)
    assert "self.output.weight = self.a.weight" in text
    compile(text, "script.py", "exec")
