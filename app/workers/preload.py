"""What the fork server imports once, so that every worker starts with it.

No tensor operation may run here and nothing may be asked of CUDA: threads and device contexts do not
survive a fork, and the children would hang. Reading an experiment is pydantic alone, and builds the
validators of every catalog.
"""

import importlib

from glassnet.engine.catalog import plugins
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.studies import parse_study

plugins.load(quiet=True)  # the server has said which are left out
Experiment.parse({"data": {"kind": "spiral"}})
parse_study({"kind": "lr_range_test"})

# The last is what torch imports, with sympy behind it, when a gradient is first asked for: half a second.
for name in (
    "glassnet.app.workers.process",
    "glassnet.engine.run.session",
    "sklearn.datasets",
    "torch.fx.experimental.symbolic_shapes",
):
    importlib.import_module(name)
