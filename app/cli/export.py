"""`glassnet export`: an experiment as a program, or a network with its weights as ONNX or safetensors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export import python
from glassnet.engine.export.onnx import onnx_model
from glassnet.engine.files import tensor_file
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network import planner
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.run.snapshot import Snapshot

#: The formats that hold weights.
Weights = Literal["onnx", "safetensors"]


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
    plan, network = _network(at, blobs)
    if form == "onnx":
        out.write_bytes(onnx_model(plan, network))
    else:
        with out.open("wb") as file:
            for piece in tensor_file.pieces(dict(network.state_dict()), {"title": at.experiment.title}):
                file.write(piece)
    when = f"after {at.step:,} steps" if at.state is not None else "before its first step"
    return f"{out}: {plan.parameters:,} parameters, {when}"


def _network(at: Snapshot, blobs: Blobs) -> tuple[Plan, Network]:
    """The network of a snapshot; without a state as it starts, for which no data are needed."""
    if at.state is not None:
        trainer = at.trainer(device="cpu", blobs=blobs)
        return trainer.plan, trainer.network.eval()
    plan = planner.plan(at.experiment)
    return plan, Network(plan, at.experiment.seed, torch.Generator()).eval()
