"""The shapes and costs of an operation, measured by running it on the meta device."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from glassnet.engine.items.modules import module_of
from glassnet.engine.items.node import Context, Operation, Shape
from glassnet.engine.network.flops import MultiplyAdds

#: The most measurements cached: networks repeat few operations, edit after edit.
MOST = 4_096

#: The class, the options except the node's name and inputs, the input shapes, and the task's width.
_Key = tuple[type[Operation], str, tuple[Shape, ...], int | None]


@dataclass(frozen=True)
class OperationCost:
    """The output shapes, parameters and costs of an operation on given input shapes."""

    shapes: tuple[Shape, ...]
    #: The shapes of its parameters, by their names in the module.
    own: dict[str, Shape]
    #: Multiply-adds for one sample.
    macs: int


_known: dict[_Key, OperationCost] = {}


def measured_cost(node: Operation, context: Context, counter: MultiplyAdds) -> OperationCost:
    """The shapes and costs of an operation. Raises ValueError or RuntimeError where shapes do not fit.

    Call it inside the contexts of the counter and torch's meta device.
    """
    options = node.model_dump_json(exclude={"name", "inputs", "weights"})
    key = (type(node), options, context.shapes, context.width)
    found = _known.get(key)
    if found is None:
        if len(_known) >= MOST:
            _known.clear()
        found = _known[key] = _measure(node, context, counter)
    return found


def _measure(node: Operation, context: Context, counter: MultiplyAdds) -> OperationCost:
    before = counter.total
    module = module_of(node, context, None).eval()
    arrived = [torch.empty(2, *shape) for shape in context.shapes]
    result = module(*arrived)
    parts = result if isinstance(result, tuple) else (result,)
    for part in parts:
        if not isinstance(part, torch.Tensor):
            raise ValueError(f"{node.kind} gives a {type(part).__name__}; expected a tensor")
    return OperationCost(
        shapes=tuple(tuple(part.shape[1:]) for part in parts),
        own={name: tuple(parameter.shape) for name, parameter in module.named_parameters()},
        macs=(counter.total - before) // len(arrived[0]),
    )
