"""Adding an item is adding a file: the examples of docs/architecture.md, and one that learns a parameter."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house, test_house, test_imports, test_scripts
from tests.engine import test_devices
from tests.test_docs_code import added

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = [f"tests/catalog/test_{each}.py" for each in ("conformance", "built", "exported")]
GUIDES = "tests/catalog/test_guides.py"
#: The one that is no example of the document, which has no page to fill.
UNGUIDED = [
    f"--deselect={GUIDES}::{test}[activations-learned_snake]"
    for test in ("test_its_guide_is_whole", "test_its_equations_are_read_and_its_experiment_is_one")
]

SNAKE = '''"""Snake."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.items.activations import Activation
from glassnet.engine.catalog.call import Call
from glassnet.engine.catalog import option
from glassnet.engine.items.node import Context


class LearnedSnake(Activation):
    """Learned snake: a straight line with waves on it, for what repeats; how quickly, each node learns.

    Ziyin, Hartwig & Ueda 2020.
    """

    kind: Literal["learned_snake"] = "learned_snake"
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

#: Folders of new modules stand beside those of the packages that they add to.
BESIDE = """
import importlib
for package, home in {homes!r}.items():
    importlib.import_module(package).__path__.append(home)
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


def examples() -> dict[str, str]:
    """The files that the document adds, by path."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return added(re.findall(r"^```diff\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def placed(tree: Path, files: dict[str, str]) -> dict[str, str]:
    """Files written below a folder; the packages that they add to, each with its folder there."""
    for path, source in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(source, encoding="utf-8")
    folders = {Path(path).parent for path in files if path.endswith(".py")}
    return {f"glassnet.{'.'.join(folder.parts)}": str(tree / folder) for folder in folders}


def test_what_is_added_as_the_document_shows_conforms(tmp_path: Path) -> None:
    assert len(code_lines(SNAKE)) <= 20
    files = {"engine/items/activations/learned_snake.py": SNAKE, **examples()}
    homes = placed(tmp_path, files)
    (tmp_path / "with_examples.py").write_text(BESIDE.format(homes=homes), encoding="utf-8")
    options = ["-v", "-p", "with_examples", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *options,
            *UNGUIDED,
            "-k",
            "snake or moons or gradient_norms",
            *CONFORMANCE,
            GUIDES,
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
    passed = set(re.findall(r"::(\S+?)\[(.*)\] PASSED", done.stdout))
    for kind, option in (("snake", "frequency"), ("learned_snake", "start")):
        for test, case in [
            ("test_it_has_a_label_a_summary_and_words_for_every_option", f"activations-{kind}"),
            ("test_its_schema_describes_every_option", f"activations-{kind}"),
            ("test_it_is_in_the_published_reference", f"activations-{kind}"),
            ("test_it_goes_through_json_and_back", f"activations-{kind}"),
            ("test_wrong_values_are_refused_at_the_option", f"activations-{kind}-{option}"),
            ("test_it_builds_trains_and_goes_on_from_its_state", f"activations-{kind}-float32"),
            ("test_the_exported_script_does_the_same_where_there_is_only_torch", f"activations {kind}"),
            (
                "test_the_exported_script_does_the_same_where_there_is_only_torch",
                f"activations {kind} {option} 0",
            ),
        ]:
            assert (test, case) in passed, done.stdout
    exported = "test_the_exported_script_does_the_same_where_there_is_only_torch"
    looked = "test_a_picture_can_be_taken_of_some_experiment_or_is_refused_with_words"
    assert {(exported, "datasets moons"), (looked, "gradient_norms")} <= passed, done.stdout
    guided = {("test_its_guide_is_whole", f"{each}") for each in ("activations-snake", "datasets-moons")}
    assert guided | {("test_its_guide_is_whole", "probes-gradient_norms")} <= passed, done.stdout


def test_what_is_added_as_the_document_shows_keeps_the_rules_of_the_house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("app", "engine", "static", "templates", "tests/js"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    placed(tmp_path, examples())
    monkeypatch.setattr(house, "ROOT", tmp_path)
    monkeypatch.setattr(test_devices, "ENGINE", tmp_path / "engine")
    test_devices.test_only_what_is_listed_makes_tensors_on_the_cpu_or_reads_them_there()
    for package in test_imports.FLOORS:
        test_imports.test_no_import_goes_upward(package)
    for rule in (
        test_imports.test_every_module_stands_in_a_room_and_few_beside_them,
        test_imports.test_no_imports_go_in_a_circle,
        test_imports.test_no_script_of_the_page_imports_upward,
        test_scripts.test_every_panel_has_a_twin_in_the_engine,
        test_scripts.test_every_declared_panel_is_there_and_exports_one,
        test_scripts.test_no_export_is_without_an_importer,
        test_scripts.test_every_script_is_imported_or_loaded_by_a_page,
        test_house.test_no_line_is_too_long,
    ):
        rule()
    files = [tmp_path / path for path in examples() if path.endswith(".py")]
    for command in (["check"], ["format", "--check"]):
        ruff = [
            sys.executable,
            "-m",
            "ruff",
            *command,
            "--config",
            str(ROOT / "pyproject.toml"),
            *map(str, files),
        ]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
