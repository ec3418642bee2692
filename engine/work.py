"""Counting the work of a computation."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from engine.meta import ON_META


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
        shortcut = ON_META.get(func)
        first = args[0][0] if args and isinstance(args[0], list) else args[0] if args else None
        on_meta = isinstance(first, Tensor) and first.is_meta
        result = shortcut(*args, **(kwargs or {})) if shortcut and on_meta else func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=result) // 2
        return result
