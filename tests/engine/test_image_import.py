"""Own pictures become a blob whole, or not at all and with the file's name."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from PIL import Image

from glassnet.engine.data.load import load
from glassnet.engine.errors import DataError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.image_import import Form, archive, collection, gathered
from glassnet.engine.items.datasets.uploads import OwnImages
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, losses, refused

FORM = Form(size=16, channels=3)


def picture(colour: tuple[int, int, int] = (200, 30, 30), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), colour).convert(mode).save(
        buffer, "TIFF" if mode in ("CMYK", "LAB") else "PNG"
    )
    return buffer.getvalue()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def folders(count: int = 6) -> dict[str, bytes]:
    red = {f"own/red/{n}.png": picture((200, 10 * n, 0)) for n in range(count)}
    blue = {f"own/blue/{n}.png": picture((0, 10 * n, 200)) for n in range(count)}
    return {**red, **blue}


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(side.to_bytes(4) for side in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


#: A picture of 100,000 × 100,000 pixels, as its header says.
HUGE = b"P6\n100000 100000\n255\n" + bytes(9)

RANDOM = np.random.default_rng(0)


# What comes in ---------------------------------------------------------------------------------------------


def test_folders_are_classes_in_the_order_of_their_names(tmp_path: Path) -> None:
    files = {f"set/{name}/{n}.png": picture((n, 0, 0)) for name in ("10", "9", "Cat") for n in range(4)}
    found = gathered(zipped(tmp_path / "a.zip", files), FORM)
    assert found.names == ["Cat", "9", "10"] or found.names == ["9", "10", "Cat"]
    assert found.counts() == [4, 4, 4]
    assert found.images.shape == (12, 3, 16, 16)
    assert found.images[:, 0, 8, 8].tolist() == [0, 1, 2, 3] * 3


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    junk = {"__MACOSX/own/red/._0.png": b"x", "own/.DS_Store": b"x", "own/red/Thumbs.db": b"x"}
    assert len(gathered(zipped(tmp_path / "a.zip", {**folders(), **junk}), FORM).images) == 12


def test_pictures_of_every_mode_may_be_mixed(tmp_path: Path) -> None:
    modes = ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "YCbCr"]
    modes = [mode for mode in modes if mode != "YCbCr"]
    files = {f"{label}/{mode}.png": picture(mode=mode) for mode in modes for label in ("a", "b")}
    deep = io.BytesIO()
    Image.fromarray(np.full((5, 9), 40_000, np.uint16)).save(deep, "PNG")
    found = gathered(zipped(tmp_path / "a.zip", {**files, "a/deep.png": deep.getvalue()}), FORM)
    assert found.counts() == [8, 7]
    assert set(found.images[-1].ravel()) == {156}


@pytest.mark.parametrize("layout", ["nhw", "nhwc", "nchw"])
@pytest.mark.parametrize("kind", ["uint8", "float", "uint16"])
def test_arrays_come_in_any_layout_and_kind(tmp_path: Path, layout: str, kind: str) -> None:
    plain = RANDOM.integers(0, 256, (12, 16, 16), dtype=np.uint8)
    images: np.ndarray = plain
    if layout != "nhw":
        images = np.stack([plain] * 3, axis=3 if layout == "nhwc" else 1)
    if kind == "float":
        images = images / np.float32(255)
    elif kind == "uint16":
        images = images.astype(np.uint16) * 257
    found = gathered(npz(tmp_path / "a.npz", images=images, labels=np.arange(12) % 3), Form(16, 1))
    np.testing.assert_array_equal(found.images[:, 0], plain)
    assert (found.names, found.counts()) == (["0", "1", "2"], [4, 4, 4])


def test_arrays_may_name_their_classes_and_come_in_two_sets(tmp_path: Path) -> None:
    both = {"x_train": RANDOM.integers(0, 256, (8, 9, 9)), "x_test": RANDOM.integers(0, 256, (4, 9, 9))}
    path = npz(
        tmp_path / "a.npz", **both, y_train=np.arange(8) % 2, y_test=np.zeros(4, int), names=["cat", "dog"]
    )
    found = gathered(path, FORM)
    assert (found.names, found.counts()) == (["cat", "dog"], [8, 4])


@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_come_as_a_pair(tmp_path: Path, packed: bool) -> None:
    plain, labels = RANDOM.integers(0, 256, (12, 16, 16)), np.arange(12) % 4
    pack = gzip.compress if packed else bytes
    end = ".gz" if packed else ""
    files = {
        f"train-images-idx3-ubyte{end}": pack(idx(plain)),
        f"train-labels-idx1-ubyte{end}": pack(idx(labels)),
    }
    found = gathered(zipped(tmp_path / "a.zip", files), Form(16, 1))
    np.testing.assert_array_equal(found.images[:, 0], plain)
    np.testing.assert_array_equal(found.labels, labels)


@pytest.mark.parametrize("alone", [True, False])
def test_cifar_records_come_alone_or_together(tmp_path: Path, alone: bool) -> None:
    labels, pixels = np.arange(12, dtype=np.uint8) % 10, RANDOM.integers(0, 256, (12, 3072), dtype=np.uint8)
    content = np.concatenate([labels[:, None], pixels], axis=1).tobytes()
    path = tmp_path / "batch.bin"
    path.write_bytes(content)
    if not alone:
        named = "\n".join(f"thing{n}" for n in range(10)).encode()
        path = zipped(tmp_path / "a.zip", {"batch.bin": content, "batches.meta.txt": named})
    found = gathered(path, Form(32, 3))
    np.testing.assert_array_equal(found.images.reshape(12, -1), pixels)
    assert found.names[:2] == (["0", "1"] if alone else ["thing0", "thing1"])


# What does not ---------------------------------------------------------------------------------------------


def link(path: Path) -> Path:
    with zipfile.ZipFile(zipped(path, folders()), "a") as archive:
        info = zipfile.ZipInfo("own/red/link.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return path


def cut(path: Path) -> Path:
    path.write_bytes(zipped(path, folders()).read_bytes()[:-200])
    return path


def flipped(path: Path) -> Path:
    """One byte of one picture's packed bytes is another; its checksum tells."""
    content = bytearray(zipped(path, folders()).read_bytes())
    place = content.index(b"own/red/3.png") + 20
    content[place] ^= 0xFF
    path.write_bytes(content)
    return path


