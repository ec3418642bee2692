"""YOLO v2 and v3: published sizes, the maps that have anchors, and what does not fit them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.errors import InvalidCommand, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures.yolo import ANCHORS_V2, ANCHORS_V3
from glassnet.engine.items.datasets.shape_scenes import ShapeScenes
from glassnet.engine.items.tasks.detection import Detection
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.planner import plan
from glassnet.engine.studies.anchor_sizes import AnchorSizes
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document

PRESETS = Path(__file__).parents[2] / "app" / "presets"

ANCHORS: Any = [[8, 8], [12, 12], [20, 20]]


def planned(kind: str, **options: Any) -> Plan:
    document: Document = {
        "data": {"kind": "shape_scenes", "samples": 40, "size": 32},
        "task": {"kind": "detection", "losses": [{"kind": kind}]},
        "network": [{"kind": kind, "name": "net", **options}],
    }
    return plan(Experiment.parse(document))


@pytest.mark.parametrize(
    ("kind", "parameters", "macs", "boxes"),
    [
        # Multiply-adds: half of torch's count of operations, as for all networks.
        ("yolo_v2", 50_962_889, 31.47e9, 19 * 19 * 5),
        ("yolo_v3", 61_949_149, 70.35e9, (19**2 + 38**2 + 76**2) * 3),
    ],
)
def test_they_have_the_published_sizes(
    kind: str, parameters: int, macs: float, boxes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ShapeScenes, "shape", property(lambda _: (3, 608, 608)))
    monkeypatch.setattr(ShapeScenes, "classes", tuple(map(str, range(80))))
    found = planned(kind)
    assert found.parameters == parameters
    assert found.macs == pytest.approx(macs, rel=1e-3)
    assert found.nodes[-1].shape == (boxes, 9 + 2 * 80)


def test_empty_anchors_are_those_published_as_shares_of_the_picture() -> None:
    published: list[tuple[str, Any]] = [("yolo_v2", ANCHORS_V2), ("yolo_v3", ANCHORS_V3)]
    for kind, sizes in published:
        item: Any = planned(kind, width=0.02).nodes[-1].item
        found = [
            size for own in (item.anchors[::-1] if len(item.anchors) > 1 else item.anchors) for size in own
        ]
        expected = torch.tensor(sizes) * 32 / 416
        torch.testing.assert_close(torch.tensor(found), expected, rtol=0, atol=0.006)


def test_the_finest_map_has_the_smallest_anchors_and_the_small_stem_finer_maps() -> None:
    found = planned("yolo_v3", width=0.02, anchors=ANCHORS, stem="small")
    item: Any = found.nodes[-1].item
    assert item.anchors == [[ANCHORS[2]], [ANCHORS[1]], [ANCHORS[0]]]
    assert found.nodes[-1].shape[0] == 4**2 + 8**2 + 16**2
    assert [found[f"net.cells{number}.numbers"].shape[1] for number in (1, 2, 3)] == [4, 8, 16]
    assert planned("yolo_v2", width=0.02, anchors=ANCHORS, stem="small").nodes[-1].shape[0] == 3 * 4**2


@pytest.mark.parametrize(
    ("kind", "options", "pointer", "said"),
    [
        (
            "yolo_v3",
            {"anchors": [[8, 8], [12, 12]]},
            "/network/0/anchors",
            "2 anchors for 3 maps; expected a multiple of 3",
        ),
        (
            "yolo_v2",
            {"anchors": [[900, 900]]},
            "/network/0",
            "no anchor fits a picture of 32×32",
        ),
        ("yolo_v2", {"anchors": []}, "/network/0/anchors", "expected"),
    ],
)
def test_anchors_that_do_not_fit_are_refused(kind: str, options: Document, pointer: str, said: str) -> None:
    with pytest.raises(InvalidExperiment, match=said) as refused:
        planned(kind, width=0.02, **options)
    assert refused.value.problems[0].pointer == pointer


def test_pictures_that_cannot_be_halved_as_often_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ShapeScenes, "shape", property(lambda _: (3, 40, 64)))
    with pytest.raises(InvalidExperiment, match="3×40×64; expected sides that are multiples of 32"):
        planned("yolo_v3")
    assert planned("yolo_v3", stem="small", width=0.02).nodes[-1].shape[0] == 3 * (5 * 8 + 10 * 16 + 20 * 32)


def test_squares_of_neighbours_become_channels_and_nothing_is_lost() -> None:
    x = torch.arange(32.0).reshape(1, 2, 4, 4)
    found = torch.nn.PixelUnshuffle(2)(x)
    for channel in range(2):
        for down in range(2):
            for across in range(2):
                assert torch.equal(
                    found[0, 4 * channel + 2 * down + across], x[0, channel, down::2, across::2]
                )


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_small_yolo_v2_finds_the_shapes_of_scenes(seed: int) -> None:
    """Of issue 21: mAP of 0.80 at an overlap of one half, in 90 s of one core; here it takes 45 s."""
    document = json.loads((PRESETS / "61-yolo-v2-scenes.json").read_text())
    trainer = Trainer(Experiment.parse({**document, "seed": seed}))
    for _ in range(trainer.experiment.training.epochs * trainer.steps_per_epoch):
        trainer.step()
    assert trainer.evaluate()["test_map_50"] >= 0.9


def test_the_study_finds_sizes_that_fit_the_training_set_the_same_each_time() -> None:
    document = {"data": {"kind": "shape_scenes", "samples": 200}, "task": {"kind": "detection"}}
    trainer = Trainer(Experiment.parse({**document, "network": Detection().starter(ShapeScenes())}))
    *_, last = AnchorSizes(most=4).compute(trainer)
    *_, again = AnchorSizes(most=4).compute(trainer)
    assert torch.equal(last.arrays["sizes"].nan_to_num(), again.arrays["sizes"].nan_to_num())
    sizes, overlaps, boxes = (last.arrays[name] for name in ("sizes", "mean_overlap", "boxes"))
    assert bool((overlaps.diff() > 0).all())
    for count in range(1, 5):
        own = sizes[count - 1, :count]
        shared = torch.minimum(boxes[:, None], own).prod(-1)
        shared = shared / (boxes.prod(-1)[:, None] + own.prod(-1) - shared)
        assert float(overlaps[count - 1]) == pytest.approx(float(shared.amax(1).mean()), abs=1e-5)
        assert bool(sizes[count - 1, count:].isnan().all())
        # A mean of its boxes: where k-means ends, nothing moves.
        nearest = shared.argmax(1)
        for place in range(count):
            torch.testing.assert_close(own[place], boxes[nearest == place].mean(0), rtol=1e-4, atol=1e-3)


def test_data_without_boxes_have_no_anchors() -> None:
    network = [{"kind": "linear", "units": None}]
    with pytest.raises(InvalidCommand, match="which gives classes; expected data with boxes"):
        AnchorSizes().check_experiment(Experiment.parse({"data": {"kind": "spiral"}, "network": network}))
