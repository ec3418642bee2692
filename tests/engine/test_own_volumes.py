"""Own volumes: arrays, folders of slices and stacks in a ZIP, and refusals by their words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glassnet.engine.data.load import load
from glassnet.engine.errors import DataError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.sample_import.upload import gathered
from glassnet.engine.files.sample_import.volumes import VolumeForm
from glassnet.engine.items.datasets.own_samples import OwnVolumes

FORM = VolumeForm()


def npy(array: np.ndarray, *, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=pickled)
    return file.getvalue()


def png(plane: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(plane).save(file, "PNG")
    return file.getvalue()


def upload(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def solid(seed: int, shape: tuple[int, ...] = (5, 6, 7)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_a_file_for_each_volume_in_folders_of_classes_keeps_bytes_as_they_are(tmp_path: Path) -> None:
    files = {f"{name}/{n}.npy": npy(solid(n + at)) for at, name in ((0, "a"), (50, "b")) for n in range(3)}
    found = gathered(upload(tmp_path, {**files, "readme.txt": b"x"}), FORM)
    assert (found.names, list(found.labels)) == (["a", "b"], [0, 0, 0, 1, 1, 1])
    assert found.inputs.shape == (6, 1, 5, 6, 7)
    np.testing.assert_array_equal(found.inputs[4, 0], solid(51))
    assert found.report.left_out()[0]["files"] == ["readme.txt"]


def test_other_numbers_go_from_the_least_to_the_greatest_of_all(tmp_path: Path) -> None:
    low, high = np.full((4, 4, 4), -1000, np.int16), np.full((4, 4, 4), 3000, np.int16)
    low[0, 0, 0] = 1000
    found = gathered(upload(tmp_path, {"a/1.npy": npy(low), "b/1.npy": npy(high)}), FORM)
    assert (found.inputs[0].min(), found.inputs[0].max(), found.inputs[1].min()) == (0, 128, 255)
    assert "values go from -1000 to 3000" in found.report.all_notes()[0]


def test_a_folder_of_slices_is_a_volume_in_the_order_of_numbers(tmp_path: Path) -> None:
    files = {
        f"scans/{name}/patient {n}/slice {z}.png": png(solid(n + at, (11, 6, 7))[z])
        for at, name in ((0, "ill"), (50, "well"))
        for n in range(2)
        for z in range(11)
    }
    found = gathered(upload(tmp_path, files), FORM)
    assert (found.names, found.inputs.shape) == (["ill", "well"], (4, 1, 11, 6, 7))
    np.testing.assert_array_equal(found.inputs[3, 0], solid(51, (11, 6, 7)))


def test_a_stack_with_labels_and_names_is_an_npz(tmp_path: Path) -> None:
    stack, labels = solid(0, (6, 5, 6, 7)), np.array([0, 1, 1, 0, 1, 0])
    path = tmp_path / "all.npz"
    np.savez_compressed(path, volumes=stack, labels=labels, names=np.array(["calm", "busy"]))
    found = gathered(path, FORM)
    assert (found.names, list(found.labels)) == (["calm", "busy"], labels.tolist())
    np.testing.assert_array_equal(found.inputs[:, 0], stack)


def holed(value: float) -> np.ndarray:
    volume = np.zeros((5, 6, 7), np.float32)
    volume[1, 2, 3] = value
    return volume


NEXT = {"b/1.npy": npy(solid(1))}
REFUSED: dict[str, dict[str, bytes]] = {
    "a/1.npy: not a number at (1, 2, 3)": {"a/1.npy": npy(holed(np.nan)), **NEXT},
    "a/1.npy: empty: 0×6×7": {"a/1.npy": npy(solid(0, (0, 6, 7))), **NEXT},
    "b/1.npy: a volume of 5×6×7; expected 5×6×8, as a/1.npy has": {
        "a/1.npy": npy(solid(0, (5, 6, 8))),
        **NEXT,
    },
    "a/1.npy: a volume of 129×4×4; expected 4 to 128": {"a/1.npy": npy(solid(0, (129, 4, 4))), **NEXT},
    "a/1.npy: an array of 6×7; expected three axes": {"a/1.npy": npy(solid(0, (6, 7))), **NEXT},
    "a/1.npy: holds Python objects": {"a/1.npy": npy(np.array([{}]), pickled=True), **NEXT},
    "a/1.npy: cut off: numbers of (5, 6, 7) take 210 bytes, and 200 follow": {
        "a/1.npy": npy(solid(0))[:-10],
        **NEXT,
    },
    "a/1.npy: no .npy file": {"a/1.npy": b"hello", **NEXT},
    "a/1.npy: values of the type <U1": {"a/1.npy": npy(np.full((5, 6, 7), "x")), **NEXT},
    "no volumes in the ZIP": {"notes.txt": b""},
    "a/p/2.png: a slice of 5×5; expected 4×4": {
        "a/p/1.png": png(solid(0, (4, 4))),
        "a/p/2.png": png(solid(0, (5, 5))),
    },
    "volumes[1]: not a number at (1, 2, 3)": {
        "volumes.npy": npy(np.stack([holed(0), holed(np.inf)])),
        "labels.npy": npy(np.array([0, 1])),
    },
    "expected one of labels, a whole number for each of 2 volumes": {
        "volumes.npy": npy(solid(0, (2, 5, 6, 7)))
    },
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_volume_is_refused_by_its_file_and_place(tmp_path: Path, words: str) -> None:
    with pytest.raises(DataError) as caught:
        gathered(upload(tmp_path, REFUSED[words]), FORM)
    assert words in str(caught.value)


def test_own_volumes_are_read_as_they_were_uploaded(tmp_path: Path) -> None:
    files = {f"{name}/{n}.npy": npy(solid(n)) for name in ("a", "b") for n in range(4)}
    digest = "cd" + 62 * "0"
    (tmp_path / "blobs" / "cd").mkdir(parents=True)
    gathered(upload(tmp_path, files), FORM).write(tmp_path / "blobs" / "cd" / digest)
    options: dict[str, Any] = {"blob": f"sha256:{digest}", "names": ["a", "b"], "samples": 8}
    item = OwnVolumes.model_validate({"kind": "own_volumes", **options, "depth": 5, "height": 6, "width": 7})
    blobs = Blobs(tmp_path / "blobs")
    assert load(item, 0, blobs=blobs).train.raw.shape == (6, 1, 5, 6, 7)
    wrong = OwnVolumes.model_validate({"kind": "own_volumes", **options})
    assert wrong.check(blobs) == ("/depth", "16; the blob has 5")
