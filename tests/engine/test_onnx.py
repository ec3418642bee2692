"""ONNX documents run in onnxruntime with the same outputs, and their nodes have our names."""

from __future__ import annotations

import importlib.util
from typing import Any

import onnx
import onnxruntime
import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.onnx import OnnxMissing, onnx_model
from glassnet.engine.network.module import Network
from glassnet.engine.network.planner import plan


def network_of(network: list[dict[str, Any]], data: dict[str, Any]) -> tuple[Any, Network]:
    planned = plan(Experiment.parse({"data": data, "network": network}))
    return planned, Network(planned, 0, torch.Generator()).eval()


def agree(network: list[dict[str, Any]], data: dict[str, Any]) -> onnx.ModelProto:
    """onnxruntime's outputs are torch's, for batches of any size."""
    planned, ours = network_of(network, data)
    document = onnx_model(planned, ours)
    onnx.checker.check_model(onnx.load_from_string(document))
    session = onnxruntime.InferenceSession(document, providers=["CPUExecutionProvider"])
    for batch in (1, 3):
        x = torch.randn(batch, *planned.input_shape, generator=torch.Generator().manual_seed(batch))
        found = session.run(planned.loss_nodes, {"input": x.numpy()})
        with torch.no_grad():
            expected = ours(x)
        for name, output in zip(planned.loss_nodes, found, strict=True):
            assert torch.allclose(torch.from_numpy(output), expected[name], rtol=1e-4, atol=1e-4)
    return onnx.load_from_string(document)


def test_a_network_with_a_block_runs_in_onnxruntime_under_our_names() -> None:
    network: list[dict[str, Any]] = [
        {"kind": "conv2d", "name": "first", "filters": 4},
        {"kind": "residual_conv2d", "name": "block", "filters": 4, "squeeze": 2},
        {"kind": "dropout", "name": "dropped"},
        {"kind": "flatten", "name": "flat"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    model = agree(network, {"kind": "digits"})
    names = {node.name for node in model.graph.node}
    assert {"first", "block.relu1", "block.sum", "block.squeeze.gate", "flat", "output"} <= names
    weights = {weight.name for weight in model.graph.initializer}
    assert {"first.weight", "output.weight"} <= weights


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    planned, ours = network_of([{"kind": "linear", "units": None}], {"kind": "spiral"})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OnnxMissing, match=r"glassnet\[onnx\]"):
        onnx_model(planned, ours)
