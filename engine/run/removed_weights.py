"""What an edit took out of a network, kept for the case that another brings it back."""

from __future__ import annotations

from torch import Size, Tensor, dtype

#: Bytes that are kept at most; beyond it the oldest go.
MOST_BYTES = 200_000_000

_Key = tuple[str, Size, dtype]


class RemovedWeights:
    """Tensors by name, shape and type, the newest of each; the newest of all stay longest."""

    def __init__(self) -> None:
        self._kept: dict[_Key, Tensor] = {}

    def put(self, state: dict[str, Tensor]) -> None:
        """Keep copies of what was taken out: weights rather than what an optimizer kept beside them."""
        for name, tensor in sorted(state.items(), key=lambda entry: entry[0].startswith("parameters/")):
            if _size(tensor) > MOST_BYTES:
                continue
            self._kept.pop(_key(name, tensor), None)
            self._make_room(_size(tensor))
            self._kept[_key(name, tensor)] = tensor.clone()

    def take(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """What is kept that has the name, shape and type of something in this state; it is kept no longer."""
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
