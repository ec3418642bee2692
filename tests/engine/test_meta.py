"""Shapes on the meta device are those of real tensors, and come without torch's compiler."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer

END: list[dict[str, Any]] = [{"kind": "flatten"}, {"kind": "linear", "units": None}]

#: Between them, nearly every node there is.
NETWORKS: dict[str, list[dict[str, Any]]] = {
    "images": [
        {"kind": "conv2d", "kernel": [3, 5], "dilation": 2, "padding": "full"},
        {"kind": "local_response_norm"},
        {"kind": "upsample", "mode": "linear"},
        {"kind": "conv_transpose2d", "kernel": 3, "output_padding": 1},
        {"kind": "elu"},
        {"kind": "tiled_conv2d", "tiles": 3, "filters": 3},
        {"kind": "max_pool2d", "kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        {"kind": "unshared_conv2d", "filters": 3},
        {"kind": "local_contrast_norm"},
        {"kind": "residual_conv2d", "stride": 2, "filters": 4},
        {"kind": "separable_conv2d", "batch_norm": True, "activation": {"kind": "gelu"}},
        {"kind": "spatially_separable_conv2d", "activation": {"kind": "softplus"}},
        {"kind": "average_pool2d", "ceil_mode": True},
        {"kind": "conv2d", "method": "fft", "padding": "same", "bias_per": "location"},
        {"kind": "group_norm", "groups": 4},
        {"kind": "softmax"},
        {"kind": "global_average_pool"},
        {"kind": "layer_norm"},
    ],
    "sequences": [
        {"kind": "reshape", "shape": [4, 16]},
        {"kind": "conv1d", "method": "fft", "stride": 2, "dilation": 2},
        {"kind": "conv_transpose1d"},
        {"kind": "instance_norm", "affine": True},
        {"kind": "max_pool1d", "stride": 1},
        {"kind": "upsample"},
        {"kind": "average_pool1d", "padding": 1},
        {"kind": "global_max_pool"},
    ],
    "volumes": [
        {"kind": "reshape", "shape": [1, 4, 4, 4]},
        {"kind": "conv3d", "padding": "same"},
        {"kind": "local_response_norm"},
        {"kind": "conv_transpose3d"},
        {"kind": "max_pool3d"},
        {"kind": "upsample", "mode": "linear"},
        {"kind": "average_pool3d"},
        {"kind": "conv3d", "kernel": 2, "method": "fft"},
        {"kind": "global_average_pool"},
    ],
}


def documents() -> list[dict[str, Any]]:
    return [{"data": {"kind": "digits"}, "network": [*nodes, *END]} for nodes in NETWORKS.values()]


def test_a_plan_has_the_shapes_that_the_network_gives() -> None:
    for document in documents():
        trainer = Trainer(Experiment.parse(document))
        values = trainer.evaluation_network(trainer.data.train.inputs[:3])
        for placed in trainer.plan.nodes:
            assert tuple(values[placed.name].shape[1:]) == placed.shape, placed.name


def test_a_plan_needs_no_compiler() -> None:
    """Its import takes over a second: too long for an answer to a keystroke."""
    code = """
import json, sys
from glassnet.engine.network import planner
from glassnet.engine.experiment.experiment import Experiment
for document in json.load(sys.stdin):
    planner.plan(Experiment.parse(document))
print(json.dumps(sorted({"torch._dynamo", "torch._inductor", "sympy"} & set(sys.modules))))
"""
    asked = json.dumps(documents())
    done = subprocess.run(
        [sys.executable, "-c", code], input=asked, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
