"""What is declared is what is imported."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Declared, and used without an import of ours.
NOT_IMPORTED = {
    "jinja2": "fastapi.templating imports it",
    "plotly": "its package data hold the script that a page loads",
}


def imported() -> set[str]:
    """The distributions that app/ and engine/ import from, late imports and those for types among them."""
    names = set()
    for folder in ("app", "engine"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    names.add(node.module.split(".")[0])
    known = packages_distributions()
    others = names - sys.stdlib_module_names - {"glassnet"}
    return {normalized(known.get(name, [name])[0]) for name in others}


def normalized(requirement: str) -> str:
    """The name of a distribution, as all its spellings are compared."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_declared_dependencies_are_those_that_are_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {normalized(requirement) for requirement in project["dependencies"]}
    assert declared - NOT_IMPORTED.keys() == imported()
    assert declared > NOT_IMPORTED.keys()


def test_every_dependency_has_a_tested_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    constrained = {normalized(line) for line in lines if not line.startswith("#")}
    assert {normalized(each) for group in groups for each in group} <= constrained
