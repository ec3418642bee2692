"""Shapes and costs of one operation, found by running it on the meta device."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from glassnet.engine.items.modules import module_of
from glassnet.engine.items.node import Context, Operation, Shape
from glassnet.engine.network.flops import MultiplyAdds

#: Measurements kept: networks are made of few operations, again and again, edit after edit.
MOST = 4_096

#: The class, the options without the node's name and place, what arrives, and how wide the task wants it.
_Key = tuple[type[Operation], str, tuple[Shape, ...], int | None]


@dataclass(frozen=True)
class Measured:
    """What an operation makes of what arrives."""

    shapes: tuple[Shape, ...]
    #: The shapes of its parameters, by their names in the module.
    own: dict[str, Shape]
    #: Multiply-adds for one sample.
    macs: int


_known: dict[_Key, Measured] = {}


def measured(node: Operation, context: Context, counter: MultiplyAdds) -> Measured:
    """An operation's shapes and costs. Raises ValueError or RuntimeError where the shapes cannot fit.

    To be called with the counter and torch's meta device in force.
    """
    options = node.model_dump_json(exclude={"name", "inputs", "weights"})
    key = (type(node), options, context.shapes, context.width)
    found = _known.get(key)
    if found is None:
        if len(_known) >= MOST:
            _known.clear()
        found = _known[key] = _measure(node, context, counter)
    return found


def _measure(node: Operation, context: Context, counter: MultiplyAdds) -> Measured:
    before = counter.total
    module = module_of(node, context, None).eval()
    arrived = [torch.empty(2, *shape) for shape in context.shapes]
    result = module(*arrived)
    parts = result if isinstance(result, tuple) else (result,)
    for part in parts:
        if not isinstance(part, torch.Tensor):
            raise ValueError(f"{node.kind} gives a {type(part).__name__}; expected a tensor")
    return Measured(
        shapes=tuple(tuple(part.shape[1:]) for part in parts),
        own={name: tuple(parameter.shape) for name, parameter in module.named_parameters()},
        macs=(counter.total - before) // len(arrived[0]),
    )
