"""Architectures taken away as ONNX and as a state dict: what reads them computes the same.

Their scripts are in tests/catalog/test_exported.py: of each kind, and of each of its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.catalog import catalog
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files import tensor_file
from glassnet.engine.files.weights_import import read_state_dict
from glassnet.engine.items.architectures import Architecture, Stemmed
from glassnet.engine.items.node import Node
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.planner import plan
from glassnet.engine.network.state_dict import fitted
from tests.engine.test_onnx import agree
from tests.engine.test_published_sizes import pictures

KINDS = [kind for kind, item in catalog(Node).items() if issubclass(item, Architecture)]

#: Sides of pictures for those that have no stem for small ones; the others take 16 pixels.
SIDES = {"neocognitron": 16, "lenet5": 28, "alexnet": 72, "zfnet": 72, "vgg": 32, "ssd": 32}

VARIANTS: list[dict[str, Any]] = [
    *({"kind": kind} for kind in KINDS),
    {"kind": "resnet", "pre_activation": True},
    {"kind": "resnet", "plain": True},
    {"kind": "resnet", "depth": 50},
    {"kind": "resnet", "depth": 50, "pre_activation": True, "plain": True},
    {"kind": "se_resnet", "depth": 18},
    {"kind": "googlenet", "variant": "torchvision"},
    {"kind": "googlenet", "auxiliary": True},
    {"kind": "inception_v3", "auxiliary": True},
    {"kind": "vgg", "configuration": "A-LRN"},
    {"kind": "vgg", "configuration": "C", "batch_norm": True},
    {"kind": "alexnet", "towers": 2},
]


def small(node: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A network and data of an architecture at a small width."""
    item = catalog(Node)[node["kind"]]
    stem = {"stem": "small"} if issubclass(item, Stemmed) else {}
    network: list[dict[str, Any]] = [{"name": "net", "width": 0.0625, **stem, **node}]
    if issubclass(item, Architecture) and item.answers != "class":
        network += [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}]
    return network, pictures(SIDES.get(node["kind"], 16), 10)


def changed(planned: Plan) -> Network:
    """A network whose batch norms have something to do."""
    network = Network(planned, 3, torch.Generator()).eval()
    generator = torch.Generator().manual_seed(3)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d) and module.running_mean is not None:
            module.running_mean.normal_(0, 0.1, generator=generator)
    return network


#: Quickly exported; the others are a second and more each.
QUICK = ("lenet5", "neocognitron")


@pytest.mark.timeout(600)  # hundreds of nodes are exported in half a minute, or more where others work beside
@pytest.mark.parametrize(
    "node",
    [
        pytest.param(node, marks=() if node["kind"] in QUICK else pytest.mark.thorough, id=str(node))
        for node in VARIANTS
    ],
)
def test_an_architecture_is_read_elsewhere_and_here_again_with_the_same_outputs(
    node: dict[str, Any], tmp_path: Path
) -> None:
    network, data = small(node)
    agree(network, data)
    experiment = Experiment.parse({"data": data, "network": network})
    planned = plan(experiment)
    ours, again = changed(planned), Network(planned, 0, torch.Generator()).eval()
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"".join(map(bytes, tensor_file.pieces(dict(ours.state_dict()), {}))))
    own = again.state_dict()
    with torch.no_grad():
        for name, tensor in fitted(planned, experiment, read_state_dict(path)).items():
            own[name].copy_(tensor)
    assert all(torch.equal(own[name], tensor) for name, tensor in ours.state_dict().items())
    x = torch.randn(2, *planned.input_shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before, after = ours(x), again(x)
    assert all(torch.equal(before[name], after[name]) for name in planned.loss_nodes)
