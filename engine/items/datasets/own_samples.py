"""Data sets of uploaded sounds and volumes, which are stored as blobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Literal

from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.errors import DataError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.sample_import.blob import SAMPLES, Kind, SampleSet
from glassnet.engine.files.sample_import.sounds import LENGTH, RATE
from glassnet.engine.files.sample_import.volumes import SIDES
from glassnet.engine.items.datasets import Form
from glassnet.engine.items.datasets.augmented import Augmented
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.datasets.signals import Signals
from glassnet.engine.items.datasets.spectrograms import spectrograms
from glassnet.engine.items.datasets.uploaded import Uploaded
from glassnet.engine.items.node import Shape
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.standardize import Standardize


class OwnSamples(Augmented, Labelled, Uploaded, ABC):
    """Uploaded sounds or volumes of one shape."""

    #: What the blob holds.
    held: ClassVar[Kind]

    samples: int = option(2, "How many there are.", ge=SAMPLES[0], le=SAMPLES[1])

    @property
    def count(self) -> int:
        return self.samples

    def told(self, blobs: Blobs) -> list[tuple[str, object, object]]:
        found = SampleSet.read(blobs.path(self.blob), self.held, self.blob)
        return [
            ("/names", self.names, found.names),
            ("/samples", self.samples, found.shape[0]),
            ("/validated", self.validated, found.validated),
            ("/tested", self.tested, found.tested),
            *self.told_further(found),
        ]

    @abstractmethod
    def told_further(self, found: SampleSet) -> list[tuple[str, object, object]]:
        """Of samples of this kind, what the options say beside what a blob says: pointer, ours, its."""

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        found = self.tensors(blobs)
        inputs, targets = found["inputs"], found["targets"]
        least, greatest = (int(each) for each in targets.aminmax())
        if least < 0 or greatest >= len(self.names):
            raise DataError(
                f"{self.blob} has labels from {least} to {greatest}; expected 0 to {len(self.names) - 1}"
            )
        if inputs.is_floating_point() and not inputs.isfinite().all():
            raise DataError(f"{self.blob} has numbers that are not finite; expected finite ones")
        return inputs, targets


class _Sounds(OwnSamples, ABC):
    """Uploaded sounds of one rate and length."""

    called: ClassVar[str] = "sounds"
    held: ClassVar[Kind] = "sounds"

    length: int = option(4096, "How many numbers a sound has.", ge=LENGTH[0], le=LENGTH[1])
    rate: int = option(8000, "How many of them make a second.", unit="Hz", ge=RATE[0], le=RATE[1])

    def told_further(self, found: SampleSet) -> list[tuple[str, object, object]]:
        return [("/length", self.length, found.shape[2]), ("/rate", self.rate, found.rate)]


class OwnSounds(Signals, _Sounds):
    """Own sounds: uploaded as WAV files, in a ZIP with a folder for each class.

    They are mixed down to one channel, resampled to one rate, and cut or followed by silence to one length;
    then stored as a blob that the experiment refers to. Shape: (1, length), values from −1 to 1.
    """

    kind: Literal["own_sounds"] = "own_sounds"
    inputs: ClassVar[tuple[str, ...]] = ("pressure",)
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "What is learned matters to its owner.",
            "Nothing is thrown away but what the rate cannot hold.",
        ),
        cons=(
            "Few sounds overfit quickly: use shift, speed and noise.",
            "A second has thousands of numbers: layers must reach far, by strides and pooling.",
        ),
        use="For recordings of one's own, in folders by class.",
        example=Example(
            "Under Data choose Own sounds and give folders of WAV files; the network stays.",
            preset="waveforms",
        ),
        mistakes=(
            Mistake(
                "Sounds of one class may come from one microphone, others from another.",
                "The network then tells microphones apart: record all classes with all.",
            ),
        ),
    )

    @property
    def span(self) -> tuple[float, float] | None:
        return (-1.0, 1.0)

    @property
    def shape(self) -> Shape:
        return (1, self.length)


class OwnSpectrograms(Images, _Sounds):
    """Own sounds as spectrograms: pictures of their pitches over time.

    Uploaded and stored as own sounds are, and transformed as they are read, as in Spectrograms. Shape:
    (1, window / 2, 4 · length / window).
    """

    kind: Literal["own_spectrograms"] = "own_spectrograms"
    keeps_signals: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Words and instruments show as lines and bands that filters of pictures find.",
            "The window may be changed without another upload.",
        ),
        cons=("Phases are thrown away, and the window decides between sharp pitch and sharp time.",),
        use="For recordings of speech, animals and instruments: most often the better beginning.",
        example=Example(
            "Under Data choose Own sounds as spectrograms and give folders of WAV files.",
            preset="spectrograms",
        ),
        mistakes=(
            Mistake(
                "A longer window is better, as it tells more pitches apart.",
                "What happens within a window is blurred to one moment: clicks and consonants are lost.",
            ),
        ),
    )
    window: Literal[32, 64, 128, 256, 512, 1024] = option(
        256, "How many numbers one column is the transform of."
    )

    @property
    def inputs(self) -> tuple[str, ...]:
        return ("power",)

    @property
    def shape(self) -> Shape:
        return (1, self.window // 2, max(1, 4 * self.length // self.window))

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        return spectrograms(super().read(blobs), self.window)

    def signals(self, blobs: Blobs) -> Tensor | None:
        sounds: Tensor = super().read(blobs)[0]
        return sounds


class OwnVolumes(OwnSamples):
    """Own volumes: uploaded as arrays or folders of slices, in a ZIP with a folder for each class.

    They keep their size, which is one for all, and become whole numbers from 0 to 255; stored as a blob that
    the experiment refers to. Shape: (1, depth, height, width).
    """

    kind: Literal["own_volumes"] = "own_volumes"
    called: ClassVar[str] = "volumes"
    held: ClassVar[Kind] = "volumes"
    form: ClassVar[Form] = "volume"
    brightest: ClassVar[float | None] = 255.0
    whole_numbers: ClassVar[bool] = True
    inputs: ClassVar[tuple[str, ...]] = ("density",)
    guide: ClassVar[Guide | None] = Guide(
        pros=("What is learned matters to its owner.", "Each slice of each can be looked at."),
        cons=("A volume of 64 a side has 262,144 numbers, and every map as many: begin small.",),
        use="For scans of one's own, in folders by class.",
        example=Example(
            "Under Data choose Own volumes and give folders of arrays or of slices; the network stays.",
            preset="volumes",
        ),
        mistakes=(
            Mistake(
                "Scans of several machines can be trained on as they come.",
                "Their values differ: bring them to one scale, or the network tells machines apart.",
            ),
        ),
    )

    depth: int = option(16, "How many slices a volume has.", ge=SIDES[0], le=SIDES[1])
    height: int = option(16, "How many rows a slice has.", ge=SIDES[0], le=SIDES[1])
    width: int = option(16, "How many columns a slice has.", ge=SIDES[0], le=SIDES[1])
    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Standardize(), "How each channel is shifted and scaled; fitted on the training set."
    )

    @property
    def shape(self) -> Shape:
        return (1, self.depth, self.height, self.width)

    def told_further(self, found: SampleSet) -> list[tuple[str, object, object]]:
        depth, height, width = found.shape[2:]
        return [
            ("/depth", self.depth, depth),
            ("/height", self.height, height),
            ("/width", self.width, width),
        ]
