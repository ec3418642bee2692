"""Data sets: samples with labels (classes) or values (numbers)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, Any, ClassVar, Literal

import safetensors.torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Item, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.node import Shape
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.none import Unchanged
from glassnet.engine.items.normalizations.standardize import Standardize
from glassnet.engine.items.targets import Family, Move

#: How samples are drawn: numbers, points of a plane, pictures, lines along one axis, a moving figure, slices.
Form = Literal["values", "picture", "signal", "figure", "volume", "clip"]


class Dataset(Item, ABC):
    """A data set: samples, split into training, validation and test set."""

    #: What a sample is, for what draws one.
    form: ClassVar[Form] = "values"

    #: The greatest value of a pixel; None where the samples are not pictures.
    brightest: ClassVar[float | None] = None

    #: How a drawing becomes a sample, as the data set's own pictures were made: unchanged, filling the
    #: picture, or in a box of 20/28 of it about its centre of mass.
    drawn: ClassVar[Literal["plain", "filled", "centred"]] = "plain"
    #: Whether `generate` or `read` returns pictures as uint8, which are stored as such.
    whole_numbers: ClassVar[bool] = False
    #: Whether `signals` gives what the samples are a transform of.
    keeps_signals: ClassVar[bool] = False
    validation_share: float = option(
        0.0,
        "Share of the samples outside the test set that is kept for validation, and not trained on.",
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

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """With what a sample is, as it is with every default."""
        example = cls.model_construct()
        return super().entry() | {
            "classes": None if example.classes is None else list(example.classes),
            "family": example.family,
            "brightest": cls.brightest,
            "form": cls.form,
            "drawn": cls.drawn,
            "shape": list(example.shape),
            "count": example.count,
            "plane": example.plane,
            "inputs": list(example.raw_inputs),
        }

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes, of samples, pixels or objects; None where the targets are values."""

    @property
    def family(self) -> Family:
        """What its targets are."""
        return "values" if self.classes is None else "class"

    @property
    def span(self) -> tuple[float, float] | None:
        """The least and the greatest value that a sample may have; None: any."""
        return None if self.brightest is None else (0.0, self.brightest)

    @property
    @abstractmethod
    def count(self) -> int:
        """The number of samples."""

    @property
    @abstractmethod
    def held_out(self) -> int:
        """The number of test samples."""

    @property
    def divided(self) -> bool:
        """Whether the test set is given, not drawn: `read` returns it after all other samples."""
        return False

    @property
    def held_for_validation(self) -> int:
        """The size of a given validation set, which `read` returns before a given test set."""
        return 0

    @property
    def stratifies(self) -> bool:
        """Whether sets are drawn so that every class has the same share in each."""
        return self.split == "stratified" and self.family == "class"

    @property
    def trained(self) -> int:
        """The number of training samples: at least one."""
        rest = self.count - self.held_out
        if self.held_for_validation:
            return rest - self.held_for_validation
        return max(rest - round(rest * self.validation_share), 1)

    @property
    def validation_count(self) -> int:
        """The number of samples that are kept for validation."""
        return self.count - self.held_out - self.trained

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """The shape of one sample as the network reads it."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """A name for each feature of a vector, or each channel of an image."""

    @property
    def raw_inputs(self) -> tuple[str, ...]:
        """A name for each number of a sample as a user enters it, before features are computed."""
        return self.inputs

    @property
    def separable(self) -> bool | None:
        """Whether a line, or a plane, separates its two classes as the network sees them; None: not known."""
        return None

    def generate(self) -> Call | None:
        """(inputs, targets) drawn with Name("generator"); None where `read` returns them.

        Inputs are (samples, …) float32, or uint8 for pictures; targets are of its `family`.
        """
        return None

    def check(self, blobs: Blobs) -> tuple[str, str] | None:
        """None where `read` can succeed; else the pointer within the data set, and what is missing.

        Reads no more than headers: it is called by the server before a worker is started.
        """
        return None

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        """(inputs, targets) of stored data, shaped as in `generate`; uploaded data are among the blobs.

        Raises BlobMissing where the data are not stored, DataError where they cannot be read.
        """
        raise NotImplementedError(f"{self.kind} is generated")

    def stored(self, blobs: Blobs) -> bytes:
        """The arrays of `read` as safetensors for scripts: inputs, targets. Raises BlobMissing, DataError."""
        inputs, targets = self.read(blobs)
        return safetensors.torch.save({"inputs": inputs, "targets": targets})

    def relabel(self) -> Call | None:
        """The labels to train on, from Name("targets") of the training set; None: unchanged.

        Drawn from a Name("generator") of its own, so that samples and their split stay the same.
        """
        return None

    def truth(self) -> Call | None:
        """The box around each picture's object, (samples, 4) float32: left, top, right, bottom in pixels.

        Drawn from a Name("generator") seeded as that of `generate`; None where boxes are not known.
        """
        return None

    def source(self) -> Call | None:
        """(signals, targets) of which the samples are a transform: signals (samples, channels, length).

        Drawn from a Name("generator") seeded as that of `generate`; None where samples are no transform.
        """
        return None

    def signals(self, blobs: Blobs) -> Tensor | None:
        """The stored signals of which the samples of `read` are a transform, where it `keeps_signals`.

        Raises BlobMissing, DataError.
        """
        return None

    def select(self) -> Call | None:
        """The network's inputs from Name("inputs"), before normalisation; None: unchanged."""
        return None

    def changes(self) -> list[Call]:
        """The augmentations of a training batch, in order."""
        return []

    def moves(self) -> list[Move] | None:
        """The augmentations of a training batch whose targets move along; None where `changes` are all."""
        return None

    @property
    def two_sided(self) -> bool:
        """Whether its values, as the network is to give them, are known to lie on both sides of 0."""
        return isinstance(self.normalize_values, Standardize)

    @property
    def normalize_values(self) -> Normalization:
        """How target values are shifted and scaled; fitted on the training set."""
        return Unchanged()

    @property
    def plane(self) -> float | None:
        """For samples that are points of a plane: half the side of the square that contains them."""
        return None


class Undivided(Dataset, ABC):
    """A data set of which a random share is kept for testing."""

    test_share: float = option(0.2, "Share of the samples kept for testing.", ge=0.01, le=0.99)

    @property
    def held_out(self) -> int:
        """The number of test samples: at least one, and at least one remains for training."""
        return min(max(round(self.count * self.test_share), 1), self.count - 1)
