"""`glassnet export`: an experiment as a program, or a network with its weights as ONNX or safetensors."""

from __future__ import annotations

import sys
from pathlib import Path

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export import python
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.run import exported
from glassnet.engine.run.exported import Weights
from glassnet.engine.run.snapshot import Snapshot


def write_program(experiment: Experiment, out: Path | None, blobs: Blobs) -> None:
    """Write an experiment as a program, with its data beside it; without `out` the program is printed.

    Raises InvalidExperiment where it cannot be exported, OSError where a file cannot be written.
    """
    source, beside = python.script(experiment, blobs)
    folder = out.parent if out is not None else Path()
    if out is not None:
        out.write_text(source, encoding="utf-8")
    for name, data in beside.items():
        (folder / name).write_bytes(data)
        print(f"wrote {folder / name}, which the program reads", file=sys.stderr)
    if out is None:
        sys.stdout.write(source)


def write_weights(at: Snapshot, form: Weights, out: Path, blobs: Blobs) -> str:
    """Write a network with its weights to a file; returns a line with a summary.

    Raises GlassnetError where the format cannot hold the network, OSError where the file cannot be written.
    """
    plan = exported.write_weights(at, form, out, blobs)
    when = f"after {at.step:,} steps" if at.state is not None else "before its first step"
    return f"{out}: {plan.parameters:,} parameters, {when}"
