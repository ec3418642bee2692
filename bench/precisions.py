"""Steps in bfloat16 against the same steps in float32 on a CPU, in processor time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from bench.compare import compare
from bench.layouts import BUILT, on_shapes
from bench.training import take_steps
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import emulated
from glassnet.engine.training.trainer import Trainer

STEPS = 3


def main() -> Iterator[str]:
    """A line for each network, after one that says whether the processor has instructions for bfloat16."""
    yield emulated("bfloat16", "cpu") or "this processor has instructions for bfloat16"
    for name, node in BUILT.items():
        document = on_shapes(node).document()
        half, full = (
            Trainer(
                Experiment.parse(document | {"training": document["training"] | {"precision": precision}})
            )
            for precision in ("bfloat16", "float32")
        )
        result = compare(
            partial(take_steps, half, STEPS),
            partial(take_steps, full, STEPS),
            clock=time.process_time,
            seconds=0.3,
            rounds=5,
        )
        yield f"{name:<20} bfloat16 {result.ratio:.2f}× float32"
