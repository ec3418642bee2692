"""Data along one axis and three: their truth found again, their maps on the wire, augmented, and exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from glassnet.engine.data.load import load
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment, parse_probes
from glassnet.engine.probes import Picture
from glassnet.engine.probes.activation_maps import extremes, shrunk
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document

PRESETS = Path(__file__).parents[2] / "app" / "presets"


def example(name: str, **changes: Any) -> Experiment:
    (path,) = PRESETS.glob(f"*-{name}.json")
    document = json.loads(path.read_text())
    document["data"] |= changes
    return Experiment.parse(document)


def drawn(kind: str, **options: Any) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    nodes = [{"kind": "flatten"}, OUTPUT]
    item = Experiment.parse({"data": {"kind": kind, **options}, "network": nodes}).data
    generate = item.generate()
    assert generate is not None
    inputs, targets = generate.build(generator=torch.Generator().manual_seed(0))
    return inputs, targets, item.classes or ()


OUTPUT: Document = {"kind": "linear", "name": "output", "units": None}


def look(trainer: Trainer, kind: str, **options: Any) -> dict[str, Tensor]:
    (probe,) = parse_probes([{"kind": kind, **options}])
    assert isinstance(probe, Picture)
    return probe.prepare(trainer)()


def unpacked(arrays: dict[str, Tensor], name: str) -> Tensor:
    levels, ranges = arrays[name].float(), arrays[f"{name}.range"]
    low, high = ranges.unbind(-1)
    while low.ndim < levels.ndim:
        low, high = low[..., None], high[..., None]
    return low + (high - low) * levels / 255


# Waveforms -----------------------------------------------------------------------------------------------


def pitches(sounds: Tensor) -> Tensor:
    """The strongest pitch of each quarter of sounds (n, 1, length), in waves a quarter: (n, 4)."""
    quarters = sounds[:, 0].reshape(len(sounds), 4, -1)
    spectrum: Tensor = torch.fft.rfft(quarters).abs()
    return spectrum[..., 1:].argmax(-1) + 1


def test_chirps_go_the_way_that_their_class_says_and_tones_stay() -> None:
    sounds, targets, classes = drawn("waveforms", samples=120, noise=0)
    assert sounds.shape == (120, 1, 512)
    assert float(sounds.abs().max()) <= 1
    first, *_, last = pitches(sounds).unbind(1)
    for name, way in (("tone", 0), ("rising chirp", 1), ("falling chirp", -1)):
        mine = targets == classes.index(name)
        moved = torch.sign(last[mine] - first[mine])
        assert int((moved == way).sum()) >= 18, name


def test_a_tone_has_one_pitch_a_chord_three_and_noise_all() -> None:
    sounds, targets, classes = drawn("waveforms", samples=120, noise=0, length=2048)
    spectrum = torch.fft.rfft(sounds[:, 0] * torch.hann_window(2048)).abs() ** 2
    shares = spectrum / spectrum.sum(1, keepdim=True)
    strongest = shares.sort(1, descending=True).values
    # A window spreads each pitch over four numbers of the spectrum.
    tone, chord, noise = (strongest[targets == classes.index(name)] for name in ("tone", "chord", "noise"))
    assert (tone[:, :4].sum(1) > 0.99).all()
    assert (chord[:, :4].sum(1) < 0.9).all()
    assert (chord[:, :12].sum(1) > 0.99).all()
    assert (noise[:, :12].sum(1) < 0.2).all()


@pytest.mark.parametrize(
    ("kind", "options", "pointer"),
    [
        ("waveforms", {"samples": 1_000_000}, "/data/samples"),
        ("waveforms", {"samples": 50_000, "length": 16_384}, "/data/samples"),
        ("waveforms", {"length": 8}, "/data/length"),
    ],
)
def test_a_set_that_would_take_too_much_memory_is_refused_at_its_option(
    kind: str, options: Document, pointer: str
) -> None:
    with pytest.raises(InvalidExperiment) as caught:
        Experiment.parse({"data": {"kind": kind, **options}, "network": [{"kind": "flatten"}, OUTPUT]})
    (problem,) = caught.value.problems
    assert problem.pointer == pointer
    assert "expected" in problem.message


# Maps ----------------------------------------------------------------------------------------------------


def test_a_long_signal_keeps_the_extremes_of_each_stretch() -> None:
    wave = torch.sin(torch.arange(1000) * 2.0)[None]
    short = extremes(wave, 100)
    assert short.shape == (1, 100)
    assert torch.equal(short[0, ::2], wave.view(50, 20).amin(1))
    assert torch.equal(short[0, 1::2], wave.view(50, 20).amax(1))
    assert extremes(torch.arange(7.0)[None], 4).tolist() == [[0, 3, 4, 6]]


def test_maps_of_signals_are_sent_whole_and_those_of_volumes_slice_by_slice() -> None:
    signals, volumes = torch.randn(2, 1, 900), torch.randn(2, 6, 40, 20)
    assert shrunk(signals, 30) is signals
    small = shrunk(volumes, 20)
    assert small.shape == (2, 6, 20, 10)
    assert torch.allclose(small[1, 3, 0, 0], volumes[1, 3, :2, :2].mean())


def test_the_maps_of_a_signal_are_those_of_the_network_and_its_filters_are_rows() -> None:
    trainer = Trainer(example("waveforms", samples=60))
    seen = look(trainer, "activation_maps", side=64)
    inputs = trainer.data.test.inputs[0:1]
    with torch.no_grad():
        wanted = trainer.evaluation_network(inputs)
    conv = unpacked(seen, "maps/conv1d1")
    assert conv.shape == (12, 1, 256)
    assert torch.allclose(conv[:, 0], wanted["conv1d1"][0], atol=float(wanted["conv1d1"].abs().max()) / 120)
    assert seen["sample"].shape == (1, 1, 512)
    kernels = look(trainer, "filters")["filter/conv1d1"]
    assert kernels.shape == (12, 1, 1, 17)
    assert kernels.dtype == torch.uint8


# Claims --------------------------------------------------------------------------------------------------

#: The least test accuracy of each preset.
LEARNED = {"waveforms": 0.95}


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", LEARNED)
def test_each_preset_learns_whatever_its_seed(name: str, seed: int) -> None:
    trainer = Trainer(Experiment.parse(example(name).document() | {"seed": seed}))
    while not trainer.finished:
        trainer.step()
    assert trainer.evaluate()["test_accuracy"] >= LEARNED[name]


def test_samples_are_drawn_by_the_seed_alone() -> None:
    item = example("waveforms", samples=60).data
    first, again, other = (load(item, seed).train.raw for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
