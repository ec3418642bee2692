"""Looking into a network from the shell and over the wire: what is found, and what is refused, and how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from glassnet.app.cli import main
from glassnet.app.cli import study as studying
from glassnet.engine.frame import decode
from glassnet.engine.training.trainer import Trainer
from tests.contract.client import Client
from tests.engine.experiments import cnn
from tools.serving import Server

NINE = 9

DENSE: list[dict[str, Any]] = [
    {"kind": "flatten", "name": "flatten1"},
    {"kind": "linear", "name": "linear1", "units": 5},
    {"kind": "relu", "name": "relu1"},
    {"kind": "linear", "name": "output", "units": None},
]
GELU: list[dict[str, Any]] = [
    {"kind": "conv2d", "name": "conv1", "filters": 4},
    {"kind": "gelu", "name": "gelu1"},
    {"kind": "flatten", "name": "flatten1"},
    {"kind": "linear", "name": "output", "units": None},
]


def document(network: list[dict[str, Any]], data: str = "digits") -> dict[str, Any]:
    return {"data": {"kind": data}, "network": network, "training": {"epochs": 10**6}}


def written(tmp_path: Path, name: str, value: Any) -> str:
    path = tmp_path / name
    path.write_text(json.dumps(value))
    return str(path)


# Over the whole set, of a checkpoint -----------------------------------------------------------------------


def test_the_nine_of_a_checkpoint_are_those_of_brute_force_over_the_whole_set(tmp_path: Path) -> None:
    """Found by `glassnet study`; held against plain torch, picture by picture, and Python's sorting."""
    run, out = tmp_path / "run", tmp_path / "atlas.safetensors"
    experiment = cnn(precision="float64").document()
    assert (
        main(["train", written(tmp_path, "digits.json", experiment), "--out", str(run), "--steps", "25"]) == 0
    )
    atlas = written(
        tmp_path, "atlas.json", {"kind": "feature_atlas", "nodes": ["relu1", "pool1"], "set": "train"}
    )
    assert main(["study", str(run), atlas, "--out", str(out)]) == 0
    metadata, found = decode(out.read_bytes())
    assert metadata["step"] == "25"
    trainer = studying.subject(run, None).trainer(device="cpu")
    for node in ("relu1", "pool1"):
        strongest = by_brute_force(trainer, node)
        assert found[f"{node}/seen"].tolist() == [len(trainer.data.train)] * 2
        assert sorted(found[f"{node}/channels"].tolist()) == [0, 1, 2, 3]
        for row, channel in enumerate(found[f"{node}/channels"].tolist()):
            nine = strongest[channel][:NINE]
            assert found[f"{node}/images"][row].tolist() == [image for _, image, _ in nine]
            assert found[f"{node}/positions"][row].tolist() == [place for *_, place in nine]
            assert found[f"{node}/values"][row].tolist() == pytest.approx([-value for value, *_ in nine])


def by_brute_force(trainer: Trainer, node: str) -> list[list[tuple[float, int, int]]]:
    """For each map (−activation, image, place) of every image's strongest place, sorted."""
    entries: list[list[tuple[float, int, int]]] = [[] for _ in range(4)]
    for image in range(len(trainer.data.train)):
        maps = forward(trainer, trainer.data.train.inputs[image : image + 1], node)[0].flatten(1)
        for channel, seen in enumerate(maps):
            place = int(seen.argmax())
            entries[channel].append((-float(seen[place]), image, place))
    return [sorted(found) for found in entries]


@torch.no_grad()
def forward(trainer: Trainer, x: Tensor, node: str) -> Tensor:
    """The network of `cnn` up to a node, written down once more."""
    weights = dict(trainer.network.named_parameters()) | dict(trainer.network.named_buffers())
    x = F.conv2d(x, weights["conv1.weight"], weights["conv1.bias"], padding=1)
    statistics = weights["norm1.running_mean"], weights["norm1.running_var"]
    x = F.relu(F.batch_norm(x, *statistics, weights["norm1.weight"], weights["norm1.bias"]))
    return x if node == "relu1" else F.max_pool2d(x, 2)


# What is refused -------------------------------------------------------------------------------------------

REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        document(GELU),
        {"kind": "sanity_check", "methods": ["guided"]},
        (
            "node 'gelu1' is GELU, for which guided backprop has no rule; expected ReLU or leaky ReLU on the "
            "way to 'output', or 'methods' of saliency, grad_cam, integrated_gradients, smooth_grad"
        ),
    ),
    (
        document(GELU),
        {"kind": "feature_atlas"},
        (
            "node 'gelu1' is GELU, for which the deconvnet has no rule; expected ReLU or leaky ReLU on the "
            "way to 'gelu1', or the rule 'gradient'"
        ),
    ),
    (
        document(DENSE),
        {"kind": "sanity_check", "methods": ["grad_cam"]},
        (
            "the network has no feature maps of more than one place; expected a convolution on the way to "
            "the answer, or 'methods' of saliency, deconvnet, guided, integrated_gradients, smooth_grad"
        ),
    ),
    (
        document(DENSE),
        {"kind": "first_layer"},
        "no convolution reads the image; expected a network whose first layer is one",
    ),
    (
        document(GELU),
        {"kind": "occlusion", "size": 3, "node": "relu7"},
        "node: 'relu7' names no node; expected one with feature maps: conv1, gelu1",
    ),
    (
        document(GELU),
        {"kind": "occlusion", "size": 3, "node": "output"},
        "node 'output' gives a vector; expected one with feature maps: conv1, gelu1",
    ),
    (
        document(GELU),
        {"kind": "look", "probe": {"kind": "features", "node": "conv1", "channels": [4]}},
        "'conv1' has 4 feature maps; expected a channel of 0 to 3, not 4",
    ),
    (
        document(GELU),
        {"kind": "look", "probe": {"kind": "attribution", "methods": ["deconvnet"]}},
        (
            "node 'gelu1' is GELU, for which the deconvnet has no rule; expected ReLU or leaky ReLU on the "
            "way to 'output', or 'methods' of saliency, grad_cam, integrated_gradients, smooth_grad"
        ),
    ),
    (
        document(GELU),
        {"kind": "look", "probe": {"kind": "progress"}},
        "probe: 'progress' is rows of numbers; expected one that is a picture",
    ),
    (
        document([{"kind": "linear", "name": "output", "units": None}], data="spiral"),
        {"kind": "occlusion"},
        (
            "the samples are 2, numbers without places; expected signals, images, volumes or clips, such as "
            "waveforms, digits or volumes"
        ),
    ),
]


@pytest.mark.parametrize(("experiment", "study", "words"), REFUSED)
def test_the_shell_says_in_one_line_what_is_possible_instead(
    experiment: Any, study: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(tmp_path, "experiment.json", experiment), written(tmp_path, "study.json", study)
    assert main(["study", *files]) == 2
    said = capsys.readouterr().err.strip()
    assert said.endswith(f"experiment.json: {words}")
    assert "\n" not in said


@pytest.fixture(scope="module")
def client(usual: tuple[Server, Client]) -> Client:
    return usual[1]


def test_the_server_says_it_at_the_study_before_a_worker_is_bothered(client: Client) -> None:
    runs: dict[str, str] = {}
    for experiment, study, words in REFUSED:
        key = json.dumps(experiment)
        if key not in runs:
            runs[key] = client.start(experiment, start="paused")
        answer = client.http.post("/api/studies", json={"run": runs[key], "study": study})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/study"), study
        assert answer.json()["errors"][0]["message"] == words
    for run in runs.values():
        client.http.delete(f"/api/runs/{run}")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": 10}, "target: class 10 of 10; expected one of 0 to 9"),
        (
            {"input": {"kind": "sample", "index": 9999}},
            "sample 9999 of the test set; expected one of 0 to 358",
        ),
        (
            {"input": {"kind": "values", "values": [0, 1, 2]}},
            "3 numbers for a sample of 'digits'; expected 64",
        ),
        ({"input": {"kind": "pixels", "pixels": "AAAA"}}, "expected 64"),
    ],
)
def test_a_picture_or_class_that_is_not_there_is_named(
    options: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "experiment.json", document(GELU))
    for kind in ("occlusion", "sanity_check"):
        study = {"kind": kind, **options, **({"size": 3} if kind == "occlusion" else {})}
        assert main(["study", file, written(tmp_path, "study.json", study)]) == 2
        assert words in capsys.readouterr().err
