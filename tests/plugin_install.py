"""Plug-ins installed as pip would install them: a package and its `.dist-info` in a folder to import from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "docs" / "example-plugin"


def written(target: Path, name: str, files: dict[str, str], points: str, version: str = "1.0") -> Path:
    """A distribution with these files, whose entry points of `glassnet.items` are these lines."""
    for path, content in files.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(content, encoding="utf-8")
    info = target / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[glassnet.items]\n{points}\n", encoding="utf-8")
    return target


def installed(project: Path, target: Path) -> Path:
    """The packages of a project, with what its pyproject.toml says of it."""
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    points = "\n".join(f"{name} = {value}" for name, value in about["entry-points"]["glassnet.items"].items())
    for package in project.glob("*/__init__.py"):
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package.parent, target / package.parent.name, ignore=skipped)
    return written(target, about["name"], {}, points, about["version"])


def environment(*targets: Path) -> dict[str, str]:
    """The environment of a process that finds these folders first."""
    path = [*map(str, targets), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def importable(*targets: Path) -> Iterator[None]:
    """Processes that are started meanwhile find these folders first."""
    before = dict(os.environ)
    os.environ.update(environment(*targets))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_python(program: str, *targets: Path) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, as plug-ins are found once in each."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment(*targets),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
