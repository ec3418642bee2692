"""Counting the work of a computation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

aten = torch.ops.aten


def _addmm(bias: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], weight.shape[1])


def _mm(x: Tensor, weight: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], weight.shape[1])


def _same_shape(x: Tensor, *others: object) -> Tensor:
    return x.new_empty(x.shape)


def _sum(x: Tensor, y: Tensor | float) -> Tensor:
    if not isinstance(y, Tensor) or x.shape == y.shape:
        return _same_shape(x)
    return x.new_empty(torch.broadcast_shapes(x.shape, y.shape))  # type: ignore[no-untyped-call]


def _cat(parts: list[Tensor], dim: int = 0) -> Tensor:
    shape = list(parts[0].shape)
    shape[dim] = sum(part.shape[dim] for part in parts)
    return parts[0].new_empty(shape)


def _slid(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1"""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def _convolution(
    x: Tensor, weight: Tensor, bias: Tensor, stride: Any, padding: Any, dilation: Any, *others: object
) -> Tensor:
    sizes = map(_slid, x.shape[2:], weight.shape[2:], stride, padding, dilation)
    return x.new_empty(x.shape[0], weight.shape[0], *sizes)


def _max_pool(
    x: Tensor, kernel: Any, stride: Any, padding: Any = (0, 0), dilation: Any = (1, 1)
) -> tuple[Tensor, Tensor]:
    sizes = list(map(_slid, x.shape[2:], kernel, stride, padding, dilation))
    pooled = x.new_empty(*x.shape[:2], *sizes)
    return pooled, pooled.new_empty(pooled.shape, dtype=torch.int64)


def _batch_norm(x: Tensor, *others: object) -> tuple[Tensor, Tensor, Tensor]:
    return x.new_empty(x.shape), x.new_empty(0), x.new_empty(0)


#: Results of operators whose meta kernel in torch, written in Python, brings in the compiler as well.
_ON_META: dict[Any, Callable[..., Tensor | tuple[Tensor, ...]]] = {
    aten.addmm.default: _addmm,
    aten.mm.default: _mm,
    aten.tanh.default: _same_shape,
    aten.relu.default: _same_shape,
    aten.sigmoid.default: _same_shape,
    aten.silu.default: _same_shape,
    aten.leaky_relu.default: _same_shape,
    aten.add.Tensor: _sum,
    aten.native_batch_norm.default: _batch_norm,
    aten.cat.default: _cat,
    aten.convolution.default: _convolution,
    aten.max_pool2d_with_indices.default: _max_pool,
}


class QuickMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A dispatch mode that does not bring in torch's compiler, whose import takes over a second."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False


class MultiplyAdds(QuickMode):  # type: ignore[no-untyped-call]
    """Adds up the multiply-adds of what runs inside, by the formulas of torch's FlopCounterMode."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        shortcut = _ON_META.get(func)
        first = args[0][0] if args and isinstance(args[0], list) else args[0] if args else None
        on_meta = isinstance(first, Tensor) and first.is_meta
        result = shortcut(*args) if shortcut and on_meta else func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=result) // 2
        return result
