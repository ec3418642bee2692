"""GLASSNET_ENGINE_DEVICE=cuda lets trainers and sessions stand on a GPU where a test does not say.

GLASSNET_ENGINE_DEVICE=pretended does so without one (see tests/cuda/pretended.py).
"""

import os
from collections.abc import Iterator

import pytest

from glassnet.engine.run.session import Session
from glassnet.engine.run.study_runner import StudyRunner
from glassnet.engine.training.trainer import Trainer
from tests.cuda.pretended import pretended

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
