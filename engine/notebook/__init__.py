"""The engine in a notebook: the public names of `import glassnet`, and the display of objects."""

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Diverged, GlassnetError, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.datasets import Dataset, Undivided
from glassnet.engine.items.layers import Layer
from glassnet.engine.network.planner import plan
from glassnet.engine.notebook import painters as _painters  # noqa: F401 what it imports shows itself
from glassnet.engine.notebook.documents import catalog, describe, export
from glassnet.engine.notebook.live_page import show
from glassnet.engine.notebook.looking import observe, open_probe, study
from glassnet.engine.notebook.own_tensors import own_data
from glassnet.engine.notebook.runs import Run, load_run, train
from glassnet.engine.probes import Picture
from glassnet.engine.training.trainer import Trainer

__all__ = [
    "Activation",
    "Call",
    "Dataset",
    "Diverged",
    "Experiment",
    "GlassnetError",
    "InvalidExperiment",
    "Layer",
    "Name",
    "Picture",
    "Run",
    "Trainer",
    "Undivided",
    "catalog",
    "describe",
    "export",
    "load_run",
    "observe",
    "open_probe",
    "option",
    "own_data",
    "plan",
    "show",
    "study",
    "train",
]
