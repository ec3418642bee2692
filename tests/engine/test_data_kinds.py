"""Data along one axis and three: their truth found again, their maps on the wire, augmented, and exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from glassnet.engine.catalog import catalog
from glassnet.engine.data.load import load
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment, parse_probes
from glassnet.engine.items.augmentations import Augmentation
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


# Other kinds ----------------------------------------------------------------------------------------------


def test_a_spectrogram_shows_the_pitches_of_its_own_sound() -> None:
    item = example("spectrograms", samples=60, noise=0).data
    data = load(item, 0)
    sounds, pictures = data.test.source, data.test.raw
    assert sounds is not None
    assert pictures.shape[1:] == (1, 32, 32)
    tones = data.test.targets == (item.classes or ()).index("tone")
    waves = torch.fft.rfft(sounds[tones, 0]).abs()[:, 1:].argmax(-1) + 1
    brightest = 31 - pictures[tones, 0, :, 16].argmax(
        -1
    )  # rows from the lowest pitch, 1 / 64 of the rate each
    assert ((waves / 8 - 1 - brightest).abs() <= 1).all()


def test_joints_move_as_the_motion_says() -> None:
    angles, targets, classes = drawn("skeletons", samples=100, noise=0)
    assert angles.shape == (100, 8, 64)
    left, right = angles[:, 0], angles[:, 2]
    for name in ("walking", "running"):
        mine = targets == classes.index(name)
        assert torch.allclose(left[mine], -right[mine], atol=1e-5), f"{name}: legs take turns"
    squatting = targets == classes.index("squatting")
    assert torch.equal(left[squatting], right[squatting])
    widest = [float(left[targets == classes.index(name)].abs().amax()) for name in ("walking", "running")]
    assert widest[1] > 1.5 * widest[0]
    assert float(angles[targets == classes.index("waving"), :4].abs().max()) == 0, (
        "the legs of who waves stand"
    )


def test_bodies_have_the_number_of_parts_that_their_class_says() -> None:
    solid, targets, classes = drawn("volumes", samples=80, noise=0)
    assert solid.shape == (80, 1, 16, 16, 16)
    parts = np.array([ndimage.label(each > 110)[1] for each in solid[:, 0].numpy()])
    wanted = np.array([2 if classes[target] == "two blobs" else 1 for target in targets.tolist()])
    assert (parts == wanted).mean() > 0.9  # a vessel at the border may leave and come back
    ends = torch.stack([solid[:, 0].flatten(1).float().mean(1)])[0]
    forked, vessel = (ends[targets == classes.index(name)].mean() for name in ("forked vessel", "vessel"))
    assert forked > vessel


def test_what_moves_in_a_clip_goes_where_its_class_says() -> None:
    films, targets, classes = drawn("clips", samples=120, noise=0)
    assert films.shape == (120, 3, 8, 20, 20)
    seen = films.float().sum(1)
    light = (seen - seen.flatten(2).amin(-1)[..., None, None]).clamp_min(0)
    total = light.flatten(2).sum(-1)
    place = torch.arange(20.0)
    across = (light.sum(2) * place).sum(-1) / total
    down = (light.sum(3) * place).sum(-1) / total
    signs = {"left": (across, -1), "right": (across, 1), "up": (down, -1), "down": (down, 1)}
    signs |= {"growing": (total, 1), "shrinking": (total, -1)}
    for name, (course, sign) in signs.items():
        mine = course[targets == classes.index(name)]
        assert (sign * (mine[:, -1] - mine[:, 0]) > 0).all(), name


@pytest.mark.parametrize("name", ["volumes", "clips"])
def test_maps_and_filters_of_three_axes_come_slice_by_slice(name: str) -> None:
    trainer = Trainer(example(name, samples=40))
    seen = look(trainer, "activation_maps", side=8, most=4)
    _, depth, side, _ = trainer.plan["conv3d1"].shape
    assert seen["maps/conv3d1"].shape == (4, min(depth, 8), min(side, 8), min(side, 8))
    assert seen["sample"].shape == trainer.plan.input_shape
    channels = trainer.plan.input_shape[0]
    assert look(trainer, "filters")["filter/conv3d1"].shape == (8, channels, 3, 3, 3)


@pytest.mark.parametrize(
    ("kind", "options", "pointer"),
    [
        ("volumes", {"samples": 20_000, "size": 64}, "/data/samples"),
        ("volumes", {"size": 0}, "/data/size"),
        ("clips", {"frames": 1_000_000}, "/data/frames"),
        ("skeletons", {"samples": 50_000, "length": 1024}, "/data/samples"),
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


# Augmentations -------------------------------------------------------------------------------------------


def changed(kind: str, samples: Tensor, **options: Any) -> Tensor:
    item = catalog(Augmentation)[kind].model_validate({"kind": kind, **options})
    made: Tensor = item.call().build(pictures=samples, generator=torch.Generator().manual_seed(0))
    return made


def test_a_sound_is_shifted_along_time_and_a_clip_alike_in_each_of_its_pictures() -> None:
    sounds = torch.sin(torch.arange(200.0) / 9).repeat(4, 1, 1)
    moved = changed("shift", sounds, share=0.2)
    away = 0.2 * 200 * (2 * torch.rand(4, generator=torch.Generator().manual_seed(0)) - 1)
    wanted = torch.sin((torch.arange(200.0) - away[:, None]) / 9)
    assert torch.allclose(moved[:, 0, 50:150], wanted[:, 50:150], atol=2e-3)
    films = torch.rand(4, 3, 1, 12, 12).expand(-1, -1, 5, -1, -1)
    seen = changed("shift", films, share=0.2)
    assert seen.shape == films.shape
    assert torch.equal(seen[:, :, 0], seen[:, :, 4])
    assert not torch.equal(seen, films)


@pytest.mark.parametrize("outside", ["edge", "black", "mirror"])
def test_another_speed_is_numpys_interpolation_at_other_moments(outside: str) -> None:
    sounds = torch.randn(5, 2, 30, generator=torch.Generator().manual_seed(1))
    found = changed("speed", sounds, factor=3.0, outside=outside)
    lots = 2 * torch.rand(5, generator=torch.Generator().manual_seed(0), dtype=torch.float32) - 1
    for sound, seen, factor in zip(sounds.numpy(), found, (3.0**lots).tolist(), strict=True):
        moments = (np.arange(30) - 14.5) * factor + 14.5
        places, known = np.arange(30.0), sound
        if outside == "mirror":
            places, known = np.arange(-29.0, 59.0), np.pad(sound, ((0, 0), (29, 29)), mode="reflect")
        ends: dict[str, float] = {"left": 0.0, "right": 0.0} if outside == "black" else {}
        for channel, wanted in zip(seen.numpy(), known, strict=True):
            np.testing.assert_allclose(channel, np.interp(moments, places, wanted, **ends), atol=2e-4)


def test_a_clip_has_one_speed_and_a_sound_at_the_speed_1_stays_as_it_is() -> None:
    films = torch.rand(3, 2, 6, 4, 5)
    flat = films.permute(0, 1, 3, 4, 2).reshape(3, 40, 6)  # each pixel a signal of its own
    seen = changed("speed", films, factor=2.0).permute(0, 1, 3, 4, 2).reshape(3, 40, 6)
    assert torch.allclose(seen, changed("speed", flat, factor=2.0), atol=1e-6)
    assert torch.allclose(changed("speed", flat, factor=1 + 1e-9), flat, atol=1e-5)


def test_noise_changes_sounds_within_their_range_and_a_flip_is_refused() -> None:
    noisy = example("waveforms", samples=60, augmentations=[{"kind": "pixel_noise", "deviation": 0.3}])
    trainer = Trainer(noisy)
    raw = trainer.data.train.raw[:8]
    seen = trainer.loader.changed(raw, trainer.loader.generator)
    assert float(seen.min()) < 0
    assert float(seen.abs().max()) <= 1
    assert 0.1 < float((seen - raw).std()) < 0.35
    with pytest.raises(InvalidExperiment, match=r"'flip': it changes pictures; samples are 1×512"):
        Trainer(example("waveforms", samples=60, augmentations=[{"kind": "flip"}]))


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
LEARNED = {"waveforms": 0.95, "spectrograms": 0.95, "skeletons": 0.95, "volumes": 0.9, "clips": 0.95}


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
