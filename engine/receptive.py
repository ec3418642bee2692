"""Receptive fields: how much of the input one number in the network depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.node import Window


@dataclass(frozen=True)
class Field:
    """The receptive field along one axis: how much input one output sees, and how far the next is."""

    size: int
    stride: int


#: One for each spatial axis; () for vectors; None: everything.
ReceptiveField = tuple[Field, ...] | None


def after(fields: Sequence[ReceptiveField], windows: tuple[Window, ...] | None) -> ReceptiveField:
    """The receptive field of a node that reads nodes with these fields.

    Araujo et al. 2019: each window widens the field by (size − 1) · dilation steps of its input.
    """
    if windows is None or None in fields:
        return None
    known = [f for f in fields if f is not None]
    merged = tuple(
        Field(max(axis.size for axis in axes), max(axis.stride for axis in axes))
        for axes in zip(*known, strict=True)
    )
    if not windows:
        return merged
    return tuple(
        Field(axis.size + (w.size - 1) * w.dilation * axis.stride, axis.stride * w.stride)
        for axis, w in zip(merged, windows, strict=True)
    )
