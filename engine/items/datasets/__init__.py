"""Data sets: samples with labels (classes) or values (numbers)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Literal

import safetensors.torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.node import Shape
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.none import Unchanged


class Dataset(Item, ABC):
    """Samples, told apart into training, validation and test set."""

    #: The greatest value of a pixel; None where the samples are no pictures.
    brightest: ClassVar[float | None] = None

    #: How a drawing becomes a sample, as the data set's own pictures were made: as it stands, filling the
    #: picture, or in a box of 20/28 of it about its centre of mass.
    drawn: ClassVar[Literal["plain", "filled", "centred"]] = "plain"
    #: Whether `generate` or `read` gives pictures as uint8, which are kept so.
    whole_numbers: ClassVar[bool] = False
    validation_share: float = option(
        0.0,
        "Share of what is not kept for testing that is kept for validation: seen, not trained on.",
        ge=0,
        le=0.9,
    )
    split: Literal["stratified", "random"] = option(
        "stratified",
        "How samples are drawn for testing and validation: every class in its share, or whichever come up. "
        "Values, which have no classes, are always drawn at random.",
    )
    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Unchanged(), "How inputs are shifted and scaled; fitted on the training set."
    )

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes; None where the data carry values."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many samples there are."""

    @property
    @abstractmethod
    def held_out(self) -> int:
        """How many samples are kept for testing."""

    @property
    def divided(self) -> bool:
        """Whether the test set is a given one, and not drawn: `read` has it behind all others."""
        return False

    @property
    def held_for_validation(self) -> int:
        """How many samples are a given validation set, which `read` has before a given test set."""
        return 0

    @property
    def stratifies(self) -> bool:
        """Whether every class is to have its share in each set."""
        return self.split == "stratified" and self.classes is not None

    @property
    def trained(self) -> int:
        """How many samples are trained on: at least one."""
        rest = self.count - self.held_out
        if self.held_for_validation:
            return rest - self.held_for_validation
        return max(rest - round(rest * self.validation_share), 1)

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

        Inputs are (samples, …) float32, or uint8 for pictures; targets (samples,) int64 classes or
        (samples, k) float32 values.
        """
        return None

    def check(self, blobs: Blobs) -> tuple[str, str] | None:
        """None where `read` will find what it needs; else the pointer within the data set, and what lacks.

        Reads no more than headers: it is asked before a worker is bothered.
        """
        return None

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        """(inputs, targets) that no formula gives, shaped as in `generate`; own data are among the blobs.

        Raises BlobMissing where there is nothing to read, DataError where it cannot be read.
        """
        raise NotImplementedError(f"{self.kind} is generated")

    def stored(self, blobs: Blobs) -> bytes:
        """What `read` gives as safetensors, for scripts: inputs, targets. Raises BlobMissing, DataError."""
        inputs, targets = self.read(blobs)
        return safetensors.torch.save({"inputs": inputs, "targets": targets})

    def truth(self) -> Call | None:
        """A box around what each picture shows, (samples, 4) float32: left, top, right, bottom in pixels.

        From the same Name("generator") as `generate` had it, drawn anew; None where nobody knows.
        """
        return None

    def select(self) -> Call | None:
        """What the network sees of Name("inputs"), before normalisation; None: all as it is."""
        return None

    def changes(self) -> list[Call]:
        """What augmentations do to a training batch, one after the other (see augmentations)."""
        return []

    @property
    def normalize_values(self) -> Normalization:
        """How target values are shifted and scaled; fitted on the training set."""
        return Unchanged()

    @property
    def plane(self) -> float | None:
        """For samples that are points of a plane: half the side of the square they lie in."""
        return None


class Undivided(Dataset, ABC):
    """Samples of which a share, drawn by lot, is kept for testing."""

    test_share: float = option(0.2, "Share of the samples kept for testing.", ge=0.01, le=0.99)

    @property
    def held_out(self) -> int:
        """At least one, and at least one is left."""
        return min(max(round(self.count * self.test_share), 1), self.count - 1)
