"""The scale of pixel values: which values are black and white, chosen by the user or guessed."""

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

#: The text of a scale, such as `0..4095`.
PATTERN = rf"^(auto|min\.\.max|{_NUMBER}\.\.{_NUMBER})$"

#: The greatest whole numbers of 8, 10, 12, 14 and 16 bits.
TOPS = (255, 1023, 4095, 16383, 65535)

#: How far resampling may move values beyond their scale, as a share of it, and what share of them.
OVERSHOOT, FEW = 0.1, 0.05

#: The share of outliers, such as damaged pixels, that is ignored where there are enough values.
STRAY, ENOUGH = 1e-4, 10_000

#: The number of values that are sampled.
SAMPLED = 1 << 20


@dataclass(frozen=True)
class Range:
    """The range of many values: least, greatest, whether they are whole, and a sample of them."""

    least: float
    greatest: float
    whole: bool
    some: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, most: int = SAMPLED) -> Range:
        """The range of values, with a sample of at most `most`. Raises DataError for values not finite."""
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
        """The range of the values of several ranges."""
        every = list(ranges)
        some = np.concatenate([each.some for each in every])
        least, greatest = min(each.least for each in every), max(each.greatest for each in every)
        return cls(least, greatest, all(each.whole for each in every), some[:: 1 + len(some) // SAMPLED])

    def beyond(self, low: float, high: float) -> float:
        """The estimated share of values outside a scale."""
        return float(((self.some < low) | (self.some > high)).mean())


@dataclass(frozen=True)
class Scale:
    """The values that become 0 and 255."""

    low: float
    high: float

    @classmethod
    def parsed(cls, text: str, values: Range) -> Scale:
        """The scale of a user's text. Raises DataError."""
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
        """The usual scale that fits the values. Raises DataError where none does.

        A few values beyond it, as resampling produces, are ignored: of floats from 0 to 1 some may be 1.02,
        and one may be anything. Whole numbers up to 16 are levels, masks or digits: the greatest is white.
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
        """Whether values lie within a scale, up to what resampling or rounding moves out of it."""
        if values.least >= low and values.greatest <= high:
            return True
        beyond = values.beyond(low, high)
        if beyond <= STRAY and len(values.some) >= ENOUGH:
            return True
        slack = 0 if values.whole and high <= 1 else OVERSHOOT * (high - low)
        return low - slack <= values.least and values.greatest <= high + slack and beyond <= FEW

    @property
    def text(self) -> str:
        """The scale as a user would write it."""
        return f"{self.low:.12g}..{self.high:.12g}"

    def bytes_of(self, values: np.ndarray) -> np.ndarray:
        """Values as uint8, rounded and clipped to black and white."""
        share = (np.asarray(values, np.float64) - self.low) * (255 / (self.high - self.low))
        return np.clip(share + 0.5, 0, 255).astype(np.uint8)


def settled(text: str, values: Range) -> tuple[Scale, dict[str, Any]]:
    """The chosen or guessed scale, and its description as JSON values. Raises DataError."""
    scale = Scale.guessed(values) if text == AUTO else Scale.parsed(text, values)
    said = {"used": scale.text, "guessed": text == AUTO, "least": values.least, "greatest": values.greatest}
    beyond = values.beyond(scale.low, scale.high)
    if beyond == 0 and (values.least < scale.low or values.greatest > scale.high):
        beyond = 1 / max(1, len(values.some))
    most = float(np.quantile(values.some, 0.99))
    return scale, {**said, "most_below": most, "clipped_share": beyond}
