"""The base class of data sets of signals: several channels along one axis, usually time."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, ClassVar, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Choice, option
from glassnet.engine.items.datasets import Form, Undivided
from glassnet.engine.items.datasets.augmented import Augmented
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.none import Unchanged

#: Numbers that a generated set may have in all: as float32, a fifth of a gigabyte.
MOST_NUMBERS = 50_000_000


class Generated(Augmented, Labelled, Undivided, ABC):
    """A generated data set whose size is `samples`, and whose memory is bounded."""

    samples: int

    @property
    def count(self) -> int:
        return self.samples

    @model_validator(mode="after")
    def _fits_memory(self) -> Self:
        """Raises PydanticCustomError where the samples would take too much memory."""
        numbers = self.samples
        for size in self.shape:
            numbers *= size
        if numbers > MOST_NUMBERS:
            raise PydanticCustomError(
                "too_large",
                "{samples} samples of {shape} are {numbers} numbers; expected at most {most}",
                {
                    "pointer": "/samples",
                    "samples": f"{self.samples:,}",
                    "shape": "×".join(map(str, self.shape)),
                    "numbers": f"{numbers:,}",
                    "most": f"{MOST_NUMBERS:,}",
                },
            )
        return self


class Signals(Augmented, Labelled, ABC):
    """Signals (samples, channels, length) float32, as sound is, or the joints of a body in time."""

    form: ClassVar[Form] = "signal"

    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Unchanged(), "How each channel is shifted and scaled; fitted on the training set."
    )
