"""Own pictures with boxes: COCO's JSON and YOLO's text, moved as the picture is, refused at the place."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from glassnet.engine.data.load import load
from glassnet.engine.errors import DataError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.image_import import Collection
from glassnet.engine.files.image_import.blob import PictureSet, preview
from glassnet.engine.items.datasets.uploads import OwnBoxes
from tests.engine.forged import IMAGES
from tests.engine.uploads import left, png, read, zipped

COUNT, WIDE, TALL = 12, 40, 24


def boxes_of(number: int) -> list[list[float]]:
    """The boxes [x, y, width, height] of a picture; the last picture has none."""
    both: list[list[float]] = [[10 + number, 4, 8, 12], [2, 3, 5, 6]]
    return both[: 0 if number == COUNT - 1 else 1 + number % 2]


def pictures() -> dict[str, bytes]:
    """Dark pictures whose first box is light."""
    files = {}
    for number in range(COUNT):
        pixels = np.full((TALL, WIDE, 3), 30, np.uint8)
        for x, y, width, height in np.array(boxes_of(number)[:1], int).reshape(-1, 4):
            pixels[y : y + height, x : x + width] = 220
        files[f"images/{number}.png"] = png(pixels)
    return files


def coco() -> dict[str, Any]:
    """COCO's JSON of the pictures, with ids that have gaps."""
    annotations = [
        {"id": 100 + 2 * number + place, "image_id": 7 * number, "category_id": [90, 3][place], "bbox": box}
        for number in range(COUNT)
        for place, box in enumerate(boxes_of(number))
    ]
    return {
        "images": [
            {"id": 7 * number, "file_name": f"{number}.png", "width": WIDE, "height": TALL}
            for number in range(COUNT)
        ],
        "annotations": annotations,
        "categories": [{"id": 90, "name": "cup", "supercategory": "kitchen"}, {"id": 3, "name": "cat"}],
    }


def yolo() -> dict[str, bytes]:
    """YOLO's texts of the pictures; the last has none."""
    files = {}
    for number in range(COUNT - 1):
        lines = [
            f"{1 - place} {(x + w / 2) / WIDE:.6f} {(y + h / 2) / TALL:.6f} {w / WIDE:.6f} {h / TALL:.6f}"
            for place, (x, y, w, h) in enumerate(boxes_of(number))
        ]
        files[f"labels/{number}.txt"] = "\n".join(lines).encode()
    return files


def found(tmp_path: Path, files: dict[str, bytes], size: int = 20, **options: Any) -> Collection:
    return read(zipped(tmp_path / "a.zip", files.items()), size, targets="boxes", **options)


def with_coco(document: dict[str, Any]) -> dict[str, bytes]:
    return {**pictures(), "annotations/instances.json": json.dumps(document).encode()}


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_boxes_lie_where_their_objects_are_once_they_are_fitted(tmp_path: Path, fit: str) -> None:
    made = found(tmp_path, with_coco(coco()), 48, fit=fit)
    assert (made.names, len(made.labels)) == (["cat", "cup"], COUNT)
    for picture, boxes in zip(made.images, made.labels, strict=True):
        y, x = np.nonzero(picture[0] > 125)
        if not len(x):
            assert (boxes == -1).all() or boxes[0, 4] == 0
            continue
        light = next(box for box in boxes if box[4] == 1)
        assert np.allclose(light[:4], [x.min(), y.min(), x.max() + 1, y.max() + 1], atol=1.2)


def test_both_formats_say_the_same(tmp_path: Path) -> None:
    """By hand: of a box [12, 4, 8, 12] in 40×24, stretched to 20×20."""
    one = found(tmp_path, with_coco(coco()), fit="stretch")
    other = found(tmp_path, {**pictures(), **yolo(), "classes.txt": b"cat\ncup"}, fit="stretch")
    assert one.names == other.names
    assert np.allclose(one.labels, other.labels, atol=1e-4)
    assert np.allclose(one.labels[2, 0], [6, 4 * 20 / 24, 10, 16 * 20 / 24, 1])
    assert one.counts() == other.counts() == [5, 11]
    assert one.report.all_notes() == ["1 of the 12 pictures have no box"]


def test_what_is_cut_off_is_told(tmp_path: Path) -> None:
    """The middle 24 of 40 columns are cut out: what lies left of the eighth is lost."""
    made = found(tmp_path, with_coco(coco()))
    notes = " ".join(made.report.all_notes())
    assert "boxes outside the middle that is cut out, which are left out: 5" in notes
    assert "no box of cat" in notes
    tiny = coco()
    tiny["annotations"][0]["bbox"] = [10, 4, 0.5, 12]
    notes = " ".join(found(tmp_path, with_coco(tiny), 16, fit="pad").report.all_notes())
    assert "boxes less than a pixel wide or high at 16×16, which are left out: 1" in notes


