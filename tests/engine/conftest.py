"""GLASSNET_ENGINE_DEVICE=cuda lets trainers and sessions stand on a GPU where a test does not say.

GLASSNET_ENGINE_DEVICE=pretended does so without one (see tests/cuda/pretended.py).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.session import Session
from glassnet.engine.run.study_runner import StudyRunner
from glassnet.engine.training.trainer import Trainer
from tests.cuda.pretended import pretended
from tests.engine.experiments import mlp
from tests.engine.session_run import Run

if device := os.environ.get("GLASSNET_ENGINE_DEVICE"):
    for standing in (Trainer, Session, StudyRunner):
        defaults = standing.__init__.__kwdefaults__
        assert defaults is not None
        assert defaults["device"] == "cpu"
        defaults["device"] = "cuda" if device == "pretended" else device


@pytest.fixture(scope="session", autouse=device == "pretended")
def pretending() -> Iterator[None]:
    """Everything on the pretended device."""
    with pretended():
        yield


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Make runs of an experiment, each in a directory of its own."""
    runs: list[Run] = []

    def made(experiment: Experiment | None = None, **options: Any) -> Run:
        runs.append(Run(tmp_path / f"run{len(runs)}", experiment or mlp(4, epochs=30), **options))
        return runs[-1]

    yield made
    for run in runs:
        run.directory.close()
