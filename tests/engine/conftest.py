"""GLASSNET_ENGINE_DEVICE=cuda lets trainers and sessions stand on a GPU where a test does not say."""

import os

from glassnet.engine.run.session import Session
from glassnet.engine.run.study_runner import Workbench
from glassnet.engine.training.trainer import Trainer

if device := os.environ.get("GLASSNET_ENGINE_DEVICE"):
    for standing in (Trainer, Session, Workbench):
        defaults = standing.__init__.__kwdefaults__
        assert defaults is not None
        assert defaults["device"] == "cpu"
        defaults["device"] = device