def test_names_come_from_yaml_and_sets_from_folders(tmp_path: Path) -> None:
    files = {}
    for name, content in {**pictures(), **yolo()}.items():
        kind, _, file = name.partition("/")
        files[f"{kind}/{'val' if file[0] in '789' else 'train'}/{file}"] = content
    for text in (
        b"nc: 2\nnames: ['a cat', \"cup\"]  # two\n",
        b"names:\n  0: a cat\n  1: cup\n",
        b"names:\n- a cat\n- cup\nnc: 2",
    ):
        made = found(tmp_path, {**files, "data.yaml": text})
        assert (made.names, made.tested) == (["a cat", "cup"], 3)
    assert found(tmp_path, files).names == ["0", "1"]


def test_a_file_of_coco_for_each_set_and_crowds(tmp_path: Path) -> None:
    train, val = coco(), coco()
    train["images"], val["images"] = train["images"][:9], val["images"][9:]
    train["annotations"] = [each for each in train["annotations"] if each["image_id"] < 63]
    val["annotations"] = [each for each in val["annotations"] if each["image_id"] >= 63]
    val["categories"] = [{"id": 3, "name": "cat"}, {"id": 90, "name": "cup"}]
    train["annotations"].append({**train["annotations"][0], "id": 999, "iscrowd": 1})
    files = pictures() | {
        f"annotations/instances_{name}2017.json": json.dumps(document).encode()
        for name, document in (("train", train), ("val", val))
    }
    files |= {"annotations/captions.json": b'{"images": []}', "images/more.png": png()}
    made = found(tmp_path, files)
    assert (len(made.images), made.tested) == (COUNT, 3)
    assert any("crowd" in note for note in made.report.all_notes())
    assert set(left(made).values()) == {1}


def changed(**changes: Any) -> dict[str, bytes]:
    """COCO's JSON with changes of the second annotation, and of lists by place."""
    document = copy.deepcopy(coco())
    for name, value in changes.items():
        if name in document:
            place, more = value
            document[name][place] |= more
        else:
            document["annotations"][1][name] = value
    return with_coco(document)


ANNOTATION = r"annotations/instances.json: annotations\[1\] \(id 102\): "


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (changed(bbox=[10, 4, -8, 12]), ANNOTATION + "width of bbox is -8; expected more than 0"),
        (changed(bbox=[10, 4, 8, 0]), ANNOTATION + "height of bbox is 0; expected more than 0"),
        (changed(bbox=[float("nan"), 4, 8, 2]), ANNOTATION + "x of bbox is nan; expected a number of pixels"),
        (changed(bbox=["1", 4, 8, 2]), ANNOTATION + "x of bbox is '1'; expected bbox to be"),
        (changed(bbox=[1, 4, 8]), ANNOTATION + r"bbox is \[1, 4, 8\]; expected bbox to be \[x, y"),
        (changed(bbox=None), ANNOTATION + "bbox is missing"),
        (
            changed(bbox=[35, 4, 8, 12]),
            ANNOTATION + "a box from 35, 4 to 43, 16, and images/1.png has 40×24 pixels; expected it inside",
        ),
        (changed(image_id=8), ANNOTATION + "image_id is 8; expected the id of one of the images"),
        (changed(category_id=1), ANNOTATION + "category_id is 1; expected one of the categories: 3, 90"),
        (changed(images=(1, {"width": 640})), r"images\[1\] \(id 7\): width is 640, and '1.png' has 40×24"),
        (
            changed(images=(1, {"file_name": "x.png"})),
            r"images\[1\] \(id 7\): no picture 'x.png' in the upload",
        ),
        (changed(images=(1, {"file_name": "0.png"})), r"images/0.png is also in"),
        (changed(images=(1, {"id": 0})), r"images\[1\]: the id 0 is there twice"),
        (changed(categories=(1, {"name": ""})), r"categories\[1\] \(id 3\): name is ''; expected a text"),
        (changed(categories=(1, {"id": 90})), r"categories\[1\] \(id 90\): 'cat' or its id is there twice"),
        ({**pictures(), "a.json": b"{"}, "a.json is not JSON"),
        (
            {**pictures(), "a.json": b'{"images": [1], "annotations": [], "categories": []}'},
            r"images\[0\] is 1;",
        ),
        (pictures(), "no boxes in the ZIP; expected COCO's JSON, or YOLO's text"),
        ({"labels/0.txt": b"0 .5 .5 .5 .5"}, "no pictures in the ZIP"),
    ],
)
def test_what_is_wrong_in_coco_is_said_at_the_place(
    tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        found(tmp_path, files)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 .5 .5 .5 .5\n0 .5 .5 .5", "labels/3.txt, line 2: 4 words, '0 .5 .5 .5'; expected five"),
        ("2 .5 .5 .5 .5", "labels/3.txt, line 1: class is 2; expected a whole number from 0 to 1"),
        ("0.5 .5 .5 .5 .5", "labels/3.txt, line 1: class is 0.5"),
        ("0 nan .5 .5 .5", "labels/3.txt, line 1: x is 'nan'; expected a number"),
        ("0 .5 .5 0 .5", "labels/3.txt, line 1: width is 0; expected a share of the picture, more than 0"),
        ("0 .5 .5 .5 -.5", "labels/3.txt, line 1: height is -.5"),
        ("0 20 12 8 8", "labels/3.txt, line 1: x is 20; expected a share of the picture, 0 to 1"),
        ("0 .1 .5 .5 .5", "labels/3.txt, line 1: a box from -6, 6 to 14, 18, and images/3.png has 40×24"),
        ("0 0.1 0.1 0.2 0.1 0.2 0.2", "line 1: 7 words"),
    ],
)
def test_what_is_wrong_in_yolo_is_said_at_the_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        found(tmp_path, {**pictures(), **yolo(), "classes.txt": b"a\nb", "labels/3.txt": text.encode()})


