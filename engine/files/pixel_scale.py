"""The scale of pixels: which values are black and white, told or guessed from all values there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engine.errors import DataError

#: Guess from the values.
AUTO = "auto"

#: From the smallest value there is to the greatest.
EXTREMES = "min..max"

_NUMBER = r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?"

#: What a scale may be told as: `0..4095`, say.
PATTERN = rf"^(auto|min\.\.max|{_NUMBER}\.\.{_NUMBER})$"

#: Greatest values of whole numbers of 8, 10, 12, 14 and 16 bits.
TOPS = (255, 1023, 4095, 16383, 65535)

#: How far resampling may carry values beyond their scale, as a share of it, and how many of them.
OVERSHOOT, FEW = 0.1, 0.05

#: The share of values that may be anything, as single damaged pixels are, where there are enough of them.
STRAY, ENOUGH = 1e-4, 10_000

#: Values that the spread of many is estimated from.
SAMPLED = 1 << 20


@dataclass(frozen=True)
class Range:
    """What is known of many values: the least, the greatest, whole or not, and some of them."""

    least: float
    greatest: float
    whole: bool
    some: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, most: int = SAMPLED) -> Range:
        """Of numbers of any kind, so many of them kept. Raises DataError where some are no finite numbers."""
        if values.dtype.kind not in "biuf":
            raise DataError(f"values of {values.dtype}; expected numbers")
        least, greatest = float(values.min()), float(values.max())
        if not np.isfinite([least, greatest]).all():  # a NaN anywhere is the least and the greatest
            raise DataError(f"values of {values.dtype}; expected finite numbers")
        flat = values.reshape(-1)
        some = flat[:: -(-len(flat) // most)].astype(np.float64)
        whole = values.dtype.kind in "biu" or bool((some == np.round(some)).all())
        return cls(least, greatest, whole, some)

    @classmethod
    def over(cls, ranges: Iterable[Range]) -> Range:
        """Of all the values of several."""
        every = list(ranges)
        some = np.concatenate([each.some for each in every])
        least, greatest = min(each.least for each in every), max(each.greatest for each in every)
        return cls(least, greatest, all(each.whole for each in every), some[:: 1 + len(some) // SAMPLED])

    def beyond(self, low: float, high: float) -> float:
        """The share of values outside a scale, as estimated."""
        return float(((self.some < low) | (self.some > high)).mean())


@dataclass(frozen=True)
class Scale:
    """The values that become 0 and 255."""

    low: float
    high: float

    @classmethod
    def told(cls, text: str, values: Range) -> Scale:
        """As a user says it. Raises DataError."""
        if text == EXTREMES:
            return cls(values.least, values.greatest if values.greatest > values.least else values.least + 1)
        if not re.match(PATTERN, text):
            raise DataError(f"a scale '{text[:40]}'; expected auto, min..max, or two numbers: 0..4095")
        low, high = (float(part) for part in text.split(".."))
        if low >= high:
            raise DataError(f"a scale {text}; expected the smaller number first")
        return cls(low, high)

    @classmethod
    def guessed(cls, values: Range) -> Scale:
        """The usual scale that fits. Raises DataError where none does.

        A few values beyond it, as resampling leaves them, change nothing: of floats from 0 to 1 some may
        be 1.02, and one may be anything. Whole numbers up to 16 are levels, masks or digits: the greatest is
        white.
        """
        if cls._fits(values, 0, 1) and (values.greatest > 0 or not values.whole):
            return cls(0, 1)
        if not values.whole and values.greatest <= 1 + OVERSHOOT and cls._fits(values, -1, 1):
            return cls(-1, 1)
        if values.least >= -OVERSHOOT and 1 < values.greatest <= 16:
            return cls(0, values.greatest if values.whole or values.greatest < 12 else 16)
        for top in TOPS:
            if cls._fits(values, 0, top):
                return cls(0, top)
        raise DataError(
            f"values from {values.least:g} to {values.greatest:g}; expected 0 to 1, to 255 or to 65535, or "
            "a scale that says what is black and white: min..max"
        )

    @staticmethod
    def _fits(values: Range, low: float, high: float) -> bool:
        """Whether values lie within a scale, but for what resampling or rounding carried out of it."""
        if values.least >= low and values.greatest <= high:
            return True
        beyond = values.beyond(low, high)
        if beyond <= STRAY and len(values.some) >= ENOUGH:
            return True
        slack = 0 if values.whole and high <= 1 else OVERSHOOT * (high - low)
        return low - slack <= values.least and values.greatest <= high + slack and beyond <= FEW

    @property
    def text(self) -> str:
        """As a user would say it."""
        return f"{self.low:.12g}..{self.high:.12g}"

    def bytes_of(self, values: np.ndarray) -> np.ndarray:
        """Values as uint8, rounded; what lies outside is black or white."""
        share = (np.asarray(values, np.float64) - self.low) * (255 / (self.high - self.low))
        return np.clip(share + 0.5, 0, 255).astype(np.uint8)


def settled(text: str, values: Range) -> tuple[Scale, dict[str, Any]]:
    """The scale that is told or guessed, and what to say of it. Raises DataError."""
    scale = Scale.guessed(values) if text == AUTO else Scale.told(text, values)
    said = {"used": scale.text, "guessed": text == AUTO, "least": values.least, "greatest": values.greatest}
    beyond = values.beyond(scale.low, scale.high)
    if beyond == 0 and (values.least < scale.low or values.greatest > scale.high):
        beyond = 1 / max(1, len(values.some))
    most = float(np.quantile(values.some, 0.99))
    return scale, {**said, "most_below": most, "clipped_share": beyond}
