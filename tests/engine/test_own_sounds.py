"""Own sounds: WAV files against the standard library and scipy, ZIPs of them, and refusals by their words."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
from math import gcd
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from scipy.signal import resample_poly

from glassnet.engine.data.load import load
from glassnet.engine.errors import DataError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.sample_import.blob import SampleSet
from glassnet.engine.files.sample_import.resampling import resampled
from glassnet.engine.files.sample_import.sounds import SoundForm
from glassnet.engine.files.sample_import.upload import gathered
from glassnet.engine.files.sample_import.wav import read_wav
from glassnet.engine.items.datasets.own_samples import OwnSounds, OwnSpectrograms
from glassnet.engine.items.datasets.spectrograms import spectrograms

FORM = SoundForm(rate=4000, length=256)


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    length = len(content) if size is None else size
    return name + struct.pack("<I", length) + content + b"\0" * (len(content) % 2)


def header(
    code: int = 1, channels: int = 1, rate: int = 4000, bits: int = 16, align: int | None = None
) -> bytes:
    frame = channels * bits // 8 if align is None else align
    return struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)


def riff(*chunks: bytes) -> bytes:
    content = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def wav(values: np.ndarray, rate: int = 4000, channels: int = 1) -> bytes:
    """A file of 16 bits as the standard library writes it; values (moments,) or (moments, channels)."""
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(channels)
        made.setsampwidth(2)
        made.setframerate(rate)
        made.writeframes((values * 32767).round().astype("<i2").tobytes())
    return file.getvalue()


def tone(waves: float, count: int = 256) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * waves * np.arange(count) / count)


def upload(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


# One file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2])
def test_whole_numbers_are_read_as_the_standard_library_writes_them(bits: int, channels: int) -> None:
    drawn = np.random.default_rng(bits).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (50, channels))
    raw = b"".join(
        int(value + 128 if bits == 8 else value).to_bytes(bits // 8, "little", signed=bits > 8)
        for value in drawn.ravel()
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(channels)
        made.setsampwidth(bits // 8)
        made.setframerate(96_000)
        made.writeframes(raw)
    found = read_wav(file.getvalue(), 1.0)
    assert (found.rate, found.moments) == (96_000, 50)
    np.testing.assert_array_equal(found.values, drawn.T / 2.0 ** (bits - 1))


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("extended", [False, True])
def test_floats_are_read_also_in_the_extensible_format_and_behind_other_chunks(
    bits: int, extended: bool
) -> None:
    drawn = np.random.default_rng(0).uniform(-1, 1, 30).astype(f"<f{bits // 8}")
    told = header(3, bits=bits)
    if extended:
        guid = b"\x03\0" + bytes.fromhex("000000001000800000aa00389b71")
        told = header(0xFFFE, bits=bits) + struct.pack("<HHI", 22, bits, 4) + guid
    content = riff(chunk(b"LIST", b"odd"), chunk(b"fmt ", told), chunk(b"data", drawn.tobytes()))
    np.testing.assert_array_equal(read_wav(content, 1.0).values[0], drawn.astype(np.float64))


def data(content: bytes = bytes(20), size: int | None = None) -> bytes:
    return chunk(b"data", content, size)


REFUSED = {
    "µ-law (format 0x0007)": riff(chunk(b"fmt ", header(7, bits=8)), data()),
    "Microsoft ADPCM (format 0x0002)": riff(chunk(b"fmt ", header(2, bits=4)), data()),
    "compressed as MP3": riff(chunk(b"fmt ", header(0x55)), data()),
    "an unknown format (format 0x1234)": riff(chunk(b"fmt ", header(0x1234)), data()),
    "cut off: 'data' announces 100 bytes, and 20 follow": riff(chunk(b"fmt ", header()), data(size=100)),
    "cut off: 'data' announces 4,294,967,295": riff(chunk(b"fmt ", header()), data(size=2**32 - 1)),
    "cut off: the chunk 'LIST' announces 999": riff(chunk(b"fmt ", header()), chunk(b"LIST", b"abcd", 999)),
    "empty: no sound": riff(chunk(b"fmt ", header()), data(b"")),
    "no chunk 'data'": riff(chunk(b"fmt ", header())),
    "no chunk 'fmt '": riff(),
    "'data' stands before": riff(data(), chunk(b"fmt ", header())),
    "'fmt ' has 10 bytes": riff(chunk(b"fmt ", bytes(10)), data()),
    "rate is 0 Hz; expected 100": riff(chunk(b"fmt ", header(rate=0)), data()),
    "rate is 4,000,000,000 Hz": riff(
        chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 4_000_000_000, 0, 2, 16)), data()
    ),
    "channels is 0; expected 1": riff(chunk(b"fmt ", header(channels=0)), data()),
    "channels is 6": riff(chunk(b"fmt ", header(channels=6)), data(bytes(24))),
    "bits is 12 of PCM; expected one of 8, 16": riff(chunk(b"fmt ", header(bits=12)), data()),
    "bits is 16 of floats": riff(chunk(b"fmt ", header(3)), data()),
    "block align is 7; expected 2": riff(chunk(b"fmt ", header(align=7)), data()),
    "'data' has 3 bytes; expected a multiple of 2": riff(chunk(b"fmt ", header()), data(b"abc")),
    "not a number at moment 1": riff(
        chunk(b"fmt ", header(3, bits=32)), data(np.array([0, np.nan], "<f4").tobytes())
    ),
    "an MP3 file; expected a WAV": b"ID3\x04" + bytes(60),
    "an Ogg file": b"OggS" + bytes(60),
    "an MP4 or M4A file": b"\0\0\0 ftypM4A " + bytes(60),
    "RIFX": b"RIFX" + bytes(60),
    "a RIFF file of the kind 'AVI'": b"RIFF" + bytes(4) + b"AVI " + bytes(60),
    "empty; expected a WAV": b"",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_whole_uncompressed_wav_is_refused_by_its_field(words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_wav(REFUSED[words], 1.0)
    assert words in str(caught.value)
    assert "expected" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after"), [(44_100, 8000), (8000, 22_050), (96_000, 4000), (4000, 4000), (997, 1000)]
)
def test_resampling_is_scipys_and_lets_no_pitch_alias(before: int, after: int) -> None:
    signal = np.random.default_rng(0).normal(size=700)
    common = gcd(before, after)
    wanted = resample_poly(signal, after // common, before // common)
    np.testing.assert_allclose(resampled(signal, before, after, 10**6), wanted, atol=1e-12)
    np.testing.assert_allclose(resampled(signal, before, after, 9), wanted[:9], atol=1e-12)


# Many files ----------------------------------------------------------------------------------------------


def folders(**more: bytes) -> dict[str, bytes]:
    made = {
        f"my sounds/{name}/{n}.wav": wav(tone(pitch + n))
        for name, pitch in (("low", 4), ("high", 30))
        for n in range(6)
    }
    return {**made, **more}


def test_sounds_of_any_rate_are_mixed_down_resampled_and_of_one_length(tmp_path: Path) -> None:
    low = np.stack([tone(500, 96_000), np.zeros(96_000)], 1)
    files = folders(**{"my sounds/low/a.wav": wav(low, 96_000, 2), "my sounds/high/b.wav": wav(tone(5, 100))})
    files["my sounds/high/song.mp3"] = b"ID3"
    found = gathered(upload(tmp_path, files), FORM)
    assert found.names == ["high", "low"]
    assert found.inputs.shape == (14, 1, 256)
    assert found.described().counts == [7, 7]
    moments = np.arange(256) / 4000
    mixed = found.inputs[-1, 0] if found.labels[-1] == 1 else found.inputs[12, 0]
    np.testing.assert_allclose(mixed[20:], 0.25 * np.sin(2 * np.pi * 500 * moments)[20:], atol=2e-3)
    short = found.inputs[13, 0] if found.labels[13] == 0 else found.inputs[12, 0]
    assert not short[100:].any()
    np.testing.assert_allclose(short[:100], tone(5, 100), atol=1e-4)
    notes = " ".join(found.report.all_notes())
    for words in ("is stereo", "another rate than 4,000 Hz", "is longer than 0.064 s", "silence follows"):
        assert words in notes
    assert found.report.left_out()[0]["why"] == "a sound of a kind that cannot be read here: .mp3"


def test_sets_in_the_names_of_folders_are_kept_and_come_last(tmp_path: Path) -> None:
    files = {
        f"{part}/{name}/{n}.wav": wav(tone(3 + n))
        for part, count in (("train", 4), ("test", 2))
        for name in ("a", "bb")
        for n in range(count)
    }
    found = gathered(upload(tmp_path, files), FORM)
    assert (found.tested, len(found.labels)) == (4, 12)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a/x.wav": b"ID3\x04" + bytes(60)}, "a/x.wav: an MP3 file"),
        (
            {"a/x.mp3": b"ID3"},
            "no sounds in the ZIP (a/x.mp3: a sound of a kind that cannot be read here: .mp3)",
        ),
        ({"x.wav": wav(tone(3))}, "x.wav: in no folder; expected a folder of sounds for each class"),
        ({"a/x.wav": wav(tone(3)), "a/y.wav": wav(tone(4))}, "one class, 'a'; expected 2"),
    ],
)
def test_a_zip_that_gives_no_classes_of_sounds_is_refused(
    tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    with pytest.raises(DataError) as caught:
        gathered(upload(tmp_path, files), FORM)
    assert words in str(caught.value)


def test_a_file_that_is_no_zip_is_refused_by_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(wav(tone(3)))
    with pytest.raises(DataError, match="one WAV file; expected a ZIP with a folder of sounds"):
        gathered(tmp_path / "one", FORM)


def test_loudness_is_kept_unless_asked_for(tmp_path: Path) -> None:
    path = upload(tmp_path, folders())
    assert np.abs(gathered(path, FORM).inputs).max() < 0.51
    even = gathered(path, SoundForm(4000, 256, "even")).inputs
    np.testing.assert_allclose(np.abs(even).max(axis=(1, 2)), 1)


# The data sets ----------------------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Blobs, dict[str, object]]:
    """Blobs of twelve sounds, and the options of a data set of them."""
    found = gathered(upload(tmp_path, folders()), FORM)
    digest = "ab" + 62 * "0"
    (tmp_path / "blobs" / "ab").mkdir(parents=True)
    found.write(tmp_path / "blobs" / "ab" / digest)
    options = {"blob": f"sha256:{digest}", "names": found.names, "samples": 12, "length": 256, "rate": 4000}
    return Blobs(tmp_path / "blobs"), options


def test_own_sounds_are_read_as_waves_and_as_spectrograms_with_the_sound_of_each(
    stored: tuple[Blobs, dict[str, object]],
) -> None:
    blobs, options = stored
    sounds = load(OwnSounds.model_validate({"kind": "own_sounds", **options}), 0, blobs=blobs)
    seen = load(
        OwnSpectrograms.model_validate({"kind": "own_spectrograms", "window": 64, **options}), 0, blobs=blobs
    )
    assert sounds.train.raw.shape[1:] == (1, 256)
    heard = seen.train.source
    assert heard is not None
    assert torch.equal(heard, sounds.train.raw)
    assert torch.equal(seen.train.raw, spectrograms((heard, seen.train.targets), 64)[0])
    script = safetensors.torch.load(OwnSounds.model_validate({"kind": "own_sounds", **options}).stored(blobs))
    assert script["inputs"].shape == (12, 1, 256)


def test_options_that_differ_from_the_blob_are_told_at_their_place(
    stored: tuple[Blobs, dict[str, object]],
) -> None:
    blobs, options = stored
    wrong = OwnSounds.model_validate({"kind": "own_sounds", **options, "rate": 8000})
    assert wrong.check(blobs) == ("/rate", "8000; the blob has 4000")
    assert OwnSounds().check(blobs) == ("/blob", "no sounds yet; expected some to be uploaded first")


def test_a_blob_that_is_no_set_of_sounds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    text = b'{"inputs":{"dtype":"F32","shape":[9000000,1,64],"data_offsets":[0,9]}}'
    for content in (
        b"",
        b"\xff" * 50,
        (10**9).to_bytes(8, "little") + b"{}",
        len(text).to_bytes(8, "little") + text,
        safetensors.torch.save({"inputs": torch.zeros(3, 1, 64), "targets": torch.zeros(3)}),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match="holds no sounds"):
            SampleSet.read(path, "sounds")


def test_an_experiment_on_own_sounds_is_planned_before_they_are_there() -> None:
    Experiment.parse(
        {
            "data": {"kind": "own_sounds"},
            "network": [{"kind": "conv1d"}, {"kind": "flatten"}, {"kind": "linear", "units": None}],
        }
    )
