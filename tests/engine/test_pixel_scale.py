"""The scale of pixels is guessed from all of them, said, and can be told; pictures keep what they show."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glassnet.engine.errors import DataError
from glassnet.engine.files.images import decoded
from glassnet.engine.files.pixel_scale import Range, Scale
from tests.engine.uploads import grey16, png, read, zipped

RANDOM = np.random.default_rng(0)
SHARES = np.clip(RANDOM.uniform(0, 1, (40, 16, 16)), 0, 1)
SHARES[1, 0, :2] = (0, 1)
LABELS = np.arange(40) % 2


def one(value: float) -> np.ndarray:
    changed = SHARES.copy()
    changed[0, 0, 0] = value
    return changed


@pytest.mark.parametrize(
    ("images", "scale"),
    [
        (SHARES, "0..1"),
        (one(1.0000001), "0..1"),
        (one(1.02), "0..1"),
        (one(-1e-7), "0..1"),
        (one(37.0), "0..1"),
        (SHARES.astype(np.float16), "0..1"),
        (SHARES * 2 - 1, "-1..1"),
        ((SHARES > 0.5).astype(np.int64), "0..1"),
        ((SHARES > 0.5).astype(np.uint8), "0..1"),
        ((SHARES > 0.5).astype(np.float32), "0..1"),
        (np.round(SHARES * 16), "0..16"),
        (SHARES * 16, "0..16"),
        (np.round(SHARES * 15).astype(np.uint8), "0..15"),
        (np.round(SHARES * 255), "0..255"),
        (SHARES * 255 + 0.3, "0..255"),
        (np.round(SHARES * 255).astype(np.int16), "0..255"),
        (np.round(SHARES * 1023).astype(np.uint16), "0..1023"),
        ((SHARES * 4095).astype(np.uint16), "0..4095"),
        ((SHARES * 65535).astype(np.uint16), "0..65535"),
    ],
)
def test_a_scale_is_guessed_and_what_the_pictures_show_is_kept(
    images: np.ndarray, scale: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", images=images, labels=LABELS)
    found = read(tmp_path / "a.npz", 16, 1)
    told = found.report.scale
    assert told is not None
    assert (told["used"], told["guessed"]) == (scale, True)
    low, high = (float(side) for side in scale.split(".."))
    expected = np.clip((images.astype(np.float64) - low) / (high - low) * 255, 0, 255)
    np.testing.assert_allclose(found.images[:, 0], expected, atol=0.6)
    assert (told["clipped_share"] > 0) == bool(((images < low) | (images > high)).any())


def test_bytes_are_what_they_are_and_a_scale_can_be_told(tmp_path: Path) -> None:
    images = (SHARES * 4095).astype(np.uint16)
    np.savez(tmp_path / "a.npz", images=images, labels=LABELS)
    np.savez(tmp_path / "bytes.npz", images=(images // 16).astype(np.uint8), labels=LABELS)
    assert read(tmp_path / "bytes.npz").report.scale is None
    dark = read(tmp_path / "a.npz", 16, 1, scale="0..65535")
    assert dark.images.max() == 16
    spread = read(tmp_path / "a.npz", 16, 1, scale="min..max")
    assert (spread.images.min(), spread.images.max()) == (0, 255)
    assert spread.report.scale is not None
    assert not spread.report.scale["guessed"]


@pytest.mark.parametrize("text", ["0..0", "5..1", "wide", "1..", "nan..1"])
def test_a_scale_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="scale"):
        Scale.parsed(text, Range.of(SHARES))


def test_values_that_no_scale_fits_are_refused_with_the_way_out() -> None:
    for values in (SHARES * 5 - 2, SHARES * 1e6, np.full(4, -3)):
        with pytest.raises(DataError, match=r"min\.\.max"):
            Scale.guessed(Range.of(values))
    with pytest.raises(DataError, match="finite"):
        Range.of(np.array([0.0, np.nan]))


# Picture files ----------------------------------------------------------------------------------------------


def tiff(pixels: np.ndarray, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "TIFF", **options)
    return buffer.getvalue()


def folders(tmp_path: Path, files: list[bytes], **options: str) -> Any:
    named = [(f"{'ab'[n % 2]}/{n}.tif", content) for n, content in enumerate(files)]
    return read(zipped(tmp_path / "a.zip", named), 16, 1, **options)


@pytest.mark.parametrize(
    ("make", "scale"),
    [
        (lambda share: grey16((share * 4095).astype(np.uint16)), "0..4095"),
        (lambda share: grey16((share * 65535).astype(np.uint16)), "0..65535"),
        (lambda share: tiff((share * 255).astype(np.int32)), "0..255"),
        (lambda share: tiff(share.astype(np.float32)), "0..1"),
        (lambda share: png((share * 16).astype(np.uint8)), "0..16"),
        (lambda share: png((share > 0.5).astype(np.uint8)), "0..1"),
    ],
)
def test_files_of_many_bits_or_few_values_have_one_scale_together(
    make: Any, scale: str, tmp_path: Path
) -> None:
    dim = [SHARES[1] * (1 if n == 3 else 0.5) for n in range(12)]
    dim = [SHARES[1] if "1" in scale[3:4] and scale == "0..1" else share for share in dim]
    found = folders(tmp_path, [make(share) for share in dim])
    assert found.report.scale["used"] == scale
    place = int(np.flatnonzero(found.images.reshape(12, -1).max(axis=1) >= 250)[0])
    shown = found.images[place, 0].astype(float) / 255
    expected = (
        SHARES[1]
        if scale != "0..1" or found.images.max() < 255 or len(np.unique(shown)) > 2
        else SHARES[1] > 0.5
    )
    np.testing.assert_allclose(shown, expected, atol=0.07)


def test_dark_colours_and_black_pictures_are_what_they_are(tmp_path: Path) -> None:
    dark = folders(tmp_path, [png((n, 0, 1)) for n in range(12)])
    assert (dark.report.scale, dark.images.max()) == (None, 3)
    assert folders(tmp_path, [png(np.zeros((9, 9), np.uint8))] * 12).report.scale is None


def test_a_thin_picture_is_a_line_between_black_bars() -> None:
    for shape, across in (((500, 1), 1), ((1, 500), 0)):
        pixels = decoded(png(np.full((*shape, 3), 200, np.uint8)), 1, (16, 16), "pad")[0]
        assert pixels.max(axis=across).tolist() == [200] * 16
        assert (pixels > 0).sum() == 16


def test_32_bit_pictures_of_bytes_keep_their_values() -> None:
    deep = np.arange(256, dtype=np.int32).reshape(16, 16)
    np.testing.assert_array_equal(decoded(tiff(deep), 1, (16, 16))[0], deep)


def test_what_is_transparent_shows_white_in_every_mode() -> None:
    deep = (np.arange(256).reshape(16, 16) * 257).astype(np.uint16)
    deep[:8] = 0
    shown = decoded(grey16(deep, clear=0), 1, (16, 16))[0]
    assert shown[:8].min() == 255
    np.testing.assert_array_equal(shown[8:], deep[8:] // 257)
    for mode in ("LA", "RGBA"):
        buffer = io.BytesIO()
        Image.new("RGBA", (8, 8), (9, 9, 9, 0)).convert(mode).save(buffer, "PNG")
        assert decoded(buffer.getvalue(), 1, (8, 8)).min() == 255
    for mode, value in (("L", 7), ("P", 0), ("1", 0)):
        buffer = io.BytesIO()
        Image.new(mode, (8, 8), value).save(buffer, "PNG", transparency=value)
        assert decoded(buffer.getvalue(), 1, (8, 8)).min() == 255


def test_further_pictures_of_a_file_and_lost_content_are_said(tmp_path: Path) -> None:
    pages = io.BytesIO()
    first, *others = [Image.new("L", (8, 8), 60 * n) for n in range(3)]
    first.save(pages, "TIFF", save_all=True, append_images=others)
    white = np.zeros((16, 16, 4), np.uint8)
    white[..., :3], white[4:8, :, 3] = 255, 255
    found = folders(tmp_path, [pages.getvalue(), png(white), *[png((9, 99, 9))] * 10])
    assert found.report.all_notes() == [
        "'a/0.tif' holds several pictures, of which the first is read",
        "'b/1.tif' comes out in one colour, once it has this form over white",
    ]
