"""The GPU check says what it lacks, and chooses no Python over the one that is named."""

import importlib.util
import subprocess

import pytest

from tools import gpu_check


def test_a_python_without_torch_is_told_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else found(name))
    assert gpu_check.main([]) == 2
    said = capsys.readouterr().err
    assert "has no torch;" in said
    assert "make gpu-check PYTHON=" in said


def test_the_python_that_is_named_is_the_one_that_runs() -> None:
    command = ["make", "-n", "gpu-check", "PYTHON=some/python"]
    asked = subprocess.run(command, cwd=gpu_check.ROOT, capture_output=True, text=True, check=True)
    assert "some/python -m tools.gpu_check" in asked.stdout
