"""Counting the multiply-adds of a computation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from glassnet.engine.network.meta_kernels import ON_META

aten = torch.ops.aten


def _transform(x: Tensor, dims: Sequence[int], *others: object, out_val: Tensor) -> int:
    """Operations of a fast Fourier transform: 5 N log₂ N for N complex numbers, half of that for real."""
    whole = out_val if out_val.dtype.is_floating_point else x  # the side that is not cut to half
    length = math.prod(whole.shape[dim] for dim in dims)
    share = 5.0 if x.is_complex() and out_val.is_complex() else 2.5
    return int(share * whole.numel() * math.log2(length)) if length > 1 else 0


#: The formulas of operators that torch's counter does not know.
_FURTHER: dict[Any, Callable[..., int]] = {
    aten._fft_r2c: _transform,
    aten._fft_c2r: _transform,
    aten._fft_c2c: _transform,
}

#: A product of complex numbers is four of real ones.
_COMPLEX = 4


class QuickMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A dispatch mode that does not import torch's compiler, which takes over a second."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False


class MultiplyAdds(QuickMode):  # type: ignore[no-untyped-call]
    """A counter of the multiply-adds of the operators run inside, by the formulas of torch's FlopCounterMode.

    Fourier transforms, which torch leaves out, are counted as well.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        shortcut = ON_META.get(func)
        first = args[0][0] if args and isinstance(args[0], list) else args[0] if args else None
        on_meta = isinstance(first, Tensor) and first.is_meta
        result = shortcut(*args, **(kwargs or {})) if shortcut and on_meta else func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket) or _FURTHER.get(func._overloadpacket)
        if formula is not None:
            factor = _COMPLEX if func is aten.bmm.default and args[0].is_complex() else 1
            self.total += factor * formula(*args, **(kwargs or {}), out_val=result) // 2
        return result
