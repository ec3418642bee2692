"""The imports of the fork server, which every worker inherits.

No tensor operation may run here and CUDA must not be initialised: threads and device contexts do not
survive a fork, and the children would hang. Parsing an experiment uses pydantic alone, and builds the
validators of every catalogue.
"""

import importlib

from glassnet.app.core.permanent import permanent_imports

#: The last is imported by torch, with sympy, at the first gradient: half a second.
NEEDED = (
    "glassnet.app.workers.process",
    "glassnet.engine.run.session",
    "torch.fx.experimental.symbolic_shapes",
)


def _preload() -> None:
    from glassnet.engine.catalog import plugins
    from glassnet.engine.experiment.experiment import Experiment
    from glassnet.engine.studies import parse_study

    plugins.load(quiet=True)  # the server has said which are left out
    Experiment.parse({"data": {"kind": "spiral"}})
    parse_study({"kind": "lr_range_test"})
    for name in NEEDED:
        importlib.import_module(name)


with permanent_imports():
    _preload()
