"""Plug-ins: taken whole, or left out whole with one line that says why."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin_install import EXAMPLE, installed, run_python, written

ACTIVATION = '''
from typing import ClassVar, Literal
from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context

class {name}(Activation):
    """{name}: an activation of a test."""
    kind: Literal["{kind}"] = "{kind}"
    formula: ClassVar[str] = "f(x) = x"
    derivative: ClassVar[str] = "f′(x) = 1"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Identity")
'''

#: What is wrong with each plug-in: its files, its entry points, and what is said.
FAULTY: dict[str, tuple[dict[str, str], str, str]] = {
    "no module": ({}, "a = bad_none", "its module 'bad_none' cannot be imported: ModuleNotFoundError"),
    "no package": ({}, "a = bad_absent.items", "its module 'bad_absent.items' cannot be imported"),
    "an error": ({"bad_error.py": "1 / 0"}, "a = bad_error", "ZeroDivisionError: division by zero"),
    "exits": ({"bad_exit.py": "raise SystemExit('bye')"}, "a = bad_exit", "SystemExit: bye"),
    "no Python": ({"bad_syntax.py": "def"}, "a = bad_syntax", "SyntaxError"),
    "several lines": ({"bad_lines.py": "raise ValueError('a\\nb')"}, "a = bad_lines", "ValueError: a b"),
    "no value": ({}, "a = !", "its entry point 'a = !' names no module"),
    "redefines": (
        {"bad_relu.py": ACTIVATION.format(name="Mine", kind="relu")},
        "a = bad_relu",
        "'Mine' redefines the kind 'relu' of glassnet.engine.items.activations.",
    ),
    "twice": (
        {"bad_twice.py": ACTIVATION.format(name="A", kind="same") + ACTIVATION.format(name="B", kind="same")},
        "a = bad_twice",
        "redefines the kind 'same' of bad_twice.",
    ),
    "no item": ({"bad_empty.py": "class Snake:\n    kind = 'snake'"}, "a = bad_empty", "it defines no item"),
    "no class": ({"bad_class.py": "class Snake: ..."}, "a = bad_class:Snake", "'bad_class:Snake' is no Item"),
    "no name": ({"bad_name.py": ""}, "a = bad_name:Snake", "has no attribute 'Snake'"),
    "no family": (
        {
            "bad_family.py": "from typing import Literal\nfrom glassnet.engine.catalog import Item\n"
            "class Own(Item):\n    'Own: none.'\n    kind: Literal['own'] = 'own'"
        },
        "a = bad_family",
        "'Own' is of no family",
    ),
    "no literal": (
        {"bad_kind.py": ACTIVATION.format(name="Mine", kind="mine").replace('Literal["mine"]', "str")},
        "a = bad_kind",
        "the kind of 'Mine' is no Literal",
    ),
    "an odd kind": (
        {"bad_odd.py": ACTIVATION.format(name="Mine", kind="../mine")},
        "a = bad_odd",
        "expected one name of at most 40 small letters",
    ),
    "no call": (
        {"bad_call.py": ACTIVATION.format(name="Mine", kind="mine").replace("def call", "def cal")},
        "a = bad_call",
        "'Mine' lacks call",
    ),
    "no default": (
        {"bad_option.py": ACTIVATION.format(name="Mine", kind="mine") + "    rate: float"},
        "a = bad_option",
        "option 'rate' of Mine has no default",
    ),
    "a wrong default": (
        {
            "bad_default.py": ACTIVATION.format(name="Mine", kind="mine")
            + "    rate: float = option(1, 'A.', gt=2)"
        },
        "a = bad_default",
        "option 'rate' of Mine refuses its default",
    ),
    "an unknown type": (
        {"bad_type.py": ACTIVATION.format(name="Mine", kind="mine") + "    rate: 'Nowhere' = 1"},
        "a = bad_type",
        "'Mine' cannot be described",
    ),
    "tensors": (
        {"bad_tensor.py": "import torch\nTABLE = torch.arange(4)"},
        "a = bad_tensor",
        "its module 'bad_tensor' computes with tensors while it is imported (aten.arange",
    ),
    "a union": (
        {"bad_union.py": "from glassnet.engine.items.layers.linear import Linear\nLinear()"},
        "a = bad_union",
        "it makes an item that holds others while it is imported",
    ),
    "no panel": (
        {
            "bad_panel.py": "from typing import Literal\nfrom glassnet.engine.catalog import Panel\n"
            "from glassnet.engine.probes import Picture\n"
            "class Mine(Picture):\n    'Mine: a probe.'\n    kind: Literal['mine'] = 'mine'\n"
            "    panel = Panel('Mine')\n    def prepare(self, trainer):\n        return dict"
        },
        "a = bad_panel",
        "the panel of 'Mine' is missing; expected static/panels/mine.js",
    ),
    "our own package": ({}, "a = glassnet.engine.items.activations", "which is Glassnet's own"),
    "another's package": ({}, "a = good_one", "its package 'good_one' is that of plug-in good-one 1.0, too"),
}

LISTED = """
import json, sys
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.reference import reference
from glassnet.engine.catalog import plugins
node = {"kind": "good", "name": "good1"}
parsed = Experiment.parse({"data": {"kind": "spiral"}, "network": [node, {"kind": "linear", "units": None}]})
found = plugins.load()
entries = [entry for family in reference().values() for entry in family if "plugin" in entry]
print(json.dumps({
    "taken": [str(plugin) for plugin in found.taken],
    "kind": parsed.network[0].kind,
    "entries": [(entry["kind"], entry["plugin"], entry["package"]) for entry in entries],
}))
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every faulty plug-in beside two good ones, of which one is a package of a namespace."""
    folder = tmp_path_factory.mktemp("site")
    written(
        folder,
        "good-one",
        {"good_one/__init__.py": "", "good_one/items.py": ACTIVATION.format(name="Good", kind="good")},
        "a = good_one",
    )
    shared = {
        "shared/other/__init__.py": "",
        "shared/other/act.py": ACTIVATION.format(name="Other", kind="other"),
    }
    written(folder, "good-two", shared, "a = shared.other.act:Other")
    for words, (files, points, _) in FAULTY.items():
        written(folder, f"z-{words.replace(' ', '-').replace(chr(39), '')}", files, points)
    return folder


def test_each_faulty_plugin_is_left_out_with_one_line_and_the_others_work(target: Path) -> None:
    done = run_python(LISTED, target)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == {
        "taken": ["good-one 1.0", "good-two 1.0"],
        "kind": "good",
        "entries": [["good", "good-one", "good_one"], ["other", "good-two", "shared.other"]],
    }
    lines = done.stderr.splitlines()
    assert len(lines) == len(FAULTY), done.stderr
    for words, (_, _, said) in FAULTY.items():
        name = words.replace(" ", "-").replace("'", "")
        (line,) = [line for line in lines if line.startswith(f"plug-in z-{name} 1.0 is left out: ")]
        assert said in line


UNCOPYABLE = """
import math
import numpy as np
from functools import partial
from einops_like import folded
from glassnet.engine.items.activations import Activation
from glassnet.engine.catalog.call import Call
from typing import ClassVar, Literal
import torch

