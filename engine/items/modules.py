"""The PyTorch module of an operation, which may also be a plain function of tensors."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType

import torch
from torch import nn

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.node import Context, Operation

#: The types of functions that may replace a module; classes and modules are not among them.
FUNCTIONS = (FunctionType, BuiltinFunctionType)


class Applied(nn.Module):
    """A function of tensors as a module without parameters."""

    def __init__(self, function: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *arrived: torch.Tensor) -> torch.Tensor:
        return self.function(*arrived)


def call_of(node: Operation, context: Context) -> Call:
    """The Call of a node. Raises ValueError where it returns neither a Call nor a function."""
    said: object = node.call(context)
    if isinstance(said, Call):
        return said
    if isinstance(said, FUNCTIONS):
        return Call(Applied, said)
    raise ValueError(
        f"call() of {type(node).__name__} gives a {type(said).__name__}; "
        "expected a Call that makes a torch.nn.Module, or a function of tensors"
    )


def module_of(node: Operation, context: Context, dropout: torch.Generator | None) -> nn.Module:
    """A node's module, with torch's initial parameters. Raises ValueError where its Call makes no module."""
    call = call_of(node, context)
    try:
        module: object = call.build(dropout=dropout)
    except TypeError as error:
        raise ValueError(f"{call} cannot be called: {error}; {_expected(call)}") from None
    if not isinstance(module, nn.Module):
        raise ValueError(f"{call} gives a {type(module).__name__}; {_expected(call)}")
    return module


def _expected(call: Call) -> str:
    expected = "expected a Call that makes a torch.nn.Module"
    if isinstance(call.target, FUNCTIONS):
        expected += f" (a function of tensors is given itself: return {call.target.__name__})"
    return expected
