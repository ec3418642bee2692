"""Normalisations: shift and scale of each input, fitted on the training set alone."""

from __future__ import annotations

from abc import ABC, abstractmethod

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call


class Normalization(Item, ABC):
    """A normalisation x ← (x − shift) / scale, for each feature of a vector or each channel of an image."""

    @abstractmethod
    def fit(self) -> Call | None:
        """(shift, scale) from Name("train"), the training inputs; None leaves inputs as they are."""
