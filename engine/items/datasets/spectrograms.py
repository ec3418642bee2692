"""Spectrograms: generated sounds as pictures of pitch over time."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.datasets.signals import Generated
from glassnet.engine.items.datasets.waveforms import SOUNDS, waveforms
from glassnet.engine.items.node import Shape


class Spectrograms(Images, Generated):
    """Spectrograms: tones, chords, chirps, pulses and noise, as pictures of their pitches over time.

    Each column is the Fourier transform of one window of the sound, by a Hann window a quarter of which lies
    beyond the next; brightness is its power in decibels, and pitch grows upward. Shape: (1, window / 2,
    4 · length / window).
    """

    kind: Literal["spectrograms"] = "spectrograms"
    classes: ClassVar[tuple[str, ...] | None] = SOUNDS
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "A chirp is a slanted line and a chord three level ones: what is heard can be seen.",
            "Everything that is known of pictures applies.",
        ),
        cons=("Phases are thrown away, and the window decides between sharp pitch and sharp time.",),
        use="For sounds, most of the time before a network hears them.",
        example=Example(
            "The first filters become edges of the slope of chirps.",
            preset="spectrograms",
            claim={"metric": "test_accuracy", "op": ">=", "value": 0.95},
        ),
        mistakes=(
            Mistake(
                "A spectrogram is a picture like any other: flips and turns do no harm.",
                "Its axes are not alike: flipped, a rising chirp falls.",
            ),
        ),
    )

    samples: int = option(1200, "How many sounds, training and test together.", ge=20, le=50_000)
    length: Literal[256, 512, 1024, 2048] = option(512, "How many numbers a sound has.")
    window: Literal[32, 64, 128] = option(64, "How many of them one column is the transform of.")
    rate: int = option(4000, "How many numbers make a second.", unit="Hz", ge=1000, le=96_000)
    noise: float = option(0.05, "Standard deviation of noise on every number; a full wave is 1.", ge=0, le=1)

    @property
    def shape(self) -> Shape:
        return (1, self.window // 2, 4 * self.length // self.window)

    @property
    def inputs(self) -> tuple[str, ...]:
        return ("power",)

    def _sounds(self) -> Call:
        return Call(waveforms, self.samples, self.length, self.noise, Name("generator"))

    def generate(self) -> Call | None:
        return Call(spectrograms, self._sounds(), self.window)

    def source(self) -> Call | None:
        return self._sounds()


def spectrograms(drawn: tuple[torch.Tensor, torch.Tensor], window: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Spectrograms (samples, 1, pitches, times) uint8 of sounds (samples, 1, length), and their classes."""
    sounds, targets = drawn
    hann = 0.5 - 0.5 * torch.cos(2 * torch.pi * torch.arange(window) / window)
    pictures = []
    for part in torch.split(sounds[:, 0], 500):
        padded = torch.nn.functional.pad(part, (3 * window // 8, 3 * window // 8))
        spectrum = torch.fft.rfft(padded.unfold(-1, window, window // 4) * hann)[..., 1:]
        # A full wave has the amplitude window / 4 in a Hann window: 0 decibels.
        decibels = 20 * torch.log10(spectrum.abs() * 4 / window + 1e-6)
        levels = (1 + decibels / 60).clamp(0, 1) * 255
        pictures.append(levels.round().to(torch.uint8).transpose(1, 2).flip(1))
    return torch.cat(pictures)[:, None], targets
