"""Augmentations against scipy, Pillow and their formulas; what chance chose is found again from its draws."""

from __future__ import annotations

import colorsys
import math
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from scipy import ndimage
from torch import Tensor

from glassnet.engine.catalog import catalog
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.augmentations.geometry import affine, warped
from glassnet.engine.items.augmentations.light import luma
from glassnet.engine.probes.augmentation_strip import AugmentationStrip
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, mlp, same

KINDS = list(catalog(Augmentation))


def pictures(count: int = 6, channels: int = 3, height: int = 24, width: int = 30) -> Tensor:
    """Smooth enough that readings between pixels agree however they are done."""
    random = torch.Generator().manual_seed(5)
    coarse = torch.rand(count, channels, 6, 7, generator=random)
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)


def changed(kind: str, shown: Tensor, seed: int = 0, **options: Any) -> Tensor:
    item = catalog(Augmentation)[kind].model_validate({"kind": kind, **options})
    made: Tensor = item.call().build(pictures=shown, generator=torch.Generator().manual_seed(seed))
    return made


def lots(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


# Of all -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_changed_by_its_own_lot_and_the_same_lot_twice(kind: str) -> None:
    same_picture = pictures(1).repeat(16, 1, 1, 1)
    once, again = changed(kind, same_picture), changed(kind, same_picture)
    assert torch.equal(once, again)
    assert once.shape == same_picture.shape
    assert once.dtype == same_picture.dtype
    assert len({picture.numpy().tobytes() for picture in once}) > 1
    assert torch.isfinite(once).all()


@pytest.mark.parametrize(
    "kind", [k for k in KINDS if k not in ("colour_jitter", "colour_filter", "greyscale")]
)
def test_grey_pictures_of_any_form_can_be_changed(kind: str) -> None:
    assert changed(kind, pictures(3, 1, 8, 13)).shape == (3, 1, 8, 13)


# Geometry ---------------------------------------------------------------------------------------------------


def test_flips_are_mirrors_of_half_the_pictures() -> None:
    shown = pictures(40)
    found = changed("flip", shown, direction="both")
    across, down = lots(2, 40, 1, 1, 1) < 0.5
    for index in range(40):
        expected = shown[index].flip(2) if across[index] else shown[index]
        expected = expected.flip(1) if down[index] else expected
        assert torch.equal(found[index], expected)


def by_scipy(picture: Tensor, matrix: list[list[float]], offset: list[float], mode: str) -> np.ndarray:
    """Each output pixel (row, column) read at matrix · (row, column) + offset."""
    return np.stack(
        [
            ndimage.affine_transform(plane.double().numpy(), matrix, offset, order=1, mode=mode)
            for plane in picture
        ]
    )


MODES = {"black": "grid-constant", "edge": "nearest", "mirror": "reflect"}


@pytest.mark.parametrize("outside", MODES)
def test_turning_is_scipys_affine_transform(outside: str) -> None:
    shown = pictures()
    found = changed("rotate", shown, angle=40.0, outside=outside)
    angles = torch.deg2rad(40 * (2 * lots(6) - 1)).tolist()
    middle = np.array([11.5, 14.5])
    for picture, turned, angle in zip(shown, found, angles, strict=True):
        cosine, sine = math.cos(angle), math.sin(angle)
        matrix = np.array([[cosine, -sine], [sine, cosine]])
        expected = by_scipy(picture, matrix.tolist(), list(middle - matrix @ middle), MODES[outside])
        np.testing.assert_allclose(turned.numpy(), expected, atol=2e-4)


@pytest.mark.parametrize("outside", MODES)
def test_moving_is_scipys_shift(outside: str) -> None:
    shown = pictures()
    found = changed("shift", shown, share=0.3, outside=outside)
    generator = torch.Generator().manual_seed(0)
    across = 30 * 0.3 * (2 * torch.rand(6, generator=generator) - 1)
    down = 24 * 0.3 * (2 * torch.rand(6, generator=generator) - 1)
    for picture, moved, right, below in zip(shown, found, across, down, strict=True):
        expected = [
            ndimage.shift(plane.double().numpy(), (below, right), order=1, mode=MODES[outside])
            for plane in picture
        ]
        np.testing.assert_allclose(moved.numpy(), np.stack(expected), atol=2e-4)


def test_scaling_and_cropping_are_readings_about_a_centre() -> None:
    shown = pictures()
    scaled = changed("scale", shown, factor=2.0)
    middle = np.array([11.5, 14.5])
    for picture, found, lot in zip(shown, scaled, lots(6).tolist(), strict=True):
        step = 2 ** -(2 * lot - 1)
        expected = by_scipy(picture, [[step, 0], [0, step]], list(middle * (1 - step)), "nearest")
        np.testing.assert_allclose(found.numpy(), expected, atol=2e-4)
    cropped = changed("crop", shown, least=0.5)
    drawn = lots(3, 6)
    for index, picture in enumerate(shown):
        side = 0.5 + 0.5 * float(drawn[0, index])
        left = (1 - side) * 30 * float(drawn[1, index])
        top = (1 - side) * 24 * float(drawn[2, index])
        # Pixel centres are at halves: (i + 0.5) · side + top is where the middle of pixel i is read.
        offset = [0.5 * side + top - 0.5, 0.5 * side + left - 0.5]
        expected = by_scipy(picture, [[side, 0], [0, side]], offset, "nearest")
        np.testing.assert_allclose(cropped[index].numpy(), expected, atol=2e-4)


def test_an_affine_map_that_changes_nothing_changes_nothing() -> None:
    shown = pictures()
    one, zero = torch.ones(6), torch.zeros(6)
    torch.testing.assert_close(
        warped(shown, affine([one, zero, zero, zero, one, zero]), "black"), shown, atol=1e-5, rtol=0
    )


# Light ------------------------------------------------------------------------------------------------------


def test_contrast_is_pillows() -> None:
    shown = pictures()
    found = changed("contrast", shown, amount=0.6).clamp(0, 1)
    for picture, made, lot in zip(shown, found, lots(6).tolist(), strict=True):
        image = Image.fromarray((picture.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
        expected = np.asarray(ImageEnhance.Contrast(image).enhance(1 + 0.6 * (2 * lot - 1)))
        np.testing.assert_allclose(made.permute(1, 2, 0).numpy() * 255, expected, atol=2.5)


def test_sharpness_is_pillows_within_the_border() -> None:
    shown = pictures()
    found = changed("sharpness", shown, amount=1.0).clamp(0, 1)
    for picture, made, lot in zip(shown, found, lots(6).tolist(), strict=True):
        image = Image.fromarray((picture.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
        expected = np.asarray(ImageEnhance.Sharpness(image).enhance(2 * lot))
        difference = np.abs(made.permute(1, 2, 0).numpy() * 255 - expected)[1:-1, 1:-1]
        assert difference.max() < 3


def test_saturation_is_pillows_colour() -> None:
    """Without a turn of the hue, colours move along the line to their luma."""
    shown = pictures()
    found = changed("colour_jitter", shown, saturation=1.0, hue=0.0).clamp(0, 1)
    factors = 2 * lots(2, 6)[0]
    for picture, made, factor in zip(shown, found, factors.tolist(), strict=True):
        image = Image.fromarray((picture.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
        expected = np.asarray(ImageEnhance.Color(image).enhance(factor))
        np.testing.assert_allclose(made.permute(1, 2, 0).numpy() * 255, expected, atol=3)


def test_turning_hues_is_that_of_yiq_and_keeps_luma() -> None:
    shown = 0.4 + 0.2 * pictures()
    found = changed("colour_jitter", shown, saturation=0.0, hue=60.0)
    torch.testing.assert_close(luma(found), luma(shown), atol=1e-5, rtol=0)
    turns = 60 * (2 * lots(2, 6)[1] - 1)
    for picture, made, turn in zip(shown, found, turns.tolist(), strict=True):
        for row, column in ((0, 0), (5, 9), (20, 3)):
            before = complex(*colorsys.rgb_to_yiq(*picture[:, row, column].tolist())[1:])
            after = complex(*colorsys.rgb_to_yiq(*made[:, row, column].tolist())[1:])
            expected = before * complex(math.cos(math.radians(turn)), math.sin(math.radians(turn)))
            assert abs(after - expected) < 0.01


def test_brightness_filters_and_greys_are_their_formulas() -> None:
    shown = pictures()
    expected = shown + 0.3 * (2 * lots(6, 1, 1, 1) - 1)
    torch.testing.assert_close(changed("brightness", shown, amount=0.3), expected)
    torch.testing.assert_close(
        changed("colour_filter", shown, strength=0.5), shown * (1 - 0.5 * lots(6, 3, 1, 1))
    )
    grey = changed("greyscale", shown, share=0.5)
    for picture, made, lot in zip(shown, grey, lots(6).tolist(), strict=True):
        image = Image.fromarray((picture.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
        if lot < 0.5:
            np.testing.assert_allclose(made[1].numpy() * 255, np.asarray(image.convert("L")), atol=1.6)
        else:
            assert torch.equal(made, picture)


# Detail -----------------------------------------------------------------------------------------------------


def test_blurring_is_scipys_gaussian_filter() -> None:
    shown = pictures()
    found = changed("blur", shown, width=2.0)
    deviations = 2 * lots(6, 1)[:, 0]
    for picture, made, deviation in zip(shown, found, deviations.tolist(), strict=True):
        expected = ndimage.gaussian_filter(
            picture.double().numpy(), (0, deviation, deviation), mode="nearest", radius=(0, 6, 6)
        )
        np.testing.assert_allclose(made.numpy(), expected, atol=1e-4)


def test_blurring_by_next_to_nothing_changes_nothing() -> None:
    pictures = torch.rand(4, 3, 6, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(changed("blur", pictures, width=1e-22), pictures)


def test_noise_has_the_deviation_asked_for() -> None:
    shown = torch.full((20, 3, 32, 32), 0.5)
    found = changed("pixel_noise", shown, deviation=0.1) - shown
    assert float(found.std()) == pytest.approx(0.1, rel=0.02)
    assert abs(float(found.mean())) < 0.002


def test_a_cutout_is_one_square_of_the_mean_colour() -> None:
    shown = pictures(8, 3, 40, 40)
    found = changed("cutout", shown, side=0.25)
    for picture, made in zip(shown, found, strict=True):
        differs = (picture != made).any(dim=0)
        rows, columns = differs.any(dim=1).nonzero(), differs.any(dim=0).nonzero()
        assert 1 <= len(rows) <= 10
        assert 1 <= len(columns) <= 10
        covered = made[:, differs]
        torch.testing.assert_close(covered, picture.mean(dim=(1, 2))[:, None].expand_as(covered))


# The strip --------------------------------------------------------------------------------------------------


def augmented(**data: Any) -> Trainer:
    document: Document = {
        "data": {"kind": "shapes", "samples": 60, "size": 28, **data},
        "network": [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}],
    }
    return Trainer(Experiment.parse(document))


def test_the_strip_shows_what_chance_makes_and_moves_no_training() -> None:
    watched, other = augmented(augmentations=[{"kind": "flip"}]), augmented(augmentations=[{"kind": "flip"}])
    look = AugmentationStrip(pictures=2, variants=8).prepare(watched)
    first, second = look(), look()
    for _ in range(3):
        watched.step()
        other.step()
        look()
    assert same(watched.state(), other.state())
    original, made = first["original"], first["changed"]
    assert torch.equal(original, watched.data.train.raw[:2])
    assert made.shape == (2, 8, 3, 28, 28)
    for picture, variants in zip(original, made, strict=True):
        kinds = {variant.numpy().tobytes() for variant in variants}
        assert kinds == {picture.numpy().tobytes(), picture.flip(2).numpy().tobytes()}
    assert not torch.equal(made, second["changed"])


def test_the_strip_has_nothing_to_show_where_nothing_changes() -> None:
    for trainer in (augmented(), Trainer(mlp(2))):
        with pytest.raises(ValueError, match="expected augmentations"):
            AugmentationStrip().prepare(trainer)
