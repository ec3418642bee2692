"""Rows of one probe in tiers: the newest complete, older ones as the extremes of ever longer stretches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from glassnet.engine.run.journal.bounds import Bounds
from glassnet.engine.run.journal.rows import MOST_SERIES, PLACE, Rows, joined, thinned
from glassnet.engine.run.journal.segments import DamagedSegment, Segment, Segments


class Tiers:
    """The closed rows of a probe.

    Tier 0 has every row. When a tier exceeds its bytes, its oldest segments become one of the next tier: of
    each bucket those rows are kept at which some series is least or greatest (see `rows.thinned`), unchanged
    and with their numbers. The last tier is thinned in place.
    """

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self.segments = Segments(folder, ".safetensors")
        self._bounds = bounds

    @property
    def next(self) -> int:
        """The number after the last closed row."""
        listed = self.segments.listed()
        return listed[-1].last + 1 if listed else 0

    def read(self, start: int) -> Iterator[Rows]:
        """The rows from a number on, segment by segment; damaged ones are left out.

        Raises FileNotFoundError where a segment was merged meanwhile.
        """
        for segment in self.segments.listed():
            if segment.last < start:
                continue
            try:
                rows = self._unpacked(segment)
            except DamagedSegment:
                continue  # `segments.damaged` has the reason
            yield rows.since(start)

    def add(self, rows: Rows) -> None:
        """Close the rows that follow the last ones."""
        if not rows.count:
            return
        before = [one for one in self.segments.listed() if one.tier == 0][-1:]
        if before and before[0].size < self._bounds.segment:
            rows = joined([*self._readable(before), rows])
        else:
            before = []
        self._write(rows, 0, before)
        self._settle()

    def _settle(self) -> None:
        """Thin the tiers that exceed their bytes."""
        last = len(self._bounds.tiers) - 1
        for tier, most in enumerate(self._bounds.tiers):
            mine = [one for one in self.segments.listed() if one.tier == tier]
            while sum(one.size for one in mine) > most:
                group = mine if tier == last else _oldest(mine, most // 8)
                self._write(thinned(joined(self._readable(group))), min(tier + 1, last), group)
                mine = mine[len(group) :]

    def _readable(self, group: list[Segment]) -> list[Rows]:
        """The rows of segments; damaged ones are removed."""
        parts = []
        for segment in group:
            try:
                parts.append(self._unpacked(segment))
            except DamagedSegment:
                self.segments.remove([segment])
        return parts

    def _write(self, rows: Rows, tier: int, instead: list[Segment]) -> None:
        if rows.count:
            written = self.segments.write(packed(rows), rows.start, rows.next - 1, rows.count, tier)
            instead = [one for one in instead if one.stem != written.stem]
        self.segments.remove(instead)

    def _unpacked(self, segment: Segment) -> Rows:
        data = self.segments.read(segment)
        try:
            return unpacked(data, segment)
        except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self.segments.refused(segment, f"holds no rows: {error}") from None


def _oldest(segments: list[Segment], size: int) -> list[Segment]:
    """The first segments with at least `size` bytes together, and at least two if there are two."""
    group: list[Segment] = []
    for segment in segments:
        if len(group) > 1 and sum(one.size for one in group) >= size:
            break
        group.append(segment)
    return group


def packed(rows: Rows) -> bytes:
    """Rows as a safetensors document, with int64 `seq` where their numbers have gaps."""
    arrays = dict(rows.columns) if rows.whole else {**rows.columns, "seq": rows.numbers}
    return safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def unpacked(data: bytes, segment: Segment) -> Rows:
    """The rows of a segment. Raises ValueError, KeyError or SafetensorError where they do not match it."""
    arrays = safetensors.numpy.load(data)
    numbers = arrays.pop("seq", None)
    if len(arrays) > MOST_SERIES + len(PLACE):
        raise ValueError(f"{len(arrays)} columns")
    for name in (*PLACE, *arrays):
        column, kind = arrays[name], np.float64 if name in PLACE else np.float32
        if column.dtype != kind or column.shape != (segment.count,):
            raise ValueError(f"column '{name[:40]}' is {column.dtype} {column.shape}")
    if numbers is None:
        numbers = np.arange(segment.first, segment.first + segment.count, dtype=np.int64)
    if numbers.dtype != np.int64 or numbers.shape != (segment.count,) or (np.diff(numbers) <= 0).any():
        raise ValueError("numbers that do not ascend")
    if (numbers[0], numbers[-1]) != (segment.first, segment.last):
        raise ValueError(f"numbers from {numbers[0]} to {numbers[-1]}")
    return Rows(arrays, numbers)
