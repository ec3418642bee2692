"""Layers: nodes with weights, and nodes that move numbers around."""

from __future__ import annotations

from abc import ABC

from glassnet.engine.items.node import Operation, Shape


class Layer(Operation, ABC):
    """A node that is one PyTorch module and no activation."""


def require_dimensions(shape: Shape, dimensions: int, expected: str) -> None:
    """Refuse a shape of another number of dimensions, saying what arrived and what was expected."""
    if len(shape) != dimensions:
        raise ValueError(f"{shape_text(shape)} arrives; expected {expected}")


def shape_text(shape: Shape) -> str:
    """A shape as people write it: 8×8×1 is '1×8×8' (channels first), a vector of 8 is '8'."""
    return "×".join(f"{size:,}" for size in shape) or "a single number"
