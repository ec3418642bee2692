"""Layers: nodes with weights, and nodes that rearrange, normalise or pool numbers."""

from __future__ import annotations

from abc import ABC

from glassnet.engine.items.node import Operation, Shape


class Layer(Operation, ABC):
    """A node that is one PyTorch module, activations excepted."""


def require_dimensions(shape: Shape, dimensions: int, expected: str) -> None:
    """Raise ValueError, with what arrived and what was expected, for another number of dimensions."""
    if len(shape) != dimensions:
        raise ValueError(f"{shape_text(shape)} arrives; expected {expected}")


def shape_text(shape: Shape) -> str:
    """A shape as text: '1×8×8' (channels first), '8' for a vector of 8."""
    return "×".join(f"{size:,}" for size in shape) or "a single number"
