"""Resampling of signals by a rational factor, by a windowed sinc that lets nothing alias.

Of ours, as no library that does it is a dependency; tests compare it with scipy.signal.resample_poly.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np

#: Zero crossings of the sinc on either side, and the shape of its Kaiser window.
CROSSINGS, BETA = 10, 5.0

#: Moments that are computed at a time: the windows they are read from take memory.
PIECE = 1024


@lru_cache(maxsize=16)
def low_pass(up: int, down: int) -> np.ndarray:
    """The filter, float64, at `up` times the given rate: it ends at half the lower of the two rates."""
    slower = max(up, down)
    half = CROSSINGS * slower
    window = np.kaiser(2 * half + 1, BETA) * np.sinc(np.arange(-half, half + 1) / slower)
    weights: np.ndarray = up * window / window.sum()
    return weights


def resampled(values: np.ndarray, before: int, after: int, most: int) -> np.ndarray:
    """The first `most` moments of a signal (moments,) of the rate `before`, at the rate `after`; float64.

    Crochiere & Rabiner 1983, Multirate Digital Signal Processing, section 2.4: each moment reads only the
    weights that its place between two given ones asks for. What lies outside counts as 0.
    """
    common = gcd(before, after)
    up, down = after // common, before // common
    count = min(most, -(-len(values) * up // down))
    if up == down:
        return values[:count].astype(np.float64)
    weights = low_pass(up, down)
    half = len(weights) // 2
    width = 2 * half // up + 1
    padded = np.pad(values.astype(np.float64), width)
    tap = np.arange(width)
    made = np.empty(count)
    for start in range(0, count, PIECE):
        moment = np.arange(start, min(start + PIECE, count)) * down
        first = -((half - moment) // up)  # the first given moment within the filter's reach
        place = moment + half - first * up
        chosen = place[:, None] - up * tap
        weight = np.where(chosen >= 0, weights[chosen.clip(0)], 0.0)
        reached = (first[:, None] + tap + width).clip(0, len(padded) - 1)
        made[start : start + len(moment)] = (padded[reached] * weight).sum(axis=1)
    return made
