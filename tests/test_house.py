"""The rules of the house itself: what must be described, how long it may be, what no file may say.

What may import what is in test_imports.py, what is asked of the page's scripts in test_scripts.py.
"""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from statistics import median

import pytest

from glassnet.engine.catalog import catalog
from glassnet.engine.items.node import Node
from tests import house
from tests.house import project_files, python_files, sources, without_comments

LONGEST_FILE = 400  # lines; beyond it a file holds more than one concept
LONGEST_FUNCTION = 60  # lines, in Python; eslint.config.js has the limit of the page's functions
LONGEST_LINE = 120
MEDIAN_FUNCTION = 6

# What is longer than the limits above today. These may only shrink, and none is to be added.
LONGER_FILES: dict[str, int] = {}
LONGER_FUNCTIONS: dict[str, int] = {}

# Where packages come from is the business of each machine's own settings, never of a file here.
# Split, so that this file does not name them either.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "pytorch" + ".org/whl",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "yarnpkg" + ".com",
    "npmmirror" + ".com",
    "deb.debian" + ".org",
    "archive.ubuntu" + ".com",
]


def test_no_file_names_a_package_registry() -> None:
    files = project_files()
    assert house.ROOT / "package-lock.json" in files
    named = [
        f"{path.relative_to(house.ROOT)} names {host}"
        for path in files
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert named == []


def test_every_make_target_is_described_and_bare_make_lists_it() -> None:
    makefile = (house.ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    commands = set(phony[1].split())
    described = dict(re.findall(r"^([a-z-]+):.*## (\S.*)$", makefile, re.MULTILINE))
    assert described.keys() == commands
    # Not as a part of the `make test` that may have started us.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    asked = subprocess.run(
        ["make"], cwd=house.ROOT, env=environment, capture_output=True, text=True, check=True
    )
    for command, words in described.items():
        assert re.search(rf"make {command} +{re.escape(words)}", asked.stdout), (
            f"bare make does not list {command}"
        )


def test_ci_runs_the_command_the_readme_gives_for_testing() -> None:
    ci_command = (house.ROOT / ".ci" / "run").read_text().splitlines()[-1].strip()
    readme = (house.ROOT / "README.md").read_text()
    # Split at headings: the first capture of each pair is the heading, the second what stands below it.
    parts = re.split(r"^#+ +(.*)$", readme, flags=re.MULTILINE)[1:]
    below = [text for heading, text in zip(parts[::2], parts[1::2], strict=True) if "test" in heading.lower()]
    assert below, "README.md has no heading about tests"
    blocks = re.findall(r"```\w*\n(.*?)```", "".join(below), re.DOTALL)
    commands = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    assert ci_command in commands


def functions(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, int]]:
    """Every function with its lines, those inside classes and functions too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from functions(node.body, f"{within}{node.name}.")


def function_lengths() -> list[tuple[str, int]]:
    return [
        (f"{path}: {name}", lines)
        for path, source in sources().items()
        if path.endswith(".py")
        for name, lines in functions_of("\n".join(source))
    ]


@cache
def functions_of(source: str) -> list[tuple[str, int]]:
    """The functions of a file with their lines; several rules ask for those of every file."""
    return list(functions(ast.parse(source).body))


def assert_at_most(limit: int, lengths: dict[str, int], longer: dict[str, int]) -> None:
    """Nothing is longer than the limit, or than it was where it was longer; nothing is excused in vain."""
    assert {name: n for name, n in lengths.items() if n > longer.get(name, limit)} == {}
    assert {name for name in longer if lengths.get(name, 0) <= limit} == set(), "take these off the list"


def test_no_file_outgrows_its_concept() -> None:
    lengths = {name: len(lines) for name, lines in sources().items()}
    for sheet in (house.ROOT / "static").rglob("*.css"):
        lengths[str(sheet.relative_to(house.ROOT))] = len(sheet.read_text().splitlines())
    assert_at_most(LONGEST_FILE, lengths, LONGER_FILES)


def test_no_function_outgrows_a_screen() -> None:
    # Of two with one name, as a property and its setter, the longer counts.
    lengths = dict(sorted(function_lengths(), key=lambda named: named[1]))
    assert_at_most(LONGEST_FUNCTION, lengths, LONGER_FUNCTIONS)


@pytest.mark.parametrize("package", ["engine", "app"])
def test_half_of_the_functions_are_short(package: str) -> None:
    """Those of the page are counted in tests/js/house.test.js."""
    lengths = [lines for name, lines in function_lengths() if name.startswith(f"{package}/")]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_no_line_is_too_long() -> None:
    long = [
        f"{name}:{number}: {len(line)} characters"
        for name, lines in sources().items()
        for number, line in enumerate(lines, 1)
        if len(line) > LONGEST_LINE
    ]
    assert long == []


#: Users, viewers, callers and owners have names; a sentence about nobody in particular hides who is meant.
UNNAMED = re.compile(r"\b(some|no)body\b", re.IGNORECASE)


def test_people_are_called_by_their_part() -> None:
    """Comments, docstrings, messages and documents say user, viewer, caller or owner."""
    files = [*python_files("engine"), *python_files("app"), *sorted((house.ROOT / "docs").rglob("*.md"))]
    found = [
        f"{path.relative_to(house.ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNNAMED.search(line)
    ]
    assert found == []


#: Where a word that is a node's kind, too, means something else, or is what the user chooses.
OTHER_MEANINGS = {
    "engine/attribution/view.py": {"identity": "how a signal passes normalisations"},
    "engine/figures/arrays.py": {"input": "an array of a frame"},
    **{
        f"engine/{each}.py": {"input": "an array that its figure shows"}
        for each in (
            *("probes/arithmetic", "probes/attribution", "probes/backward_arithmetic", "probes/occlusion"),
            "probes/projection",
            *("studies/convolution", "studies/occlusion", "studies/sanity_check"),
        )
    },
    "engine/data/kernels.py": {
        "gaussian": "the filter that blurs",
        "identity": "the filter that changes nothing",
    },
    "engine/files/image_import/__main__.py": {"pad": "how a picture is made square"},
    "engine/diagnosis/cures.py": dict.fromkeys(
        ["batch_norm", "dropout", "leaky_relu", "relu", "residual"], "the names of cures"
    ),
    "engine/files/image_import/arrays.py": {"input": "what people call an array of pictures"},
    "engine/files/images.py": {"pad": "how a picture is made square"},
    "engine/studies/optimizer_pad.py": {"linear": "how rates are spaced"},
    "engine/studies/shortcut_landscapes.py": dict.fromkeys(["relu", "tanh"], "the study's two choices"),
    "engine/run/changes.py": {"add": "an operation of a JSON patch"},
    "engine/training/replicas/replicas.py": {"dropout": "the random streams that they draw from"},
    "engine/training/single.py": {"dropout": "the random stream that it draws from"},
    "static/core/json.js": {"add": "an operation of a JSON patch"},
    "static/draw/edges.js": {"identity": "how a link is drawn: unit to unit"},
    "static/labs/first-layers.js": dict.fromkeys(["alexnet", "zfnet"], "the two sides of the study"),
    "static/labs/convolution/result.js": {"input": "an array of a frame"},
    "static/labs/landscapes.js": dict.fromkeys(["relu", "tanh"], "the study's two choices"),
    "static/labs/descent/filling.js": {"pad": "the lab where one draws a descent by hand"},
    "static/labs/descent/settings.js": {"pad": "the lab where one draws a descent by hand"},
    "static/page/data/upload.js": {"pad": "how a picture is made square"},
    "static/page/input/file.js": {"pad": "how a picture is made square"},
    "static/panels/arithmetic.js": {"input": "an option of the probe"},
    "static/panels/backward_arithmetic.js": {"input": "an option of the probe"},
    "static/panels/occlusion/model.js": {"input": "an array of a frame"},
}

#: Kinds that are also the names of fields: what a network is shown, the shares that it answers with, a score.
FIELDS = {"input", "softmax", "logit"}


def constants(*nodes: ast.AST | None) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def judged_in_python(source: str) -> Iterator[str]:
    """The words that a file compares with something, or lists."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                yield from constants(left, *others)
            case ast.Tuple(elts=listed) | ast.List(elts=listed) | ast.Set(elts=listed):
                yield from constants(*listed)
            case ast.MatchValue(value=value):
                yield from constants(value)
            case ast.Dict(keys=keys):
                yield from (key for key in constants(*keys) if key not in FIELDS)


