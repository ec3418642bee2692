"""Own pictures with masks: paired by name, cut alike, and refused where a value or a size is wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from glassnet.engine.data.load import load
from glassnet.engine.errors import DataError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.image_import import Collection
from glassnet.engine.files.image_import.blob import PictureSet, preview
from glassnet.engine.items.datasets.uploads import OwnImages, OwnMasks
from tests.engine.uploads import left, png, read, zipped

RANDOM = np.random.default_rng(0)


def masked(count: int = 12, tall: int = 20, wide: int = 20) -> dict[str, bytes]:
    """Pictures that are dark with a light square, and masks in which the square is 1."""
    files = {}
    for number in range(count):
        mask = np.zeros((tall, wide), np.uint8)
        mask[4 + number % 4 : 12, 5:14] = 1
        files[f"own/images/{number}.png"] = png(np.repeat((40 + 160 * mask)[..., None], 3, axis=2))
        files[f"own/masks/{number}.png"] = png(mask)
    return files


def found(tmp_path: Path, files: dict[str, bytes], size: int = 20, **options: Any) -> Collection:
    return read(zipped(tmp_path / "a.zip", files.items()), size, targets="masks", **options)


def palette(mask: np.ndarray) -> bytes:
    """A PNG with a palette of colours, whose indices are the classes."""
    image = Image.fromarray(mask)
    image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0] + [224] * 759)
    from io import BytesIO

    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_masks_come_with_their_pictures(tmp_path: Path) -> None:
    made = found(tmp_path, masked())
    assert (made.names, made.counts(), made.targets) == (["0", "1"], [12, 12], "masks")
    light = made.images[:, 0] > 100
    assert np.array_equal(made.labels == 1, light), "unchanged in size, a mask is where its picture is light"
    assert made.report.all_notes() == []


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_mask_is_cut_and_stretched_as_its_picture(tmp_path: Path, fit: str) -> None:
    made = found(tmp_path, masked(tall=24, wide=40), 16, fit=fit)
    inside = made.labels != 255
    light = made.images[:, 0] > 110
    assert (light == (made.labels == 1))[inside].mean() > 0.93, "but for the smooth edge of the picture"
    assert inside.all() == (fit != "pad"), "bars have no class"
    if fit == "crop":  # by hand: the middle 24 of 40 columns, and of each the nearest of 16
        mask = np.zeros((24, 40), np.uint8)
        mask[4:12, 5:14] = 1
        nearest = ((np.arange(16) + 0.5) * 24 / 16).astype(int)
        assert np.array_equal(made.labels[0], mask[nearest][:, 8 + nearest])


def test_dark_masks_stay_what_they_are_and_palettes_are_read_by_index(tmp_path: Path) -> None:
    """Pictures of few values are brightened; the values of a mask are classes."""
    files = masked()
    for number in range(12):
        mask = np.zeros((20, 20), np.uint8)
        mask[:5], mask[5:9], mask[9] = 1, 2, 255
        files[f"own/masks/{number}.png"] = palette(mask)
    made = found(tmp_path, {**files, "own/classes.txt": b"ground\ncat\ndog\nbird\n"})
    assert made.names == ["ground", "cat", "dog", "bird"]
    assert made.labels[0, :, 0].tolist() == [1] * 5 + [2] * 4 + [255] + [0] * 10
    assert made.counts() == [12, 12, 12, 0]
    assert made.report.all_notes() == ["no pixel of bird"]


def test_black_and_white_masks_have_two_classes_and_gaps_are_told(tmp_path: Path) -> None:
    files = masked()
    for number in range(12):
        files[f"own/masks/{number}.png"] = png(np.eye(20, dtype=np.uint8) * 255)
    made = found(tmp_path, files)
    assert (made.names, set(np.unique(made.labels))) == (["ground", "object"], {0, 1})
    assert "0 and 255 alone" in made.report.all_notes()[0]
    files["own/masks/3.png"] = png(np.eye(20, dtype=np.uint8) * 7)
    made = found(tmp_path, files)
    assert (made.names, set(np.unique(made.labels))) == (["0", "7"], {0, 1, 255})
    assert "the values 0, 7 of the masks are the classes" in made.report.all_notes()[0]


def test_masks_are_found_by_suffix_and_sets_by_folder(tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    for number, (name, content) in enumerate(masked(16).items()):
        role = "train" if number < 24 else "val"
        stem = name.rpartition("/")[2].removesuffix(".png")
        files[f"{role}/{stem}{'_mask' if 'masks' in name else ''}.png"] = content
    made = found(tmp_path, files)
    assert (len(made.images), made.validated, made.tested) == (16, 0, 4)
    assert left(found(tmp_path, {**files, "read me.txt": b"words"})) == {"no picture": 1}


_SMALL = png(np.zeros((10, 20), np.uint8))
_DEEP = np.zeros((20, 20), np.uint16)
_DEEP[3, 7] = 300


def _deep() -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    Image.fromarray(_DEEP).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("own/masks/2.png", _SMALL, r"own/masks/2.png: 20×10 pixels, and own/images/2.png has 20×20"),
        ("own/masks/2.png", _deep(), r"own/masks/2.png: the pixel at 7, 3 is 300; expected a class"),
        ("own/masks/2.png", png((200, 30, 30)), r"own/masks/2.png: the pixel at 0, 0 is coloured, \(200, 30"),
        ("own/masks/2.png", png(np.zeros((20, 20), np.uint8), kind="JPEG"), "own/masks/2.png: a JPEG"),
        ("own/masks/2.png", b"no picture", "own/masks/2.png: no picture that can be read"),
        ("own/masks/2.png", None, r"own/images/2.png: no mask of this name"),
        ("own/images/2.png", None, r"own/masks/2.png: no picture of this name"),
        ("own/images/2.jpg", png(), r"own/images/2.png and own/images/2.jpg: two pictures of one name"),
        (
            "own/classes.txt",
            b"ground",
            r"own/masks/0.png: the pixel at 5, 4 is 1; expected 0 to 0, one of the named",
        ),
        ("own/classes.txt", b"a\na", "the class 'a' is named twice"),
    ],
)
def test_what_is_wrong_with_a_mask_is_said_at_the_place(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    files = masked() | ({} if content is None else {name: content})
    if content is None:
        del files[name]
    with pytest.raises(DataError, match=words):
        found(tmp_path, files)


def test_pictures_without_any_masks_say_what_is_expected(tmp_path: Path) -> None:
    files = {f"a/{number}.png": png() for number in range(12)}
    with pytest.raises(DataError, match="no masks in the ZIP; expected pictures in a folder 'images'"):
        found(tmp_path, files)
    with pytest.raises(DataError, match="the value 0 in all masks; expected two classes"):
        found(
            tmp_path,
            {n: png(np.zeros((20, 20), np.uint8)) if "masks" in n else c for n, c in masked().items()},
        )


# The data set ----------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> tuple[OwnMasks, Blobs, Collection]:
    made = found(tmp_path, masked(40), 16)
    content = made.packed()
    digest = hashlib.sha256(content).hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / digest).write_bytes(content)
    told = {"names": made.names, "size": 16, "pictures": 40, "blob": f"sha256:{digest}"}
    return OwnMasks.model_validate(told), Blobs(tmp_path), made


def test_own_masks_are_trained_on_and_exported(kept: tuple[OwnMasks, Blobs, Collection]) -> None:
    dataset, blobs, made = kept
    data = load(dataset, 3, blobs=blobs)
    assert (data.train.targets.dtype, len(data.train.targets)) == (torch.uint8, 32)
    document = {
        "data": dataset.model_dump(mode="json"),
        "task": {"kind": "segmentation"},
        "network": [{"kind": "conv2d", "name": "output", "filters": None, "padding": "same"}],
    }
    _, files = script(Experiment.parse(document), blobs)
    stored = safetensors.torch.load(files["own_masks.safetensors"])
    assert torch.equal(stored["inputs"], torch.from_numpy(made.images))
    assert torch.equal(stored["targets"], torch.from_numpy(made.labels))


def test_a_blob_of_masks_is_described_shown_and_not_taken_for_classes(
    kept: tuple[OwnMasks, Blobs, Collection],
) -> None:
    dataset, blobs, made = kept
    path = blobs.path(dataset.blob)
    described = PictureSet.read(path)
    assert (described.targets, described.counts) == ("masks", made.counts())
    assert preview(path, 3).startswith(b"\x89PNG")
    other = OwnImages.model_validate(dataset.model_dump(include={"blob", "names", "size", "pictures"}))
    assert other.check(blobs) == ("/blob", "pictures with masks; expected pictures with labels")
