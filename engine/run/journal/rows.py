"""Rows of a scalar probe as columns, and their thinning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

#: The columns of a row's position; all others are series.
PLACE = ("step", "epoch")

#: The most distinct series of one probe; rows with more were not written by a session.
MOST_SERIES = 512

#: Rows of a bucket for each row that is kept of it.
THINNING = 4


@dataclass(frozen=True)
class Rows:
    """Rows of a scalar probe: step and epoch float64 (rows,), each series float32 (rows,).

    `numbers` int64 (rows,) ascends, with gaps where rows were thinned. A missing value of a series is NaN.
    """

    columns: dict[str, np.ndarray]
    numbers: np.ndarray
    #: The number from which rows were requested.
    asked: int = 0

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.numbers)

    @property
    def start(self) -> int:
        """The number of the first row; where there is none, the requested one."""
        return int(self.numbers[0]) if self.count else self.asked

    @property
    def next(self) -> int:
        """The number after the last row."""
        return int(self.numbers[-1]) + 1 if self.count else self.asked

    @property
    def whole(self) -> bool:
        """Whether no row is missing between the first and the last."""
        return self.next - self.start == self.count

    def part(self, which: slice | np.ndarray) -> Rows:
        """A selection of the rows."""
        columns = {name: column[which] for name, column in self.columns.items()}
        return Rows(columns, self.numbers[which], self.asked)

    def since(self, number: int) -> Rows:
        """The rows from a number on."""
        return self.part(slice(int(np.searchsorted(self.numbers, number)), None))

    def sent(self) -> dict[str, np.ndarray]:
        """The columns for a frame, with float64 `seq` where rows are missing."""
        return self.columns if self.whole else {**self.columns, "seq": self.numbers.astype(np.float64)}


def as_columns(rows: Sequence[dict[str, float]]) -> dict[str, np.ndarray]:
    """The columns of rows: float64 step and epoch, one float32 for each series."""
    names = dict.fromkeys(name for row in rows for name in row if name not in ("row", "seq"))
    with np.errstate(over="ignore"):  # values beyond float32 become infinite
        return {name: np.array([row.get(name, np.nan) for row in rows], _kind(name)) for name in names}


def numbered(rows: Sequence[dict[str, float]]) -> Rows:
    """The Rows of dictionaries with their numbers as `seq`."""
    return Rows(as_columns(rows), np.array([row["seq"] for row in rows], np.int64))


def joined(parts: Iterable[Rows], asked: int = 0) -> Rows:
    """The concatenation of parts; a series that a part lacks is NaN there."""
    some = [part for part in parts if part.count]
    if len(some) == 1:
        return Rows(some[0].columns, some[0].numbers, asked)
    names = list(dict.fromkeys(name for part in some for name in part.columns))[: MOST_SERIES + len(PLACE)]
    columns = {name: np.concatenate([_column(part, name) for part in some]) for name in names}
    numbers = np.concatenate([np.empty(0, np.int64), *(part.numbers for part in some)])
    return Rows(columns, numbers, asked)


def _kind(name: str) -> type[np.floating]:
    return np.float64 if name in PLACE else np.float32


def _column(part: Rows, name: str) -> np.ndarray:
    found = part.columns.get(name)
    return np.full(part.count, np.nan, _kind(name)) if found is None else found


# Thinning --------------------------------------------------------------------------------------------


def most_kept(rows: Rows) -> int:
    """The most rows kept of a bucket: three for each series and for the step, and its ends."""
    return 3 * (len(rows.columns) - len(PLACE) + 1) + 6


def thinned(rows: Rows) -> Rows:
    """At most a quarter of the rows (or one bucket's): the extremes of buckets of equal size."""
    if not rows.count:
        return rows
    size = THINNING * most_kept(rows)
    return rows.part(_extremes(rows, np.arange(0, rows.count, size)))


def overview(rows: Rows, points: int) -> Rows:
    """The rows, reduced to at most `points`: the extremes of equal stretches of numbers.

    The rows of one stretch are kept even where they are more than `points`. Stretches are doubled until the
    rows fit, so that the extremes of a stretch are among those of its halves.
    """
    first, end, stretches = rows.start, rows.next, 1 << max(0, (points // 2).bit_length())
    while rows.count > points and stretches:
        edges = np.linspace(first, end, stretches, endpoint=False)
        rows = rows.part(_extremes(rows, np.unique(np.searchsorted(rows.numbers, edges))))
        stretches //= 2
    return rows


def _extremes(rows: Rows, starts: np.ndarray) -> np.ndarray:
    """The positions to keep, ascending, of buckets that begin at `starts` (the first at 0).

    Of each bucket: its ends; for the step and for each series a row of the least value, one of the greatest
    and one that is NaN, if any; the first and the last change from one life to another.
    """
    ends = np.append(starts[1:], rows.count)
    bucket = np.repeat(np.arange(len(starts)), ends - starts)
    kept = [starts, ends - 1, _falls(rows.columns["step"], bucket)]
    for name, values in rows.columns.items():
        if name == "epoch":
            continue
        missing = np.isnan(values)
        low = high = values
        if missing.any():
            kept.append(_firsts(missing, bucket))
            low, high = np.where(missing, np.inf, values), np.where(missing, -np.inf, values)
        kept.append(_firsts(values == np.minimum.reduceat(low, starts)[bucket], bucket))
        kept.append(_firsts(values == np.maximum.reduceat(high, starts)[bucket], bucket))
    return np.unique(np.concatenate(kept))


def _firsts(here: np.ndarray, bucket: np.ndarray) -> np.ndarray:
    """The first position of each bucket where `here` is true."""
    places = np.flatnonzero(here)
    kept: np.ndarray = places[np.diff(bucket[places], prepend=-1) != 0]
    return kept


def _falls(step: np.ndarray, bucket: np.ndarray) -> np.ndarray:
    """The rows before and after the first and the last decrease of the step in each bucket."""
    places = np.flatnonzero((step[1:] < step[:-1]) & (bucket[1:] == bucket[:-1]))
    of = bucket[places]
    edges = places[(np.diff(of, prepend=-1) != 0) | (np.diff(of, append=-1) != 0)]
    return np.concatenate([edges, edges + 1])
