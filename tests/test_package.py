"""The package `glassnet`: found in this checkout, started by any Python, whole in a wheel."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from glassnet import __main__ as command
from glassnet import __version__

ROOT = Path(__file__).resolve().parents[1]

PROGRAM = """
from tools.package import use_this_checkout
use_this_checkout()
import glassnet.engine, subprocess, sys
print(glassnet.engine.__file__)
below = [sys.executable, "-c", "import glassnet.app as app; print(app.__file__)"]
print(subprocess.check_output(below, text=True))
"""


def test_another_checkout_that_is_installed_is_passed_over(tmp_path: Path) -> None:
    for room in ("engine", "app"):
        (tmp_path / "glassnet" / room).mkdir(parents=True)
        (tmp_path / "glassnet" / room / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    engine, app = (Path(line).resolve() for line in done.stdout.split())
    assert engine == ROOT / "engine" / "__init__.py"
    assert app == ROOT / "app" / "__init__.py"


def test_the_version_is_written_once() -> None:
    named = [
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.toml", "*.py", "engine/**/*.py", "app/**/*.py", "CITATION.cff")
        for path in ROOT.glob(pattern)
        if f'"{__version__}"' in path.read_text()
    ]
    assert named == ["engine/public/__init__.py"]


@pytest.mark.parametrize("name", ["__init__", "__main__"])
def test_what_starts_the_command_is_parsed_by_python_3_7(name: str) -> None:
    ast.parse((ROOT / "engine" / "public" / f"{name}.py").read_text(), feature_version=(3, 7))


def test_a_python_that_is_too_old_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 20, "final", 0))
    monkeypatch.setattr(sys, "version", "3.8.20 (default)")
    assert command.main() == 2
    told = capsys.readouterr().err
    assert told == "glassnet: needs Python 3.11 or newer, not 3.8.20; start it with another\n"


def test_on_windows_one_is_told_of_wsl(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert command.main() == 2
    told = capsys.readouterr().err
    assert told == "glassnet: does not run on Windows itself; start it in WSL, where it is a Linux program\n"


def test_the_changelog_has_a_heading_for_this_release() -> None:
    assert re.search(rf"^## {re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_licence_is_found_by_what_reads_the_metadata() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert [(ROOT / name).read_text().split("\n", 3)[1].strip() for name in project["license-files"]] == [
        "Apache License"
    ]
