"""Data sets: samples with labels (classes) or values (numbers)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar

from torch import Tensor

from engine.call import Call
from engine.catalog import Choice, Item, option
from engine.node import Shape
from engine.normalizations import Normalization
from engine.normalizations.none import Unchanged


class Dataset(Item, ABC):
    """Samples, told apart into training and test set by a shuffle of their own."""

    #: The names of the classes; None where the data carry values.
    classes: ClassVar[tuple[str, ...] | None]

    test_share: float = option(0.2, "Share of the samples kept for testing.", ge=0.01, le=0.99)
    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Unchanged(), "How inputs are shifted and scaled; fitted on the training set."
    )

    @property
    @abstractmethod
    def count(self) -> int:
        """How many samples there are."""

    @property
    def held_out(self) -> int:
        """How many samples are kept for testing: at least one, and at least one is left."""
        return min(max(round(self.count * self.test_share), 1), self.count - 1)

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """The shape of one sample as the network gets it."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """A name for each feature of a vector, or each channel of an image."""

    @property
    def raw_inputs(self) -> tuple[str, ...]:
        """A name for each number that a person would give to describe a sample."""
        return self.inputs

    def generate(self) -> Call | None:
        """(inputs, targets) drawn with Name("generator"); None where `read` has them.

        Inputs are (samples, …) float32; targets (samples,) int64 classes or (samples, k) float32 values.
        """
        return None

    def read(self) -> tuple[Tensor, Tensor]:
        """(inputs, targets) that no formula gives, shaped as in `generate`."""
        raise NotImplementedError(f"{self.kind} is generated")

    def select(self) -> Call | None:
        """What the network sees of Name("inputs"), before normalisation; None: all as it is."""
        return None

    @property
    def normalize_values(self) -> Normalization:
        """How target values are shifted and scaled; fitted on the training set."""
        return Unchanged()

    @property
    def plane(self) -> float | None:
        """For samples that are points of a plane: half the side of the square they lie in."""
        return None
