"""Receptive fields: how much of the input one number in the network depends on, and where it lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from glassnet.engine.items.node import Window

#: How many outputs may see one and the same stretch of the input: beyond it a network enlarges nothing.
MOST_PHASES = 4096


@dataclass(frozen=True)
class Field:
    """The receptive field along one axis: how much input one output sees, and how far the next is."""

    size: int
    #: In rows of the input; a fraction where a network has enlarged what it reads.
    stride: int | Fraction
    #: Where the first output's field begins; below zero where it reaches into padding.
    start: int = 0
    #: Where neighbouring outputs do not see equally much, because something was enlarged on the way: from
    #: where to where each of the first ones sees; after the last it begins anew, further on.
    phases: tuple[tuple[int, int], ...] = ()

    def at(self, position: int) -> tuple[int, int]:
        """The first row of the input that the output at a position sees, and the one after the last.

        Not clipped: both may lie outside the input, in its padding.
        """
        if not self.phases:
            first = self.start + position * int(self.stride)
            return first, first + self.size
        turn, phase = divmod(position, len(self.phases))
        moved = int(turn * len(self.phases) * self.stride)
        first, end = self.phases[phase]
        return first + moved, end + moved

    @classmethod
    def of(cls, phases: Sequence[tuple[int, int]], stride: Fraction) -> Field:
        """The field of outputs that see from where to where, in turns."""
        if len(phases) == 1:
            ((first, end),) = phases
            return cls(end - first, int(stride), first)
        return cls(max(end - first for first, end in phases), stride, phases[0][0], tuple(phases))


#: One for each spatial axis; () for vectors; None: everything.
ReceptiveField = tuple[Field, ...] | None


def after(fields: Sequence[ReceptiveField], windows: tuple[Window, ...] | None) -> ReceptiveField:
    """The receptive field of a node that reads nodes with these fields.

    Araujo et al. 2019: each window widens the field by (size − 1) · dilation steps of its input. Raises
    ValueError where one number of the input is enlarged beyond measure.
    """
    if windows is None or None in fields:
        return None
    known = [f for f in fields if f is not None]
    merged = tuple(_merged(axes) for axes in zip(*known, strict=True))
    if not windows:
        return merged
    return tuple(_through(axis, window) for axis, window in zip(merged, windows, strict=True))


def _through(field: Field, window: Window) -> Field:
    """What outputs see of the input through a window over numbers that see `field`."""
    period = max(1, len(field.phases))
    period = period * window.spread // math.gcd(period * window.spread, window.stride)
    if period > MOST_PHASES:
        raise ValueError(f"it enlarges what arrives too often: expected at most {MOST_PHASES:,} times in all")
    reach = (window.size - 1) * window.dilation
    phases = []
    for position in range(period):
        if window.spread == 1:
            first = position * window.stride - window.padding
            last = first + reach
        else:
            # Output o takes part t of input i where o = i · spread − padding + t · dilation.
            origin = position * window.stride + window.padding
            first, last = -((reach - origin) // window.spread), origin // window.spread
        phases.append((field.at(first)[0], field.at(last)[1]))
    return Field.of(phases, Fraction(field.stride) * window.stride / window.spread)


def _merged(axes: Sequence[Field]) -> Field:
    """What several inputs see together: from where the first begins to where the last ends."""
    stride = max(axis.stride for axis in axes)
    period = math.lcm(*(max(1, len(axis.phases)) for axis in axes if axis.stride == stride))
    if period == 1 or period > MOST_PHASES:
        start, end = min(axis.start for axis in axes), max(axis.start + axis.size for axis in axes)
        return Field(end - start, stride, start)
    # Branches that move on at another pace are taken where they begin.
    places = [
        [axis.at(position if axis.stride == stride else 0) for axis in axes] for position in range(period)
    ]
    return Field.of([(min(f for f, _ in seen), max(e for _, e in seen)) for seen in places], Fraction(stride))
