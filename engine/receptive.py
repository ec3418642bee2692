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
    #: Where the first output's field begins; below zero where it reaches into padding.
    start: int = 0

    def at(self, position: int) -> tuple[int, int]:
        """The first row of the input that the output at a position sees, and the one after the last.

        Not clipped: both may lie outside the input, in its padding.
        """
        first = self.start + position * self.stride
        return first, first + self.size


#: One for each spatial axis; () for vectors; None: everything.
ReceptiveField = tuple[Field, ...] | None


def after(fields: Sequence[ReceptiveField], windows: tuple[Window, ...] | None) -> ReceptiveField:
    """The receptive field of a node that reads nodes with these fields.

    Araujo et al. 2019: each window widens the field by (size − 1) · dilation steps of its input.
    """
    if windows is None or None in fields:
        return None
    known = [f for f in fields if f is not None]
    merged = tuple(_merged(axes) for axes in zip(*known, strict=True))
    if not windows:
        return merged
    return tuple(
        Field(
            axis.size + (w.size - 1) * w.dilation * axis.stride,
            axis.stride * w.stride,
            axis.start - w.padding * axis.stride,
        )
        for axis, w in zip(merged, windows, strict=True)
    )


def _merged(axes: Sequence[Field]) -> Field:
    """What several inputs see together: from where the first begins to where the last ends."""
    start, end = min(axis.start for axis in axes), max(axis.start + axis.size for axis in axes)
    return Field(end - start, max(axis.stride for axis in axes), start)
