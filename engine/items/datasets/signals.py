"""The base class of data sets of signals: several channels along one axis, usually time."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, ClassVar

from glassnet.engine.catalog import Choice, option
from glassnet.engine.items.datasets import Form
from glassnet.engine.items.datasets.augmented import Augmented
from glassnet.engine.items.datasets.bounded import Bounded
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.none import Unchanged


class Generated(Augmented, Labelled, Bounded, ABC):
    """A generated data set with one class each, whose size is `samples`."""


class Signals(Augmented, Labelled, ABC):
    """Signals (samples, channels, length) float32, as sound is, or the joints of a body in time."""

    form: ClassVar[Form] = "signal"

    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Unchanged(), "How each channel is shifted and scaled; fitted on the training set."
    )
