"""Layers: nodes with weights, and nodes that rearrange, normalise or pool numbers."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from glassnet.engine.items.node import Operation, Shape


class Layer(Operation, ABC):
    """A node that is one PyTorch module, activations excepted."""


def require_dimensions(shape: Shape, dimensions: int, expected: str) -> None:
    """Raise ValueError, with what arrived and what was expected, for another number of dimensions."""
    if len(shape) != dimensions:
        raise ValueError(f"{shape_text(shape)} arrives; expected {expected}")


def shape_text(shape: Sequence[int | None]) -> str:
    """A shape as text: '1×8×8' (channels first), '8' for a vector of 8, '?' for an axis of any size."""
    return "×".join("?" if size is None else f"{size:,}" for size in shape) or "a single number"


def fits(shape: Shape, wanted: Sequence[int | None]) -> bool:
    """Whether a shape is one that is wanted, in which None leaves an axis free."""
    return len(shape) == len(wanted) and all(b in (None, a) for a, b in zip(shape, wanted, strict=True))
