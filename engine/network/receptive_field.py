"""Receptive fields: the extent and position of the input that one number in the network depends on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from glassnet.engine.items.node import Window

#: The most outputs that may share a field, where a network enlarges its input.
MOST_PHASES = 4096


@dataclass(frozen=True)
class Field:
    """The receptive field along one axis: its size, and the stride to the next output's."""

    size: int
    #: In rows of the input; a fraction where a network enlarges its input.
    stride: int | Fraction
    #: The start of the first output's field; negative where it reaches into padding.
    start: int = 0
    #: The start and end of the fields of the first outputs, where neighbouring fields differ in size because
    #: a node enlarges its input; the pattern repeats after the last.
    phases: tuple[tuple[int, int], ...] = ()

    def at(self, position: int) -> tuple[int, int]:
        """The first row of the field of the output at a position, and the one after the last.

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
        """The field of outputs with these repeating starts and ends."""
        if len(phases) == 1:
            ((first, end),) = phases
            return cls(end - first, int(stride), first)
        return cls(max(end - first for first, end in phases), stride, phases[0][0], tuple(phases))


#: One for each spatial axis; () for vectors; None: the whole input.
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
    """The field of a window over numbers that have the field `field`."""
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
    """The union of several inputs' fields, from the first start to the last end."""
    stride = max(axis.stride for axis in axes)
    period = math.lcm(*(max(1, len(axis.phases)) for axis in axes if axis.stride == stride))
    if period == 1 or period > MOST_PHASES:
        start, end = min(axis.start for axis in axes), max(axis.start + axis.size for axis in axes)
        return Field(end - start, stride, start)
    # Of branches with different strides, the fields of the first outputs are taken.
    places = [
        [axis.at(position if axis.stride == stride else 0) for axis in axes] for position in range(period)
    ]
    return Field.of([(min(f for f, _ in seen), max(e for _, e in seen)) for seen in places], Fraction(stride))
