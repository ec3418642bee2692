"""Glassnet: a neural network you can see through while it trains.

    import glassnet

    experiment = glassnet.Experiment.parse({
        "data": {"kind": "spiral"},
        "network": [{"kind": "linear", "units": 8}, {"kind": "tanh"}, {"kind": "linear", "units": None}],
    })
    run = glassnet.train(experiment)

The names below are the public ones (docs/engine.md); they are loaded when they are first asked for, so
that the command line starts at once. This file and `__main__.py` beside it are read by whatever Python
there is, so that one that is too old is told so: they keep to what Python 3.7 can parse.
"""

from importlib import import_module

TYPE_CHECKING = False  # as in typing, which takes time to import
if TYPE_CHECKING:
    from glassnet.engine.notebook import (
        Activation,
        Call,
        Dataset,
        Diverged,
        Experiment,
        GlassnetError,
        InvalidExperiment,
        Layer,
        Name,
        Picture,
        Run,
        Trainer,
        Undivided,
        catalog,
        describe,
        export,
        load_run,
        observe,
        open_probe,
        option,
        own_data,
        plan,
        show,
        study,
        train,
    )

#: The one place where the version is written; pyproject.toml reads it from here.
__version__ = "0.1.0"

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

if not TYPE_CHECKING:  # or every name would be one to a type checker

    def __getattr__(name):
        """A public name, from the engine, which is imported now."""
        if name not in __all__:
            raise AttributeError(f"module 'glassnet' has no attribute {name!r}")
        found = globals()[name] = getattr(import_module("glassnet.engine.notebook"), name)
        return found


def __dir__() -> "list[str]":
    return [*globals(), *__all__]