def test_a_text_of_another_picture_is_refused_and_other_texts_left_out(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"labels/other.txt: no picture of this name"):
        found(tmp_path, {**pictures(), **yolo(), "labels/other.txt": b"0 .5 .5 .1 .1"})
    made = found(
        tmp_path, {**pictures(), **yolo(), "train.txt": b"images/0.png\nimages/1.png", "labels/11.txt": b""}
    )
    assert left(made) == {"no boxes: its first line does not begin with a number": 1}
    assert "1 of the 12 pictures have no box" in made.report.all_notes()


# The data set ----------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> tuple[OwnBoxes, Blobs, Collection]:
    made = found(tmp_path, with_coco(coco()), 32, fit="pad")
    content = made.packed()
    digest = hashlib.sha256(content).hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / digest).write_bytes(content)
    told = {"names": made.names, "size": 32, "pictures": COUNT, "blob": f"sha256:{digest}"}
    return OwnBoxes.model_validate(told), Blobs(tmp_path), made


def test_own_boxes_are_trained_on_and_exported(kept: tuple[OwnBoxes, Blobs, Collection]) -> None:
    dataset, blobs, made = kept
    data = load(dataset, 3, blobs=blobs)
    assert (data.train.targets.dtype, data.train.targets.shape[1:]) == (torch.float32, (2, 5))
    document = {
        "data": dataset.model_dump(mode="json"),
        "task": {"kind": "detection"},
        "network": [
            {"kind": "conv2d", "name": "cells", "kernel": 8, "stride": 8, "filters": 12},
            {"kind": "cell_boxes", "name": "output", "inputs": ["cells", "input"]},
        ],
    }
    _, files = script(Experiment.parse(document), blobs)
    stored = safetensors.torch.load(files["own_boxes.safetensors"])
    assert torch.equal(stored["targets"], torch.from_numpy(made.labels))


def test_a_blob_of_boxes_is_described_and_shown(kept: tuple[OwnBoxes, Blobs, Collection]) -> None:
    dataset, blobs, made = kept
    described = PictureSet.read(blobs.path(dataset.blob))
    assert (described.targets, described.counts) == ("boxes", made.counts())
    assert preview(blobs.path(dataset.blob), 3).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "box",
    [
        [5, 1, 2, 4, 0],
        [1, 1, 9, 4, 0],
        [1, 1, 4, 4, 2],
        [1, 1, 4, 4, 0.5],
        [1, 1, np.nan, 4, 0],
        [-1, -1, -1, -1, 0],
    ],
)
def test_a_forged_box_is_refused(tmp_path: Path, box: list[float]) -> None:
    boxes = np.full((len(IMAGES), 2, 5), -1, np.float32)
    boxes[3, 1] = box
    content = safetensors.numpy.save({"images": IMAGES, "boxes": boxes}, {"names": '["a", "b"]'})
    (tmp_path / "blob").write_bytes(content)
    with pytest.raises(DataError, match="gives picture 3 the box"):
        PictureSet.read(tmp_path / "blob")
