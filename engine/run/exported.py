"""The network of a snapshot as a file that other programs read: ONNX, or a state dict."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import dtype_of
from glassnet.engine.export import python
from glassnet.engine.export.onnx import onnx_model
from glassnet.engine.files import tensor_file
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network import planner
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.starting_weights import started_network
from glassnet.engine.run.snapshot import Snapshot

#: The formats that hold weights.
Weights = Literal["onnx", "safetensors"]


def write_weights(at: Snapshot, form: Weights, out: Path, blobs: Blobs) -> Plan:
    """Write a network with its weights to a file; returns its plan.

    Raises GlassnetError where the format cannot hold the network, OSError where the file cannot be written.
    """
    plan, network = _network(at, blobs)
    if form == "onnx":
        out.write_bytes(onnx_model(plan, network.float()))
        return plan
    with out.open("wb") as file:
        for piece in tensor_file.pieces(dict(network.state_dict()), {"title": at.experiment.title}):
            file.write(piece)
    return plan


def write_archive(experiment: Experiment, stem: str, out: Path, blobs: Blobs) -> None:
    """Write a ZIP of an experiment's script and what it reads. Raises InvalidExperiment, OSError."""
    text, beside = python.script(experiment, blobs)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}.py", text)
        for name, data in beside.items():
            archive.writestr(name, data)


def _network(at: Snapshot, blobs: Blobs) -> tuple[Plan, Network]:
    """The network of a snapshot; without a state as it starts. Data are not needed, unless it was edited."""
    if at.state is not None and not at.exact:
        trainer = at.trainer(device="cpu", blobs=blobs)
        return trainer.plan, trainer.network.eval()
    plan = planner.plan(at.experiment)
    if at.state is None:
        return plan, started_network(plan, at.experiment, torch.Generator(), blobs).eval()
    network = Network(plan, at.experiment.seed, torch.Generator())
    network.to(dtype=dtype_of(at.experiment.training.precision))
    own = network.state_dict()
    with torch.no_grad():
        for name, tensor in at.state.items():
            family, _, rest = name.partition("/")
            if family in ("parameters", "buffers"):
                own[rest].copy_(tensor)
    return plan, network.eval()