SLOPE = 2.0

class OfNumpy(torch.nn.Module):
    def forward(self, x):
        return x * float(np.pi)

class OfAnother(torch.nn.Module):
    def forward(self, x):
        return folded(x)

class OfAConstant(torch.nn.Module):
    def forward(self, x):
        return SLOPE * x

class Network(torch.nn.Module):
    def forward(self, x):
        return x
"""

UNCOPYABLE_ITEM = '''
class Item{number}(Activation):
    """Item {number}: an activation of a test."""
    kind: Literal["{kind}"] = "{kind}"
    formula: ClassVar[str] = "f(x) = x"
    derivative: ClassVar[str] = "f′(x) = 1"

    def call(self, context):
        return Call({target})
'''

TARGETS = {
    "numpy": (
        "OfNumpy",
        "/network/0: it cannot be exported: OfNumpy uses 'np', which an exported script does",
    ),
    "another": ("OfAnother", "OfAnother uses 'folded' of einops_like; expected nothing but torch, math and"),
    "constant": ("OfAConstant", "OfAConstant uses 'SLOPE', which an exported script does not have; expected"),
    "clash": ("Network", "two definitions of the script are called 'Network'; expected one"),
}

EXPORTED = """
import json
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
said = {}
for kind in %r:
    network = [{"kind": kind}, {"kind": "linear", "units": None}]
    try:
        said[kind] = script(Experiment.parse({"data": {"kind": "spiral"}, "network": network}))[0]
    except InvalidExperiment as error:
        said[kind] = str(error)
print(json.dumps(said))
"""


def test_an_item_whose_code_cannot_be_copied_trains_and_its_export_says_what_is_expected(
    tmp_path: Path,
) -> None:
    items = [
        UNCOPYABLE_ITEM.format(number=number, kind=kind, target=target)
        for number, (kind, (target, _)) in enumerate(TARGETS.items())
    ]
    files = {"uncopyable.py": UNCOPYABLE + "".join(items), "einops_like.py": "def folded(x):\n    return x\n"}
    done = run_python(EXPORTED % list(TARGETS), written(tmp_path, "uncopyable", files, "a = uncopyable"))
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    for kind, (_, words) in TARGETS.items():
        assert words in said[kind]


def test_pip_installs_the_example_as_the_tests_do(tmp_path: Path) -> None:
    project = shutil.copytree(EXAMPLE, tmp_path / "project")  # pip builds beside the sources
    options = [
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(tmp_path / "pip"),
    ]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(project)], check=True, timeout=100)
    ours = installed(EXAMPLE, tmp_path / "ours")

    def files(target: Path) -> dict[str, str]:
        found = [*target.glob("glassnet_example/**/*"), *target.glob("*/entry_points.txt")]
        kept = [path for path in found if path.suffix in (".py", ".js", ".txt")]
        return {str(path.relative_to(target)): path.read_text().strip() for path in kept}

    assert files(tmp_path / "pip") == files(ours)
