"""Adding an item is adding a file: an activation with a learned parameter, which torch does not have."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = "tests/catalog/test_conformance.py"

SNAKE = '''"""Snake."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.items.activations import Activation
from glassnet.engine.catalog.call import Call
from glassnet.engine.catalog import option
from glassnet.engine.items.node import Context


class Snake(Activation):
    """Snake: a straight line with waves on it, for what repeats; how quickly, each node learns.

    Ziyin, Hartwig & Ueda 2020.
    """

    kind: Literal["snake"] = "snake"
    formula: ClassVar[str] = "f(x) = x + sin²(a x) / a"
    derivative: ClassVar[str] = "f′(x) = 1 + sin(2 a x)"
    start: float = option(1.0, "How quickly it waves before it has learned anything.", gt=0, le=100, log=True)

    def call(self, context: Context) -> Call:
        return Call(Waves, self.start)


class Waves(torch.nn.Module):
    """x + sin²(ax) / a with a learned a."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.a = torch.nn.Parameter(torch.tensor(start))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.sin(self.a * x) ** 2 / self.a
'''

PLUGIN = """
import glassnet.engine.items.activations
glassnet.engine.items.activations.__path__.append({home!r})
"""


def code_lines(source: str) -> set[int]:
    """The lines that hold code: not blank, no comment, no docstring."""
    tree = ast.parse(source)
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    words: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            first = node.body[0]
            words |= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    lines = enumerate(source.splitlines(), 1)
    written = {number for number, line in lines if line.strip() and not line.strip().startswith("#")}
    return written - words


def test_an_activation_is_one_file_of_twenty_lines_and_everything_has_it(tmp_path: Path) -> None:
    assert len(code_lines(SNAKE)) <= 20
    home = tmp_path / "activations"
    home.mkdir()
    (home / "snake.py").write_text(SNAKE, encoding="utf-8")
    (tmp_path / "with_snake.py").write_text(PLUGIN.format(home=str(home)), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-v",
            "-p",
            "with_snake",
            "-p",
            "no:cacheprovider",
            "-k",
            "snake",
            CONFORMANCE,
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = set(re.findall(r"::(\S+?)\[(.*snake.*)\] PASSED", done.stdout))
    for test, case in [
        ("test_it_has_a_label_a_summary_and_words_for_every_option", "activations-snake"),
        ("test_its_schema_describes_every_option", "activations-snake"),
        ("test_it_is_in_the_published_reference", "activations-snake"),
        ("test_it_goes_through_json_and_back", "activations-snake"),
        ("test_wrong_values_are_refused_at_the_option", "activations-snake-start"),
        ("test_it_builds_trains_and_goes_on_from_its_state", "activations-snake-float32"),
        ("test_the_exported_script_does_the_same_where_there_is_only_torch", "activations snake"),
        ("test_the_exported_script_does_the_same_where_there_is_only_torch", "activations snake start 0"),
    ]:
        assert (test, case) in passed, done.stdout
