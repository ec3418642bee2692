"""The code that the documents show: it runs as it stands, and does what they say of it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from glassnet.app.cli import main
from glassnet.engine.frame import decode
from tools.package import linked

ROOT = Path(__file__).resolve().parents[1]

#: Puts each folder of new modules beside the package of that name, and tries what was added.
TRY_OUT = """
import importlib
from glassnet.engine.catalog import catalog
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.probes import Picture, Probe
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer

for family in ("items/activations", "items/datasets", "probes"):
    package = importlib.import_module(f"glassnet.engine.{family.replace('/', '.')}")
    package.__path__.append(f"engine/{family}")
assert "snake" in catalog(Activation)
assert "moons" in catalog(Dataset)
assert "gradient_norms" in catalog(Probe)
experiment = Experiment.parse({
    "data": {"kind": "moons", "samples": 101, "noise": 0.1},
    "network": [{"kind": "linear"}, {"kind": "snake"}, {"kind": "linear", "units": None}],
    "watch": [{"kind": "gradient_norms"}],
})
trainer = Trainer(experiment)
(probe,) = experiment.watch
look = probe.prepare(trainer)
for _ in range(20 * trainer.steps_per_epoch):
    trainer.step()
assert trainer.evaluate()["test_accuracy"] > 0.8, trainer.evaluate()
norms = look()["norms"]
assert norms.shape == (4,) and norms.dtype.is_floating_point and (norms > 0).all(), norms
"""


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def added(diffs: list[str]) -> dict[str, str]:
    """The files that diffs add, by path."""
    files: dict[str, list[str]] = {}
    for line in "".join(diffs).splitlines():
        if line.startswith("+++ "):
            lines = files.setdefault(line.removeprefix("+++ "), [])
        else:
            assert line.startswith("+"), line
            lines.append(line[1:])
    return {path: "\n".join(lines) + "\n" for path, lines in files.items()}


#: Runs blocks as the cells of a notebook are run, and looks at what they leave.
AS_A_NOTEBOOK = """
import json, linecache, sys
from pathlib import Path

def cell(number):
    name, text = f"cell {number}", CELLS[number]
    linecache.cache[name] = len(text), None, text.splitlines(True), name  # as IPython does, for the source
    exec(compile(text, name, "exec"), globals())

CELLS = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
import numpy as np
cell(0)
assert (pictures["output"].dtype, pictures["output"].shape) == (np.uint8, (100, 100))
assert {name: column.shape for name, column in columns.items()}.items() >= {
    "step": (41,), "epoch": (41,), "train_loss": (41,), "test_loss": (41,)}.items()
assert columns["step"].dtype == np.float64 and columns["test_loss"].dtype == np.float32
cell(1)
assert said == "/data/samples: 5; expected a whole number from 10 to 100,000", said
cell(2)
assert (pictures["output"].dtype, pictures["output"].shape) == (np.uint8, (100, 100))
assert (pictures["unit/tanh1"].dtype, pictures["unit/tanh1"].shape) == (np.uint8, (8, 100, 100))
assert pictures["unit/tanh1.range"].dtype == np.float32
assert loss > 0 and accuracy > 0.5 and abs(accuracy - run.metrics["test_accuracy"]) < 1e-6
cell(3)
assert reason["stop"] == "early_stopping" and reason["restored"] < reason["step"], reason
cell(4)
assert known > 0.6 and abs(again.evaluate()["test_accuracy"] - known) < 1e-6, known
for time in range(2):
    cell(5)
    assert result > 0.9, result
    Path("runs/swinging").rename(f"runs/swinging-{time}")
assert "def swing(x):" in script and "def rings(points, generator):" in script
for _ in range(2):
    cell(6)
    assert (pictures["output"].dtype, pictures["output"].shape) == (np.uint8, (50, 50))
    assert {"step", "epoch", "train_loss", "test_loss"} <= set(columns)
    assert columns["epoch"][-1] == 40
assert len(list(Path("steered").iterdir())) == 2
cell(7)
assert pictures["output"].shape == (60, 60) and trainer.state()["step"].tolist() == [1] * 16
assert len(CELLS) == 8
"""


def test_the_engine_is_used_as_its_document_shows_outside_the_checkout(tmp_path: Path) -> None:
    cells = tmp_path / "cells.json"
    cells.write_text(json.dumps(blocks("engine.md", "python")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", AS_A_NOTEBOOK, str(cells)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(linked()), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_additions_work_as_the_document_shows_them(tmp_path: Path) -> None:
    files = added(blocks("architecture.md", "diff"))
    assert sorted(files) == [
        "engine/items/activations/snake.py",
        "engine/items/datasets/moons.py",
        "engine/probes/gradient_norms.py",
        "static/panels/gradient_norms.js",
    ]
    for path, source in files.items():
        assert not (ROOT / path).exists()
        assert (ROOT / path).parent.is_dir()
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", TRY_OUT],
        cwd=tmp_path,
        env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_looking_works_as_its_document_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "app" / "presets", tmp_path / "app" / "presets")
    monkeypatch.chdir(tmp_path)
    first, second = blocks("looking.md", "python")
    names: dict[str, Any] = {}
    exec(compile(first, "looking.md, first block", "exec"), names)  # noqa: S102
    assert names["features"]["projections"].shape == (2, 9, 1, 8, 8)
    assert names["maps"]["maps"].shape == (6, 8, 8)
    assert {"relu1/projections", "relu2/projections"} <= names["atlas"].arrays.keys()
    exec(compile(second, "looking.md, second block", "exec"), names)  # noqa: S102
    assert names["projection"].shape == (1, 3, 32, 32)
    assert names["projection"].count_nonzero() > 0

    (commands,) = blocks("looking.md", "sh")
    for line in commands.splitlines():
        words = shlex.split(line)
        if words[0] == "echo":
            (tmp_path / words[3]).write_text(words[1], encoding="utf-8")
        else:
            assert main(words[1:]) == 0, line
    _, atlas = decode((tmp_path / "atlas.safetensors").read_bytes())
    assert atlas["relu2/channels"].shape == (4,)
    _, maps = decode((tmp_path / "maps.safetensors").read_bytes())
    assert maps["maps"].shape == (6, 8, 8)


#: In a process of its own: a new surface would stay in this one's catalogue.
ON_BOOTH = """
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.catalog import catalog
import torch
assert catalog(CostSurface)["booth"] is Booth
race = OptimizerRace(surface=Booth(), entries=[Entry(optimizer=SGD(learning_rate=0.05))], steps=300)
*_, sight = race.compute()
assert result.arrays["reached"].tolist()[::2] == [1202, 829], result.arrays["reached"]
assert paths.shape == (3, 1301, 2)
assert torch.allclose(sight.arrays["paths"][0, -1], torch.tensor([1.0, 3.0]), atol=1e-3)
"""


def test_descents_go_as_their_document_shows() -> None:
    race, surface = blocks("descent.md", "python")
    program = "\n".join([surface, race, ON_BOOTH])  # a class that is there before the catalogue is asked
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