def squeezed(path: Path) -> Path:
    """Packed by LZMA, and its first bytes are others."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in folders().items():
            archive.writestr(name, content)
    packed = bytearray(path.read_bytes())
    place = packed.index(b"own/red/0.png") + len("own/red/0.png") + 9
    packed[place : place + 20] = b"\xff" * 20
    path.write_bytes(packed)
    return path


def misnamed(path: Path) -> Path:
    """A name that is said to be UTF-8 and is not."""
    content = bytearray(zipped(path, folders()).read_bytes())
    last = content.rindex(b"PK\x01\x02")
    content[last + 9] |= 0x08
    content[last + 46] = 0xFF
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: zipped(p, {**folders(), "own/red/../../x.png": picture()}), r"\.\./x\.png: leads out"),
        (lambda p: zipped(p, {**folders(), "/etc/x.png": picture()}), r"/etc/x\.png: leads out"),
        (lambda p: zipped(p, {**folders(), "C:\\red\\x.png": picture()}), "leads out"),
        (link, r"link\.png: a link"),
        (cut, "ZIP"),
        (flipped, r"red/3\.png"),
        (squeezed, r"red/0\.png: damaged"),
        (misnamed, "damaged ZIP"),
        (lambda p: zipped(p, {**folders(), "own/red/x.png": picture()[:60]}), r"red/x\.png: .*damaged"),
        (lambda p: zipped(p, {**folders(), "own/red/x.jpg": b"hello"}), r"x\.jpg: no picture"),
        (lambda p: zipped(p, {"top.png": picture()}), r"top\.png: in no folder"),
        (lambda p: zipped(p, {f"red/{n}.png": picture() for n in range(12)}), "one class, 'red'"),
        (
            lambda p: zipped(p, {"a/1.png": picture(), "a/2.png": picture(), "b/1.png": picture()}),
            "3 pictures",
        ),
        (lambda p: zipped(p, {}), "no files"),
        (
            lambda p: zipped(p, {**folders(), "own/red/x.ppm": b"P6\n100000 100000\n255\n" + bytes(9)}),
            r"x\.ppm: ",
        ),
        (lambda p: npz(p, a=np.zeros((12, 4, 4)), b=np.zeros(12)), "arrays a, b"),
        (
            lambda p: npz(p, images=np.zeros((12, 4, 4)), labels=np.zeros(11, int)),
            "12 pictures and 11 labels",
        ),
        (lambda p: npz(p, images=np.zeros((12, 4)), labels=np.zeros(12, int)), r"images: an array \(12, 4\)"),
        (lambda p: npz(p, images=np.full((12, 4, 4), np.nan), labels=np.arange(12)), "finite"),
        (lambda p: npz(p, images=np.full((12, 4, 4), -3), labels=np.arange(12)), "from -3"),
        (lambda p: npz(p, images=np.array([{}] * 12), labels=np.arange(12)), "[Oo]bject arrays"),
        (
            lambda p: zipped(p, {"train-images-idx3-ubyte": idx(np.zeros((12, 4, 4)))}),
            "its labels are missing",
        ),
        (lambda p: zipped(p, {"a.bin": b"123"}), r"a\.bin: 3 bytes"),
    ],
)
def test_what_is_wrong_is_refused_and_the_file_named(make: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words):
        gathered(make(tmp_path / "upload.npz"), FORM)


def test_bytes_are_counted_as_they_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb: a megabyte of zeros in a file of a thousand bytes, and a header that lies about it."""
    monkeypatch.setattr(archive, "MOST_IN_ALL", 1 << 19)
    path = zipped(tmp_path / "a.zip", {**folders(), "own/red/bomb.png": bytes(1 << 20)})
    assert path.stat().st_size < 1 << 14
    with pytest.raises(DataError, match=r"bomb\.png: more than 524,288 bytes in all"):
        gathered(path, FORM)


