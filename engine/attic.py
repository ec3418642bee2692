"""The attic: what an edit took out of a network, kept for the case that another brings it back."""

from __future__ import annotations

from torch import Size, Tensor

#: Numbers that are kept at most; beyond it the oldest go.
MOST_NUMBERS = 50_000_000


class Attic:
    """Tensors by name and shape, the newest of each; the newest of all stay longest."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Size], Tensor] = {}

    def put(self, state: dict[str, Tensor]) -> None:
        """Keep a trainer's state."""
        for name, tensor in state.items():
            self._kept.pop((name, tensor.shape), None)
            self._kept[name, tensor.shape] = tensor
        size = sum(tensor.numel() for tensor in self._kept.values())
        for key in list(self._kept):
            if size <= MOST_NUMBERS:
                break
            size -= self._kept.pop(key).numel()

    def fitting(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """What is kept that has the name and shape of something in this state."""
        keys = {name: (name, tensor.shape) for name, tensor in state.items()}
        return {name: self._kept[key] for name, key in keys.items() if key in self._kept}