def judged_in_javascript(source: str) -> Iterator[str]:
    """The same, of a script; comments are passed over."""
    code = without_comments(source)
    yield from re.findall(r'(?:[=!]==?|\bcase)\s*"(\w+)"', code)
    yield from re.findall(r'"(\w+)"\s*[=!]==?', code)
    yield from re.findall(r'(?:(?<![\w\]).])\[|,)\s*"(\w+)"\s*(?=[,\]])', code)
    yield from (key for key in re.findall(r"(?<=[{,])\s*(\w+)\s*:", code) if key not in FIELDS)


def test_what_a_node_is_stands_on_its_item_and_in_no_list_of_kinds() -> None:
    kinds = set(catalog(Node))
    judged = {
        path: {*(judged_in_python if path.endswith(".py") else judged_in_javascript)("\n".join(lines))}
        for path, lines in sources().items()
        if not path.startswith("engine/items/")
    }
    found = {path: words & kinds for path, words in judged.items() if words & kinds}
    assert found == {path: set(words) for path, words in OTHER_MEANINGS.items()}


def test_no_kind_is_told_by_its_letters() -> None:
    sniffed = re.compile(
        r"""\bkind\)?\.(?:startswith|endswith|startsWith|endsWith|includes|match)\(
        |/\.(?:test|exec)\((?:\w+\.)*kind\) | ["']\s(?:not\s)?in\s(?:\w+\.)*kind\b""",
        re.VERBOSE,
    )
    found = [
        f"{path}:{number}"
        for path, lines in sources().items()
        for number, line in enumerate(lines, 1)
        if sniffed.search(line)
    ]
    assert found == []


def test_a_list_of_kinds_is_seen_wherever_it_hides() -> None:
    python = """
LISTED, KEYED = ("add", "dropout"), {"linear": 1, "input": 2}
if item.kind == "conv2d" or "pool" in item.kind:
    match kind:
        case "tanh": pass
made = {"kind": "relu"}
"""
    assert set(judged_in_python(python)) == {"add", "dropout", "linear", "conv2d", "pool", "tanh", "kind"}
    script = """
const MERGING = new Set(["add", "concatenate"]); // "relu"
const SIZES = { linear: "units", input: 1 };
if (kind === "conv2d" || "tanh" !== kind) icon("flatten");
switch (kind) { case "vgg": }
"""
    assert set(judged_in_javascript(script)) >= {"add", "concatenate", "linear", "conv2d", "tanh", "vgg"}
    assert not {"relu", "input", "flatten", "units"} & set(judged_in_javascript(script))
