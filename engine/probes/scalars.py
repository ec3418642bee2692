"""The scalar probes of every run: their rows are journalled whether they are watched or not."""

from __future__ import annotations

from typing import Literal

from glassnet.engine.probes.evaluation import Evaluation
from glassnet.engine.probes.progress import Progress

ScalarKind = Literal["progress", "evaluation"]

#: By kind, in the order in which their rows are measured and written.
SCALARS: dict[ScalarKind, type[Progress] | type[Evaluation]] = {
    "progress": Progress,
    "evaluation": Evaluation,
}
