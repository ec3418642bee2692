"""Chosen inputs and what is said of them: as the network itself says it, whatever the file is."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import sklearn.datasets
import torch
from PIL import Image

from glassnet.engine.data.inputs.picture import Photograph, PictureInput
from glassnet.engine.data.inputs.pixels import PixelsInput
from glassnet.engine.data.inputs.values import ValuesInput
from glassnet.engine.errors import DataError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.images import decoded
from glassnet.engine.probes.prediction import Prediction
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, cnn, mlp


def shapes(**options: Any) -> Trainer:
    document: Document = {
        "data": {"kind": "shapes", "samples": 60, "size": 28, **options},
        "network": [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}],
    }
    return Trainer(Experiment.parse(document))


def coded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def pixels_of(content: bytes, channels: int, size: tuple[int, int], *fit: Any) -> torch.Tensor:
    return torch.from_numpy(decoded(content, channels, size, *fit))


def colours(height: int = 40, width: int = 30) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


# What is said ----------------------------------------------------------------------------------------------


def test_a_drawn_digit_gets_the_shares_that_the_network_gives_it() -> None:
    trainer = Trainer(cnn())
    look = Prediction(input=ValuesInput(values=[float(n % 17) for n in range(64)])).prepare(trainer)
    for _ in range(30):
        trainer.step()
    arrays = look()
    raw = torch.tensor([float(n % 17) for n in range(64)]).view(1, 1, 8, 8)
    with torch.no_grad():
        expected = torch.softmax(trainer.evaluation_network(trainer.data.transform(raw))["output"], dim=1)[0]
    torch.testing.assert_close(arrays["answer"], expected)
    assert arrays["sample.range"].tolist() == [0, 16]
    torch.testing.assert_close(arrays["sample"].float() * 16 / 255, raw[0], atol=16 / 509, rtol=0)
    assert "target" not in arrays


def test_a_sample_of_the_test_set_comes_with_its_class() -> None:
    trainer = shapes()
    arrays = Prediction().prepare(trainer)()
    assert arrays["target"].tolist() == [int(trainer.data.test.targets[0])]
    assert torch.equal(arrays["sample"], trainer.data.test.raw[0])


def test_values_are_said_in_the_units_of_the_data() -> None:
    task: Document = {"kind": "regression", "losses": [{"kind": "mse"}]}
    trainer = Trainer(mlp(4, data={"kind": "diabetes"}, task=task, batch_size=32))
    for _ in range(50):
        trainer.step()
    answer = Prediction().prepare(trainer)()["answer"]
    values = trainer.data.value_scaling
    assert values.shift is not None
    assert values.scale is not None
    with torch.no_grad():
        output = trainer.evaluation_network(trainer.data.test.inputs[:1])["output"]
    assert answer.item() == pytest.approx((output * values.scale + values.shift).item(), rel=1e-5)
    assert 25 < answer.item() < 346


# Pictures --------------------------------------------------------------------------------------------------


def test_a_picture_of_the_right_size_comes_through_unchanged() -> None:
    pixels = colours(28, 28)
    found = pixels_of(coded(Image.fromarray(pixels)), 3, (28, 28))
    assert torch.equal(found.permute(1, 2, 0), torch.from_numpy(pixels))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_becomes_grey_or_colour_of_eight_bits(mode: str, channels: int) -> None:
    """A picture of one grey is that grey in every mode that can say it."""
    grey = 204  # among the colours of Pillow's standard palette
    image = Image.new("L", (20, 10), grey)
    if mode == "I;16":
        image = Image.fromarray(np.full((10, 20), grey * 257, np.uint16))
    else:
        image = image.convert("RGB").convert(mode) if mode != "1" else Image.new("1", (20, 10), 1)
    found = pixels_of(coded(image, "TIFF"), channels, (10, 20))
    expected = 255 if mode == "1" else grey
    assert found.shape == (channels, 10, 20)
    assert found.dtype == torch.uint8
    assert int((found.int() - expected).abs().max()) <= 2


def test_what_is_transparent_shows_white() -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.putpixel((1, 2), (10, 20, 30, 255))
    found = pixels_of(coded(image), 3, (4, 4))
    assert found[:, 2, 1].tolist() == [10, 20, 30]
    assert found[:, 0, 0].tolist() == [255, 255, 255]


def test_what_a_camera_turned_is_turned_back() -> None:
    pixels = colours(8, 16)
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the scene is on the right
    found = pixels_of(coded(Image.fromarray(pixels), exif=exif), 3, (16, 8))
    expected = np.rot90(pixels, -1).copy()
    assert torch.equal(found.permute(1, 2, 0), torch.from_numpy(expected))


def test_fitting_cuts_pads_or_stretches() -> None:
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 10:30] = 255
    image = coded(Image.fromarray(pixels))
    assert int(pixels_of(image, 1, (20, 20), "crop").min()) == 255
    assert pixels_of(image, 1, (20, 20), "pad")[0, 0].tolist() == [0] * 20
    stretched = pixels_of(image, 1, (20, 20), "stretch")[0, 10].double() / 255
    assert float(stretched.mean()) == pytest.approx(0.5, abs=0.01)


def test_shrinking_averages_and_does_not_skip() -> None:
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    found = pixels_of(coded(Image.fromarray(checks.astype(np.uint8))), 1, (8, 8))
    assert int((found.int() - 127).abs().max()) <= 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no picture"),
        (b"hello" * 100, "no picture"),
        (coded(Image.fromarray(colours(400, 400)))[:5000], "damaged"),
        (coded(Image.fromarray(colours(400, 400)), "JPEG")[:5000], "damaged"),
        (coded(Image.fromarray(np.zeros((4, 4), np.float32)), "TIFF"), "floating-point"),
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "floats"],
)
def test_what_cannot_be_read_is_refused_with_words(content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        decoded(content, 3, (28, 28))


def test_a_picture_too_large_is_refused_by_its_header() -> None:
    """100,000 × 100,000 pixels announced by a file of a few bytes."""
    header = b"P6\n100000 100000\n255\n" + bytes(100)
    with pytest.raises(DataError, match=r"100,000×100,000|exceeds limit"):
        decoded(header, 3, (28, 28))


def test_an_uploaded_picture_is_an_input(tmp_path: Path) -> None:
    content = coded(Image.fromarray(colours(28, 28)))
    digest = hashlib.sha256(content).hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / digest).write_bytes(content)
    trainer = shapes()
    raw = PictureInput(blob=f"sha256:{digest}").raw(trainer.data, Blobs(tmp_path))
    assert torch.equal(raw[0].permute(1, 2, 0), torch.from_numpy(colours(28, 28)).float())
    dark = PictureInput(blob=f"sha256:{digest}", invert=True).raw(trainer.data, Blobs(tmp_path))
    assert torch.equal(raw + dark, torch.full_like(raw, 255))
    with pytest.raises(ValueError, match="is absent"):
        PictureInput().raw(trainer.data, Blobs(tmp_path))
    with pytest.raises(ValueError, match="whose samples are none"):
        PictureInput(blob=f"sha256:{digest}").raw(Trainer(mlp(2)).data, Blobs(tmp_path))


@pytest.mark.parametrize("name", ["china", "flower"])
def test_photographs_are_scikit_learns(name: Literal["china", "flower"]) -> None:
    trainer = shapes(size=64)
    raw = Photograph(name=name, fit="stretch").raw(trainer.data, Blobs())
    image = Image.fromarray(sklearn.datasets.load_sample_image(f"{name}.jpg"))
    expected = np.asarray(image.resize((64, 64), Image.Resampling.LANCZOS), np.float32)
    assert float((raw[0].permute(1, 2, 0) - torch.from_numpy(expected)).abs().mean()) < 4


def test_a_photograph_of_digits_has_their_range() -> None:
    trainer = Trainer(cnn())
    raw = Photograph().raw(trainer.data, Blobs())
    assert raw.shape == (1, 1, 8, 8)
    assert 0 <= float(raw.min()) < float(raw.max()) <= 16


def test_drawn_pixels_have_the_range_of_the_data() -> None:
    drawn = bytes(range(0, 256, 4))
    trainer = Trainer(cnn())
    raw = PixelsInput(pixels=base64.b64encode(drawn).decode()).raw(trainer.data, Blobs())
    expected = torch.tensor(list(drawn), dtype=torch.float32).view(1, 1, 8, 8) * 16 / 255
    torch.testing.assert_close(raw, expected)
    with pytest.raises(ValueError, match="3 bytes for a picture of 'digits'; expected 64"):
        PixelsInput(pixels="AAAA").raw(trainer.data, Blobs())
    with pytest.raises(ValueError, match="no base64"):
        PixelsInput(pixels="A?A=").raw(trainer.data, Blobs())
    with pytest.raises(ValueError, match="expected values"):
        PixelsInput().raw(Trainer(mlp(2)).data, Blobs())
