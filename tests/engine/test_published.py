"""Published data sets: fetched from a server of the test's own, checked, kept, read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from glassnet.engine.data.load import load
from glassnet.engine.errors import BlobMissing, DataError, DownloadFailed
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.downloads import RemoteFile, fetch, present
from glassnet.engine.items.datasets.vision import Cifar10, Mnist
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import refused
from tests.engine.places import (
    LABELS,
    PIXELS,
    Place,
    cifar_file,
    cifar_records,
    mnist_files,
    published,
    serving_files,
)


@pytest.fixture
def place() -> Iterator[Place]:
    with serving_files() as made:
        yield made


def got(files: tuple[RemoteFile, ...], folder: Path) -> list[tuple[int, int]]:
    heard: list[tuple[int, int]] = []
    fetch(files, folder, lambda come, total: heard.append((come, total)))
    return heard


# Fetching --------------------------------------------------------------------------------------------------


def test_files_are_fetched_once_and_progress_is_told(place: Place, tmp_path: Path) -> None:
    place.files = {"a": b"a" * 600_000, "b": b"b" * 1000}
    files = (place.remote("a"), place.remote("b"))
    assert not present(files, tmp_path)
    heard = got(files, tmp_path)
    assert [come for come, _ in heard] == sorted(come for come, _ in heard)
    assert heard[-1] == (601_000, 601_000)
    assert present(files, tmp_path)
    assert (tmp_path / "a").read_bytes() == place.files["a"]
    assert got(files, tmp_path) == [(0, 0)]
    assert place.asked == ["a", "b"]


def test_a_damaged_file_is_not_kept_and_the_next_place_is_tried(place: Place, tmp_path: Path) -> None:
    place.files = {"a": b"wrong", "b": b"right", "mirror/a": b"right"}
    file = RemoteFile("a", hashlib.md5(b"right").hexdigest(), (place.address, f"{place.address}mirror/"), 5)
    got((file,), tmp_path)
    assert (tmp_path / "a").read_bytes() == b"right"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"other", "with MD5"), (None, "answers 404"), (bytes(2_000_000), "more than")],
    ids=["other bytes", "missing", "endless"],
)
def test_what_cannot_be_had_is_said_and_leaves_nothing(
    place: Place, tmp_path: Path, content: bytes | None, words: str
) -> None:
    place.files = {} if content is None else {"a": content}
    file = RemoteFile("a", hashlib.md5(b"right").hexdigest(), (place.address,), 5)
    with pytest.raises(DownloadFailed, match=words):
        got((file,), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_word_is_network(tmp_path: Path) -> None:
    file = RemoteFile("a", "", ("http://glassnet.invalid/",), 5)
    with pytest.raises(DownloadFailed, match=r"glassnet\.invalid cannot be reached .*is there a network"):
        got((file,), tmp_path)


# Reading ---------------------------------------------------------------------------------------------------


def test_mnist_is_read_with_its_own_test_set(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = published(monkeypatch, place, Mnist, mnist_files())
    item = Mnist(samples=120, tested=100, validation_share=0.25)
    blobs = Blobs(tmp_path / "blobs")
    assert item.check(blobs) is not None
    got(files, item.folder(blobs))
    assert item.check(blobs) is None
    made = load(item, seed=0, blobs=blobs)
    np.testing.assert_array_equal(made.test.raw[:, 0].numpy(), PIXELS["t10k"][:100])
    np.testing.assert_array_equal(made.test.targets.numpy(), LABELS["t10k"][:100])
    assert made.validation is not None
    assert (len(made.train), len(made.validation)) == (90, 30)
    together = np.concatenate([made.train.raw[:, 0].numpy(), made.validation.raw[:, 0].numpy()])
    assert {picture.tobytes() for picture in together} == {p.tobytes() for p in PIXELS["train"][:120]}


def test_cifar_is_read_from_as_many_of_its_files_as_are_needed(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = published(monkeypatch, place, Cifar10, {"cifar-10-binary.tar.gz": cifar_file()})
    item = Cifar10(samples=100, tested=100)
    blobs = Blobs(tmp_path / "blobs")
    got(files, item.folder(blobs))
    with pytest.raises(DataError, match="160 pictures; expected 200"):
        item.read(blobs)
    (item.folder(blobs) / files[0].name).write_bytes(cifar_file(110))
    inputs, targets = item.read(blobs)
    first = np.frombuffer(cifar_records(0, 110), np.uint8).reshape(-1, 3073)
    np.testing.assert_array_equal(inputs[:100].reshape(100, -1).numpy(), first[:100, 1:])
    np.testing.assert_array_equal(targets[:100].numpy(), first[:100, 0])
    last = np.frombuffer(cifar_records(5, 110), np.uint8).reshape(-1, 3073)
    np.testing.assert_array_equal(targets[100:].numpy(), last[:100, 0])


def test_damaged_files_are_named(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = published(monkeypatch, place, Mnist, mnist_files())
    item, blobs = Mnist(samples=120, tested=100), Blobs(tmp_path / "blobs")
    got(files, item.folder(blobs))
    path = item.folder(blobs) / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: damaged"):
        item.read(blobs)


def test_what_is_not_fetched_is_said_at_the_kind(tmp_path: Path) -> None:
    network = [{"kind": "flatten"}, {"kind": "linear", "units": None}]
    document = {"data": {"kind": "mnist"}, "network": network}
    blobs = Blobs(tmp_path / "blobs")
    problems = refused(lambda d: Trainer(Experiment.parse(d), blobs=blobs), document)
    assert list(problems) == ["/data/kind"]
    assert "glassnet fetch mnist" in problems["/data/kind"]
    with pytest.raises(BlobMissing, match="no folder"):
        Mnist().folder(Blobs())