def test_the_size_wanted_is_bounded_with_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "MOST_PIXELS", 12 * 3 * 15 * 15)
    with pytest.raises(DataError, match="choose a smaller size"):
        gathered(zipped(tmp_path / "a.zip", folders()), FORM)


# The process -----------------------------------------------------------------------------------------------


def process(source: Path, target: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    command = [
        sys.executable,
        "-m",
        "glassnet.engine.files.image_import",
        str(source),
        str(target),
        "--size",
        "16",
        "--channels",
        "3",
    ]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_the_process_tells_how_far_it_is_and_what_there_is(tmp_path: Path) -> None:
    code, said = process(zipped(tmp_path / "a.zip", folders()), tmp_path / "out")
    assert code == 0
    assert said[-2] == {"done": 12, "total": 12}
    assert said[-1] == {
        "names": ["blue", "red"],
        "counts": [6, 6],
        "pictures": 12,
        "targets": "class",
        "validated": 0,
        "tested": 0,
        "scale": None,
        "encoding": None,
        "left_out": [],
        "notes": [],
    }
    assert set(safetensors.numpy.load_file(tmp_path / "out")) == {"images", "labels"}


def test_memory_is_bounded_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """A picture of 49 megapixels, within what one may have, in a process that may not."""
    large = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(large, "PNG", compress_level=1)
    source = zipped(tmp_path / "a.zip", {**folders(), "own/red/large.png": large.getvalue()})
    code, said = process(source, tmp_path / "out", "--memory", str(250 << 20))
    assert code == 2
    assert "memory" in said[-1]["error"]
    assert not (tmp_path / "out").exists()


# The data set ----------------------------------------------------------------------------------------------


@pytest.fixture
def uploaded(tmp_path: Path) -> tuple[Document, Blobs]:
    content = gathered(zipped(tmp_path / "a.zip", folders(20)), FORM).packed()
    digest = hashlib.sha256(content).hexdigest()
    (tmp_path / "blobs" / digest[:2]).mkdir(parents=True)
    (tmp_path / "blobs" / digest[:2] / digest).write_bytes(content)
    options = {
        "kind": "own_images",
        "blob": f"sha256:{digest}",
        "names": ["blue", "red"],
        "size": 16,
        "pictures": 40,
    }
    return options, Blobs(tmp_path / "blobs")


def test_own_pictures_are_learned(uploaded: tuple[Document, Blobs]) -> None:
    options, blobs = uploaded
    document: Document = {
        "data": options,
        "network": [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}],
        "training": {"batch_size": 8},
    }
    trainer = Trainer(Experiment.parse(document), blobs=blobs)
    losses(trainer, 20)
    assert trainer.evaluate()["test_accuracy"] == 1
    assert trainer.data.train.raw.dtype == torch.uint8
    assert set(trainer.data.train.targets.tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"size": 32}, "/data/size", r"\(32, 32\); the blob has \(16, 16\)"),
        ({"channels": 1}, "/data/channels", "1; the blob has 3"),
        ({"pictures": 41}, "/data/pictures", "41; the blob has 40"),
        ({"names": ["red", "blue"]}, "/data/names", "the blob has"),
        ({"blob": "sha256:" + 64 * "1"}, "/data/blob", "is absent"),
        ({"blob": "sha256:" + 64 * "0"}, "/data/blob", "no pictures yet"),
    ],
)
def test_what_the_options_say_is_compared_with_the_blob(
    uploaded: tuple[Document, Blobs], change: Document, pointer: str, words: str
) -> None:
    options, blobs = uploaded
    document = {
        "data": {**options, **change},
        "network": [{"kind": "flatten"}, {"kind": "linear", "units": None}],
    }
    problems = refused(lambda d: Trainer(Experiment.parse(d), blobs=blobs), document)
    assert list(problems) == [pointer]
    assert re.search(words, problems[pointer])


def test_a_blob_of_something_else_is_refused(uploaded: tuple[Document, Blobs]) -> None:
    options, blobs = uploaded
    content = b"no pictures at all"
    digest = hashlib.sha256(content).hexdigest()
    assert blobs.folder is not None
    (blobs.folder / digest[:2]).mkdir(exist_ok=True)
    (blobs.folder / digest[:2] / digest).write_bytes(content)
    problem = OwnImages.model_validate({**options, "blob": f"sha256:{digest}"}).check(blobs)
    assert problem is not None
    assert problem[0] == "/blob"
    with pytest.raises(DataError, match="holds no pictures"):
        load(OwnImages.model_validate({**options, "blob": f"sha256:{digest}"}), 0, blobs=blobs)
