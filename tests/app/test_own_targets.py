"""Own pictures with masks and with boxes over HTTP: kept, described, shown, refused."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client
from tests.engine.test_own_boxes import coco, pictures, with_coco
from tests.engine.test_own_masks import masked
from tools.serving import Server


@pytest.fixture(scope="module")
def client(usual: tuple[Server, Client]) -> Client:
    return usual[1]


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


MASKS: dict[str, Any] = {
    "task": {"kind": "segmentation"},
    "network": [{"kind": "conv2d", "name": "output", "filters": None, "padding": "same"}],
}
BOXES: dict[str, Any] = {
    "task": {"kind": "detection"},
    "network": [
        {"kind": "conv2d", "name": "cells", "kernel": 8, "stride": 8, "filters": 12},
        {"kind": "cell_boxes", "name": "output", "inputs": ["cells", "input"]},
    ],
}


@pytest.mark.parametrize(
    ("targets", "files", "document"),
    [("masks", masked(), MASKS), ("boxes", with_coco(coco()), BOXES)],
    ids=["masks", "boxes"],
)
def test_own_targets_are_uploaded_and_looked_at(
    client: Client, targets: str, files: dict[str, bytes], document: dict[str, Any]
) -> None:
    answer = client.http.post(f"/api/images?size=16&targets={targets}&fit=pad", content=zipped(files))
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["targets"], kept["data"]["kind"], kept["pictures"]) == (targets, f"own_{targets}", 12)
    digest = kept["blob"].removeprefix("sha256:")
    known = {
        name: value for name, value in kept.items() if name in client.http.get(f"/api/images/{digest}").json()
    }
    assert client.http.get(f"/api/images/{digest}").json() == known
    sheet = Image.open(io.BytesIO(client.http.get(f"/api/images/{digest}/preview?each=4").content))
    colours = np.asarray(sheet.convert("RGB"), int).reshape(-1, 3)
    assert (colours.max(axis=1) - colours.min(axis=1)).max() > 60, "grey pictures, with colours over them"
    experiment = {"data": kept["data"], **document, "training": {"epochs": 1}}
    assert client.http.post("/api/describe", json=experiment).json()["data"]["classes"] == kept["names"]
    other = {**experiment, "data": {**kept["data"], "size": 32}}
    refused = client.http.post("/api/runs", json={"experiment": other})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/experiment/data/size"


def test_a_refused_upload_names_the_place_and_keeps_nothing(client: Client) -> None:
    broken = coco()
    broken["annotations"][1]["bbox"] = [10, 4, -8, 12]
    content = zipped({**pictures(), "a.json": json.dumps(broken).encode()})
    answer = client.http.post("/api/images?targets=boxes", content=content)
    assert answer.status_code == 422
    assert (
        answer.json()["detail"]
        == "a.json: annotations[1] (id 102): width of bbox is -8; expected more than 0"
    )
    assert client.http.post("/api/images?targets=masks", content=b"no ZIP").status_code == 422
    assert client.http.post("/api/images?targets=words", content=content).status_code == 422


def test_a_blob_of_one_kind_is_not_taken_for_another(client: Client) -> None:
    kept = client.http.post("/api/images?size=16&targets=masks", content=zipped(masked())).json()
    data = {**kept["data"], "kind": "own_images"}
    flat = [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}]
    answer = client.http.post("/api/runs", json={"experiment": {"data": data, "network": flat}})
    assert answer.status_code == 422
    assert "pictures with masks; expected pictures with labels" in answer.text
