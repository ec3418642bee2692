"""`glassnet check`: the example conforms; a faulty item has a line for each promise it does not keep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.test_plugins import ACTIVATION
from tests.plugin_install import EXAMPLE, ROOT, environment, installed, written

FAULTY = '''
from typing import ClassVar, Literal
import numpy as np
import torch
from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation

class Loud(Activation):
    """Loud: not documented"""
    kind: Literal["loud"] = "loud"
    a: float = option(1.0, "no sentence")
    def call(self, context):
        return Call(OfNumpy)

class OfNumpy(torch.nn.Module):
    def forward(self, x):
        return x * float(np.pi)

class Nowhere(Activation):
    """Nowhere: an activation that reads what it is given."""
    kind: Literal["nowhere"] = "nowhere"
    def call(self, context):
        return Call(Reading)

class Reading(torch.nn.Module):
    def forward(self, x):
        return x * x.sum().item()
'''


def check(*arguments: str, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "glassnet.app.cli", "check", *arguments],
        cwd=ROOT,
        env=environment(target),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = installed(EXAMPLE, tmp_path_factory.mktemp("site"))
    written(folder, "absent", {}, "a = not_there")
    return written(folder, "faulty", {"faulty.py": FAULTY}, "a = faulty")


def test_the_example_conforms_and_the_faults_of_others_are_told(target: Path) -> None:
    done = check(target=target)
    assert done.returncode == 1
    assert done.stderr == "glassnet: 2 items with faults, 1 plug-in left out\n"
    lines = done.stdout.splitlines()
    conforming = [line for line in lines if line.endswith(": conforms")]
    kinds = ["activations: squareplus", "datasets: checkerboard", "probes: unit_activity"]
    assert sorted(conforming) == [
        f"glassnet-example: {kind}: conforms" for kind in [*kinds, "studies: noise_tolerance"]
    ]
    told = [line for line in lines if line not in conforming]
    for words in (
        "loud: its docstring begins 'Loud: not documented'; expected `Label: what it is.`",
        "OfNumpy uses 'np', which an exported script does not have; expected nothing but torch",
        "nowhere: it fits into no network here; among vectors, /network/0: ",
        "absent 1.0 is left out: its module 'not_there' cannot be imported",  # and stops no other's checks
    ):
        assert any(words in line for line in told), done.stdout
    assert len(told) == 4


def test_what_a_page_lacks_is_a_warning(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    plain = ACTIVATION.format(name="Plain", kind="plain")
    done = check(target=written(folder, "bare", {"bare.py": plain}, "a = bare"))
    assert done.returncode == 0
    conforms, warning = done.stdout.splitlines()
    assert conforms == "bare: activations: plain: conforms"
    assert warning.startswith("bare: activations: plain: warning: it has no guide of its own; expected what ")


def test_a_plugin_that_is_not_there_is_one_line(target: Path, tmp_path: Path) -> None:
    done = check("nowhere", target=target)
    assert (done.returncode, done.stdout) == (2, "")
    expected = "expected one of faulty, glassnet-example, absent"
    assert done.stderr == f"glassnet: 'nowhere' is no plug-in; {expected}\n"


def test_a_plugin_that_is_left_out_and_asked_for_is_one_line(target: Path) -> None:
    done = check("absent", target=target)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "glassnet: plug-in absent 1.0 is left out: its module 'not_there' cannot be"
    )
    assert done.stderr.count("\n") == 1
