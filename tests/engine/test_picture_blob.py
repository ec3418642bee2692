"""A blob says what it is; nothing of that is believed before it is checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

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
from glassnet.engine.files.image_import.blob import PictureSet, preview, write_samples
from glassnet.engine.items.datasets.uploads import OwnImages
from tests.engine.forged import FORGED, blob

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_blob_is_refused_and_says_why(kind: str, tmp_path: Path) -> None:
    content, words = FORGED[kind]
    (tmp_path / "blob").write_bytes(content)
    for look in (
        PictureSet.read,
        lambda path: preview(path, 4),
        lambda path: write_samples(path, tmp_path / "x"),
    ):
        with pytest.raises(DataError, match=words):
            look(tmp_path / "blob")
    assert not (tmp_path / "x").exists()


@pytest.fixture
def kept(tmp_path: Path) -> tuple[OwnImages, Blobs, Collection]:
    """Forty pictures, of which eight are for validation and twelve for testing."""
    labels = (np.arange(40) % 2).astype(np.int32)
    made = Collection(RANDOM.integers(0, 256, (40, 1, 8, 8)).astype(np.uint8), labels, ["a", "b"], 8, 12)
    content = made.packed()
    digest = hashlib.sha256(content).hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / digest).write_bytes(content)
    told = {"names": ["a", "b"], "size": 8, "channels": 1, "pictures": 40, "validated": 8, "tested": 12}
    return OwnImages.model_validate({"blob": f"sha256:{digest}", **told}), Blobs(tmp_path), made


def test_sets_of_its_own_are_trained_and_tested_on_as_they_are(
    kept: tuple[OwnImages, Blobs, Collection],
) -> None:
    dataset, blobs, made = kept
    data = load(dataset, 3, blobs=blobs)
    assert {name: len(samples) for name, samples in data.sets().items()} == {
        "train": 20,
        "validation": 8,
        "test": 12,
    }
    images = torch.from_numpy(made.images)
    assert data.validation is not None
    assert torch.equal(data.test.raw, images[28:])
    assert torch.equal(data.validation.raw, images[20:28])
    assert sorted(map(bytes, data.train.raw.numpy())) == sorted(map(bytes, made.images[:20]))
    for change in ({"tested": 0}, {"validated": 0}):
        problem = dataset.model_copy(update=change).check(blobs)
        assert problem is not None
        assert problem[0] == f"/{next(iter(change))}"


def test_an_exported_script_trains_and_tests_on_the_same(kept: tuple[OwnImages, Blobs, Collection]) -> None:
    dataset, blobs, made = kept
    document = {
        "data": dataset.model_dump(mode="json"),
        "network": [{"kind": "flatten"}, {"kind": "linear", "units": None}],
    }
    text, files = script(Experiment.parse(document), blobs)
    assert "train = torch.randperm(20, generator=generator)" in text
    assert "test = torch.arange(28, 40)" in text
    stored = safetensors.torch.load(files["own_images.safetensors"])
    assert torch.equal(stored["inputs"], torch.from_numpy(made.images))
    assert stored["targets"].tolist() == made.labels.tolist()


def test_a_preview_has_a_row_for_each_class(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(blob())
    assert preview(tmp_path / "blob", 3).startswith(b"\x89PNG")
