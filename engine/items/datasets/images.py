"""The base classes of image data sets."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, ClassVar

from glassnet.engine.catalog import Choice, option
from glassnet.engine.items.datasets import Form
from glassnet.engine.items.datasets.augmented import Augmented
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.standardize import Standardize

#: The names of the channels of a picture, by how many there are.
CHANNELS = {1: ("brightness",), 3: ("red", "green", "blue")}


class Pictures(Augmented, ABC):
    """Pictures as whole numbers from 0 to `brightest`: (samples, channels, h, w)."""

    form: ClassVar[Form] = "picture"
    brightest: ClassVar[float | None] = 255.0
    whole_numbers: ClassVar[bool] = True

    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Standardize(), "How each channel is shifted and scaled; fitted on the training set."
    )

    @property
    def inputs(self) -> tuple[str, ...]:
        return CHANNELS[self.shape[0]]


class Images(Pictures, Labelled, ABC):
    """Pictures with one class each."""
