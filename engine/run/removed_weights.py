"""RemovedWeights: tensors of nodes that an edit removed, for an edit that restores them."""

from __future__ import annotations

from torch import Size, Tensor, dtype

#: The most bytes kept; beyond, the oldest are dropped.
MOST_BYTES = 200_000_000

_Key = tuple[str, Size, dtype]


class RemovedWeights:
    """Removed tensors by name, shape and dtype, the newest of each; the oldest are dropped first.

    They are kept in the CPU's memory, so that they take none of a card's.
    """

    def __init__(self) -> None:
        self._kept: dict[_Key, Tensor] = {}

    def put(self, state: dict[str, Tensor]) -> None:
        """Keep copies of removed tensors: weights rather than optimizer state, where memory is short."""
        for name, tensor in sorted(state.items(), key=lambda entry: entry[0].startswith("parameters/")):
            if _size(tensor) > MOST_BYTES:
                continue
            self._kept.pop(_key(name, tensor), None)
            self._make_room(_size(tensor))
            self._kept[_key(name, tensor)] = tensor.to("cpu", copy=True)

    def take(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Remove and return the kept tensors that match name, shape and dtype of this state's."""
        keys = {name: _key(name, tensor) for name, tensor in state.items()}
        return {name: self._kept.pop(key) for name, key in keys.items() if key in self._kept}

    def _make_room(self, size: int) -> None:
        left = sum(map(_size, self._kept.values())) + size
        for key in list(self._kept):
            if left <= MOST_BYTES:
                break
            left -= _size(self._kept.pop(key))


def _key(name: str, tensor: Tensor) -> _Key:
    return name, tensor.shape, tensor.dtype


def _size(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
