"""The base class of generated data sets, whose memory is bounded by what is asked for."""

from __future__ import annotations

import math
from abc import ABC
from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.items.datasets import Undivided

#: Numbers that a generated set may have in all: as float32 a fifth of a gigabyte, as uint8 a quarter.
MOST_NUMBERS, MOST_WHOLE_NUMBERS = 50_000_000, 250_000_000


class Bounded(Undivided, ABC):
    """A generated data set whose size is `samples`, and whose memory is bounded."""

    samples: int

    @property
    def count(self) -> int:
        return self.samples

    @model_validator(mode="after")
    def _fits_memory(self) -> Self:
        """Raises PydanticCustomError where the samples would take too much memory."""
        numbers = self.samples * math.prod(self.shape)
        most = MOST_WHOLE_NUMBERS if self.whole_numbers else MOST_NUMBERS
        if numbers > most:
            raise PydanticCustomError(
                "too_large",
                "{samples} samples of {shape} are {numbers} numbers; expected at most {most}",
                {
                    "pointer": "/samples",
                    "samples": f"{self.samples:,}",
                    "shape": "×".join(map(str, self.shape)),
                    "numbers": f"{numbers:,}",
                    "most": f"{most:,}",
                },
            )
        return self
