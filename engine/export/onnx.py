"""Export of a network as ONNX: the graph in evaluation mode, its nodes with the names that they have here.

Needs the packages onnx and onnxscript (`pip install 'glassnet[onnx]'`), which nothing else does.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from glassnet.engine.errors import GlassnetError
from glassnet.engine.items.node import INPUT
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan

#: What torch's exporter imports.
NEEDED = ("onnx", "onnxscript")

#: How torch's exporter notes the modules that an operation came from, the outermost first.
SCOPES = "pkg.torch.onnx.name_scopes"


class OnnxMissing(GlassnetError):
    """The packages that write ONNX are not installed."""


class NotOnnx(GlassnetError):
    """A network with an operation that ONNX has not."""


def onnx_model(plan: Plan, network: Network) -> bytes:
    """The network as an ONNX document: one input (batch, …) called `input`, and the nodes that losses read.

    Operations have the names of our nodes; where a node is several, the kind of operation follows, and
    a batch norm is folded into the convolution before it, which then has the norm's name. The batch may have
    any size. Raises OnnxMissing, and NotOnnx where an operation cannot be written.
    """
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            raise OnnxMissing(
                f"ONNX is written by {' and '.join(NEEDED)}; expected `pip install 'glassnet[onnx]'`"
            )
    outputs = list(dict.fromkeys(plan.loss_nodes))
    # Two samples: a batch of one would be taken for a constant.
    sample = torch.zeros(2, *plan.input_shape)
    try:
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")
            program: Any = torch.onnx.export(
                _Outputs(network, outputs).eval(),
                (sample,),
                input_names=[INPUT],
                output_names=outputs,
                dynamic_shapes=({0: "batch"},),
                verbose=False,
            )
    except Exception as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise NotOnnx(f"ONNX has no way to write this network: {reason}") from error
    _rename(program.model.graph)
    document: bytes = program.model_proto.SerializeToString()
    return document


class _Outputs(nn.Module):
    """A network that gives the outputs of some nodes."""

    def __init__(self, network: Network, outputs: Sequence[str]) -> None:
        super().__init__()
        self.network, self._outputs = network, outputs

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        values = self.network(x)
        return tuple(values[name] for name in self._outputs)


def _rename(graph: Any) -> None:
    """Give operations the names of our nodes, and weights those of the state dict."""
    own = [_name(node) for node in graph]
    times = Counter(own)
    given: Counter[str] = Counter()
    for node, name in zip(graph, own, strict=True):
        if name and times[name] > 1:
            name = f"{name}.{node.op_type.lower()}"
            given[name] += 1
            name += f"_{given[name]}" if given[name] > 1 else ""
        node.name = name or node.name
    for value in list(graph.initializers.values()):
        if value.name.startswith("network."):
            value.name = value.name.removeprefix("network.")


def _name(node: Any) -> str:
    """The name of the node that an operation came from; empty where it came from none."""
    scopes = str(node.metadata_props.get(SCOPES, ""))
    named = [scope.strip("' ") for scope in scopes.strip("[]").split(",")]
    inside = [scope for scope in named if scope.startswith("network.")]
    return inside[-1].removeprefix("network.") if inside else ""
