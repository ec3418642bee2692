"""Several sets in one upload are read by what they call themselves, once, and never pooled in silence."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.report import Ambiguous
from glassnet.engine.files.image_import.sets import role_of_folder
from tests.engine.uploads import coloured, idx, left, read, zipped

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(20, 255, (40, 9, 9)).astype(np.uint8)
LABELS = (np.arange(40) % 4).astype(np.uint8)


def folders(*paths: str, count: int = 5, start: int = 0) -> list[tuple[str, bytes]]:
    places = [f"{path}/{number}.png" for path in paths for number in range(count)]
    return [(name, coloured(start + place)) for place, name in enumerate(places)]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *((name, "train") for name in ("train", "Training", "TRAIN_SET", "01-trainset", "seg_train")),
        *((name, "train") for name in ("Trainingsdaten", "train2017", "entraînement")),
        *((name, "validation") for name in ("val", "valid", "dev", "val2017", "Validación")),
        *((name, "test") for name in ("test", "Testing", "test_images", "holdout", "t10k")),
        *((name, None) for name in ("train_station", "tested", "cats", "train_test")),
    ],
)
def test_sets_are_told_in_any_spelling(name: str, role: str | None) -> None:
    assert role_of_folder(name) == role


@pytest.mark.parametrize("root", ["", "own/", "a/b/"])
@pytest.mark.parametrize("spelling", [("train", "val", "test"), ("Training", "Validation", "Testing")])
def test_an_uploads_own_sets_are_kept(tmp_path: Path, root: str, spelling: tuple[str, ...]) -> None:
    paths = [f"{root}{name}/{label}" for name in spelling[::-1] for label in ("cats", "dogs")]
    found = read(zipped(tmp_path / "a.zip", folders(*paths)))
    assert (found.names, found.counts(), found.validated, found.tested) == (
        ["cats", "dogs"],
        [15, 15],
        10,
        10,
    )
    assert found.labels.tolist() == ([0] * 5 + [1] * 5) * 3
    assert found.images[:10, 0, 8, 8].tolist() == list(range(20, 30)), "training first"
    assert found.images[20:, 0, 8, 8].tolist() == list(range(10)), "testing last"
    assert found.report.notes == []
    pooled = read(zipped(tmp_path / "b.zip", folders(*paths)), sets="pooled")
    assert (len(pooled.images), pooled.validated, pooled.tested) == (30, 0, 0)
    assert "read as one" in pooled.report.notes[0]


def test_sets_below_classes_and_folders_below_them_are_read(tmp_path: Path) -> None:
    below = read(zipped(tmp_path / "a.zip", folders("cats/train", "cats/test", "dogs/train", "dogs/test")))
    assert (below.names, below.counts(), below.tested) == (["cats", "dogs"], [10, 10], 10)
    deep = read(zipped(tmp_path / "b.zip", folders("train/cats/images", "train/dogs/images")))
    assert (deep.names, deep.counts(), deep.tested) == (["cats", "dogs"], [5, 5], 0)
    named = read(zipped(tmp_path / "c.zip", folders("train", "bus", "car")))
    assert named.names == ["bus", "car", "train"], "a train is a class where no folders are below"


def test_a_validation_set_alone_is_tested_on_and_that_is_said(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "a.zip", folders("train/cats", "train/dogs", "dev/Cats", "dev/dogs")))
    assert (found.names, found.validated, found.tested) == (["Cats", "dogs"], 0, 10)
    assert "the validation set is kept for testing" in found.report.notes[0]
    single = read(zipped(tmp_path / "b.zip", folders("test/cats", "test/dogs")))
    assert (single.tested, single.report.notes[0][:12]) == (0, "the sets tes")


@pytest.mark.parametrize("unlabelled", ["test", "test/unknown", "unlabeled", "test/images"])
def test_pictures_without_labels_are_left_out_and_said(tmp_path: Path, unlabelled: str) -> None:
    found = read(zipped(tmp_path / "a.zip", folders("own/train/cats", "own/train/dogs", f"own/{unlabelled}")))
    assert (found.counts(), found.tested) == ([5, 5], 0)
    assert list(left(found).values()) == [5]
    with pytest.raises(DataError, match="which are no classes"):
        read(zipped(tmp_path / "b.zip", folders("train", "test")))


def test_the_same_set_under_two_roots_is_read_once(tmp_path: Path) -> None:
    inner = folders("x/train/cats", "x/train/dogs", "x/test/cats", "x/test/dogs")
    copy = [(name.replace("x/", "x/x/", 1), content) for name, content in inner]
    found = read(zipped(tmp_path / "a.zip", [*inner, *copy]))
    assert (found.counts(), found.tested, left(found)) == ([10, 10], 10, {"the same as 'x'": 1})


@pytest.mark.parametrize(
    "paths",
    [
        ["a/train/0", "a/train/1", "b/train/0", "b/train/1"],
        ["a/0", "a/1", "b/0", "b/1"],
        ["a/train/0", "a/train/1", "b/0", "b/1"],
    ],
)
def test_several_sets_are_asked_about(tmp_path: Path, paths: list[str]) -> None:
    path = zipped(tmp_path / "a.zip", folders(*paths))
    with pytest.raises(Ambiguous, match="several sets") as error:
        read(path)
    assert error.value.choices == ["a", "b"]
    chosen = read(path, only="b")
    assert (chosen.names, chosen.counts(), left(chosen)) == (["0", "1"], [5, 5], {"not in 'b'": 10})
    assert read(path, sets="pooled").counts() == [10, 10]
    with pytest.raises(DataError, match="no pictures in the ZIP; expected some in 'c'"):
        read(path, only="c")


def test_classes_of_different_names_in_several_folders_are_one_set_and_that_is_said(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "a.zip", folders("pets/cat", "pets/dog", "cars/bus", "cars/van")))
    assert found.names == ["bus", "cat", "dog", "van"]
    assert "pets (cat, dog)" in found.report.notes[0]


@pytest.mark.parametrize(
    "paths",
    [
        ["cats_train", "dogs_train", "cats-test", "dogs-test"],
        ["train/cats_train", "train/dogs_train", "test/cats", "test/dogs"],
    ],
)
def test_sets_in_the_names_of_classes_are_kept_apart(tmp_path: Path, paths: list[str]) -> None:
    found = read(zipped(tmp_path / "a.zip", folders(*paths)))
    assert (found.names, found.counts(), found.tested) == (["cats", "dogs"], [10, 10], 10)


def test_a_tree_without_an_end_and_a_zip_of_zips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="in 3,001 folders; expected at most 50"):
        read(zipped(tmp_path / "a.zip", folders("d/" * 3000 + "a", "b")))
    with pytest.raises(DataError, match=r"train\.zip: an archive within the archive"):
        read(zipped(tmp_path / "b.zip", [("train.zip", b"PK"), ("readme", b"")]))


def test_test_pictures_that_are_trained_on_are_counted(tmp_path: Path) -> None:
    files = folders("train/cats", "train/dogs")
    found = read(
        zipped(tmp_path / "a.zip", [*files, *((n.replace("train", "test"), c) for n, c in files[::2])])
    )
    assert found.report.notes[0].startswith(
        "5 of the 5 pictures of the test set are also in the training set"
    )


# Files of many pictures -------------------------------------------------------------------------------------


def mnist(
    name: str = "{}-{}", pixels: np.ndarray = PIXELS, labels: np.ndarray = LABELS, which: str = "train"
) -> list[tuple[str, bytes]]:
    return [
        (name.format(f"{which}-images", "idx3-ubyte"), idx(pixels)),
        (name.format(f"{which}-labels", "idx1-ubyte"), idx(labels)),
    ]


def test_each_picture_of_idx_files_is_read_once(tmp_path: Path) -> None:
    twice = [*mnist("{0}-{1}/{0}-{1}"), *mnist("{}.{}")]
    packed = [(f"{name}.gz", gzip.compress(content)) for name, content in mnist()]
    found = read(zipped(tmp_path / "a.zip", [*twice, *packed]), 9, 1)
    assert (found.counts(), sum(left(found).values())) == ([10] * 4, 4)
    np.testing.assert_array_equal(found.images[:, 0], PIXELS)
    with pytest.raises(DataError, match="differ; expected one"):
        read(zipped(tmp_path / "b.zip", [*mnist(), *mnist("{}.{}", pixels=PIXELS[::-1])]), 9, 1)


def test_the_test_files_of_idx_are_the_test_set(tmp_path: Path) -> None:
    found = read(
        zipped(
            tmp_path / "a.zip",
            [
                *mnist(which="t10k", pixels=PIXELS[:12], labels=LABELS[:12]),
                *mnist(pixels=PIXELS[12:], labels=LABELS[12:]),
            ],
        ),
        9,
        1,
    )
    assert found.tested == 12
    np.testing.assert_array_equal(found.images[:, 0], np.roll(PIXELS, -12, axis=0))


@pytest.mark.parametrize("name", ["emnist-{}-", "{}/"])
def test_idx_files_of_several_sets_are_asked_about(tmp_path: Path, name: str) -> None:
    files = [
        *mnist(name.format("letters") + "{}-{}"),
        *mnist(name.format("digits") + "{}-{}", labels=LABELS[::-1]),
    ]
    path = zipped(tmp_path / "a.zip", files)
    with pytest.raises(Ambiguous) as error:
        read(path)
    first, _ = error.value.choices
    assert first.endswith("digits")
    chosen = read(path, only=first)
    np.testing.assert_array_equal(chosen.labels, LABELS[::-1])
    assert list(left(chosen).values()) == [1]


def test_cifars_test_batch_is_the_test_set(tmp_path: Path) -> None:
    def batch(count: int, start: int) -> bytes:
        labels = np.arange(count, dtype=np.uint8)[:, None] % 3
        return np.concatenate([labels, np.full((count, 3072), start, np.uint8) + labels], axis=1).tobytes()

    files = [
        ("d/test_batch.bin", batch(6, 200)),
        ("d/data_batch_1.bin", batch(9, 20)),
        ("d/data_batch_2.bin", batch(9, 90)),
    ]
    found = read(zipped(tmp_path / "a.zip", [*files, ("d/readme.html", b"x")]), 32)
    assert (found.counts(), found.tested, found.images[-1, 0, 0, 0]) == ([8, 8, 8], 6, 202)


@pytest.mark.parametrize(
    ("names", "own"),
    [
        (("x_train", "y_train", "x_test", "y_test"), (0, 8)),
        (("X_train", "Y_train", "X_val", "Y_val"), (0, 8)),
        (("trainX", "trainY", "testX", "testY"), (0, 8)),
        (("train_images", "train_labels", "test_images", "test_labels"), (0, 8)),
        (("xtrain", "ytrain", "xtest", "ytest"), (0, 8)),
        (("X", "y", "X_test", "y_test"), (0, 8)),
    ],
)
def test_arrays_keep_their_own_test_set(tmp_path: Path, names: tuple[str, ...], own: tuple[int, int]) -> None:
    arrays = dict(zip(names, (PIXELS[8:], LABELS[8:], PIXELS[:8], LABELS[:8, None]), strict=True))
    np.savez(tmp_path / "a.npz", **arrays, unlabeled_images=PIXELS)  # type: ignore[arg-type]
    found = read(tmp_path / "a.npz", 9, 1)
    assert (found.validated, found.tested) == own
    np.testing.assert_array_equal(found.images[:, 0], np.roll(PIXELS, -8, axis=0))
    assert list(left(found).values()) == [1]


def test_arrays_of_several_sets_are_asked_about(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", letters_x=PIXELS, letters_y=LABELS, digits_x=PIXELS, digits_y=LABELS[::-1])
    with pytest.raises(Ambiguous) as error:
        read(tmp_path / "a.npz", 9, 1)
    np.testing.assert_array_equal(read(tmp_path / "a.npz", 9, 1, only="letters_x").labels, LABELS)
    assert error.value.choices == ["digits_x", "letters_x"]


def test_pictures_that_stand_in_rows_too_are_read_as_pictures(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz",
        images=PIXELS,
        data=PIXELS.reshape(40, -1),
        target=LABELS,
        target_names=list("wxyz"),
    )
    found = read(tmp_path / "a.npz", 9, 1)
    assert (found.names, found.counts()) == (["w", "x", "y", "z"], [10] * 4)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"names": ["a", "b"]}, "labels from 0 to 3, and 2 names"),
        ({"names": ["a", "b", "a", "c"]}, "'a' is named twice"),
        ({"data": PIXELS[::-1]}, "may both be meant"),
        ({"names": np.array([{}] * 4)}, "[Oo]bject arrays"),
    ],
)
def test_names_that_do_not_fit_are_refused_and_not_dropped(
    tmp_path: Path, more: dict[str, Any], words: str
) -> None:
    np.savez(tmp_path / "a.npz", images=PIXELS, labels=LABELS, **more)
    with pytest.raises(DataError, match=words):
        read(tmp_path / "a.npz")


def test_labels_come_as_columns_words_and_floats(tmp_path: Path) -> None:
    words = np.array([b"w" * 120 + bytes([65 + n]) for n in LABELS])
    for labels in (np.eye(4)[LABELS], LABELS.astype(float), words):
        np.savez(tmp_path / "a.npz", images=PIXELS, labels=labels)
        found = read(tmp_path / "a.npz")
        np.testing.assert_array_equal(found.labels, LABELS)
        assert len(set(found.names)) == 4
