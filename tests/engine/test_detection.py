"""Detection: scenes with boxes, cells read as boxes, the loss of YOLO v1 against loops, mAP as a metric."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from sklearn import metrics as sklearn
from torch import Tensor

import glassnet
from glassnet.engine.boxes.average_precision import class_curves, precision_recall
from glassnet.engine.boxes.candidates import detections, mean_precisions, started_detections
from glassnet.engine.boxes.overlap import overlap
from glassnet.engine.data.load import load
from glassnet.engine.errors import DataError, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.datasets.shape_scenes import ShapeScenes
from glassnet.engine.items.datasets.shapes import coverage, scene
from glassnet.engine.items.layers.cell_boxes import CellDecoder
from glassnet.engine.items.losses.yolo_v1 import CellLoss, cell_losses
from glassnet.engine.items.tasks.detection import Detection
from glassnet.engine.network.planner import plan
from glassnet.engine.probes.found_boxes import FoundBoxes, missed_objects
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document

SCENES = ShapeScenes(samples=40, size=32)


def detecting(**changes: Any) -> Document:
    data: Document = {"kind": "shape_scenes", "samples": 40, "size": 32}
    return {
        "data": data,
        "task": {"kind": "detection"},
        "network": Detection().starter(SCENES),
        "training": {"batch_size": 8, "epochs": 4},
        **changes,
    }


# Scenes --------------------------------------------------------------------------------------------------


def test_scenes_have_a_box_around_every_shape_and_padding_elsewhere() -> None:
    data = load(ShapeScenes(samples=200, noise=0, empty=0.2, colours="white", objects=4), 0)
    pictures, boxes = data.train.raw, data.train.targets
    assert boxes.dtype == torch.float32
    there = boxes[..., 4] >= 0
    assert bool((boxes[~there] == -1).all())
    assert 0.1 < float((~there.any(dim=1)).double().mean()) < 0.3
    for picture, own, known in zip(pictures, boxes, there, strict=True):
        outside = picture[0] > 127
        for left, top, right, bottom, _ in own[known].long().tolist():
            inside = outside[top:bottom, left:right]
            assert inside.any()
            outside = outside.clone()
            outside[top:bottom, left:right] = False
        assert not outside.any()


def test_shapes_hardly_overlap() -> None:
    boxes = load(ShapeScenes(samples=100, objects=6), 0).train.targets
    for own in boxes:
        own = own[own[:, 4] >= 0]
        shared = overlap(own[:, None, :4], own[None, :, :4])
        assert float((shared - torch.eye(len(own))).max()) <= 0.05


def test_a_shape_that_covers_no_pixel_by_half_has_no_box() -> None:
    """Of a thin ring about the corner of a pixel nothing is half covered: it has no box."""
    seen = scene(1, 32, 0.1, 0.1, True, False, "white", torch.Generator())
    seen |= {"class": torch.tensor([4]), "centre": torch.tensor([[16.0, 16.0]])}
    assert float(coverage(seen, 32).max()) < 0.5
    boxes = load(ShapeScenes(samples=4000, size=32, smallest=0.1, largest=0.1), 0).train.targets
    there = boxes[boxes[..., 4] >= 0]
    assert float((there[:, 2] - there[:, 0]).max()) < 8


def test_the_probe_of_samples_sends_boxes_as_they_are() -> None:
    frame = glassnet.observe(Trainer(Experiment.parse(detecting())), "samples", count=4)
    assert frame["train/targets"].dtype == np.float32
    assert float(frame["train/targets"].min()) == -1


@pytest.mark.parametrize("kind", ["shape_scenes", "shape_masks"])
def test_more_pictures_than_memory_should_hold_are_refused(kind: str) -> None:
    data = {"kind": kind, "samples": 20_000, "size": 256}
    with pytest.raises(InvalidExperiment, match=r"20,000 samples of 3×256×256 are 3,932,160,000 numbers"):
        Experiment.parse(detecting(data=data))


# Cells ---------------------------------------------------------------------------------------------------


def test_cells_are_read_as_boxes_with_scores() -> None:
    decoder = CellDecoder(2, 2, 3, 20, 60)
    x = torch.zeros(1, 12, 2, 3)
    x[0, :, 1, 2] = torch.tensor([0.5, 0.25, 0.5, 1, 0.8, 0, 0, 0.1, 0.1, 2.0, 0.5, -1])
    rows = decoder(x, torch.zeros(1, 3, 20, 60))
    assert rows.shape == (1, 12, 13)
    first = rows[0, 10]
    # The cell's corner is 40, 10, its side 20 by 10; a quarter of 60 is wide, all of 20 high.
    assert first[:4].tolist() == pytest.approx([42.5, 2.5, 57.5, 22.5])
    assert first[4:8].tolist() == [40, 10, 60, 20]
    assert first[8:].tolist() == pytest.approx([0.8, 0.5, -1, 0.4, 0])
    assert rows[0, 11, 8:].tolist() == pytest.approx([2, 0.5, -1, 0.5, 0])


def by_hand(output: Tensor, target: Tensor) -> dict[str, float]:
    """The loss of YOLO v1, object by object."""
    parts = dict.fromkeys(["place", "size", "object", "ground", "class"], 0.0)
    for candidates, objects in zip(output, target, strict=True):
        answering = set()
        whole = candidates[:, 6:8].amax(dim=0)
        for box in objects:
            if box[4] < 0:
                continue
            middle = (box[:2] + box[2:4]) / 2
            own = [
                (float(overlap(row[:4], box[:4])), -index)
                for index, row in enumerate(candidates)
                if bool((middle >= row[4:6]).all() and (middle < row[6:8]).all())
            ]
            shared, place = max(own)
            row = candidates[-place]
            answering.add(-place)
            side = row[6:8] - row[4:6]
            parts["place"] += float((((row[:2] + row[2:4]) / 2 - middle) / side).square().sum())
            roots = ((row[2:4] - row[:2]) / whole).sqrt() - ((box[2:4] - box[:2]) / whole).sqrt()
            parts["size"] += float(roots.square().sum())
            parts["object"] += (float(row[8]) - shared) ** 2
            right = torch.nn.functional.one_hot(box[4].long(), 3)
            parts["class"] += float((row[9:12] - right).square().sum())
        others = [index for index in range(len(candidates)) if index not in answering]
        parts["ground"] += float(candidates[others, 8].square().sum())
    return {name: value / len(output) for name, value in parts.items()}


def test_the_loss_is_the_papers_sum_part_by_part() -> None:
    x = torch.rand(4, 13, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    output = CellDecoder(2, 3, 3, 30, 30).double()(x, torch.zeros(4, 3, 30, 30))
    target = torch.full((4, 3, 5), -1.0, dtype=torch.float64)
    target[0, 0] = torch.tensor([2, 3, 17, 12, 1])
    target[0, 1] = torch.tensor([20, 20, 30, 29, 0])
    target[1, 2] = torch.tensor([0, 0, 30, 30, 2])
    target[2, 0] = torch.tensor([11, 12, 18, 19, 2])
    expected = by_hand(output, target)
    found = cell_losses(output, target)
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected)
    weighed = 5 * (expected["place"] + expected["size"]) + expected["object"] + expected["ground"] / 2
    assert float(CellLoss("all")(output, target)) == pytest.approx(weighed + expected["class"])
    assert float(CellLoss("size")(output, target)) == pytest.approx(expected["size"])


def test_a_batch_without_an_object_teaches_silence_with_finite_gradients() -> None:
    x = torch.zeros(2, 13, 3, 3, requires_grad=True)
    output = CellDecoder(2, 3, 3, 30, 30)(x, torch.zeros(2, 3, 30, 30))
    none = torch.full((2, 3, 5), -1.0)
    parts = cell_losses(output.detach(), none)
    assert {name: float(value) for name, value in parts.items() if name != "ground"} == dict.fromkeys(
        ["place", "size", "object", "class"], 0.0
    )
    one = torch.cat([none[:1], torch.tensor([[[3.0, 3, 9, 9, 0], [-1] * 5, [-1] * 5]])])
    (slope,) = torch.autograd.grad(CellLoss("all")(output, one), x)
    assert bool(slope.isfinite().all())
    assert bool(slope[:, [0, 1, 4]].any())


# The task ------------------------------------------------------------------------------------------------


def answers(target: Tensor, classes: int) -> Tensor:
    """Candidates that answer exactly with the boxes of a target."""
    rows = torch.zeros(*target.shape[:2], 9 + 2 * classes)
    there = target[..., 4] >= 0
    rows[..., :4] = target[..., :4]
    right = torch.nn.functional.one_hot(target[..., 4].clamp_min(0).long(), classes).float()
    rows[..., 9 + classes :] = right * there[..., None] * 0.9
    return rows


def test_exact_answers_have_a_mean_average_precision_of_one() -> None:
    target = load(SCENES, 0).train.targets
    task = Detection()
    output = answers(target, 6)
    measured = task.measure(output, target)
    assert measured["objects"].tolist() == [int((target[..., 4] == kind).sum()) for kind in range(6)]
    found = task.conclude(measured, len(target))
    assert found["map_50"] == found["map"] == 1
    assert set(found) == set(task.metrics(SCENES))
    shifted = output.clone()
    shifted[..., :4] += torch.tensor([2.0, 0, 2, 0])
    worse = task.conclude(task.measure(shifted, target), len(target))
    assert worse["map"] < worse["map_50"] <= 1
    boxes = task.predictions(task.losses[0], output)
    assert sorted(map(tuple, boxes[0][boxes[0][:, 4] >= 0].tolist())) == sorted(
        map(tuple, target[0][target[0][:, 4] >= 0].tolist())
    )


def test_a_detection_knows_what_it_started_from() -> None:
    target = load(SCENES, 0).train.targets
    output = answers(target, 6)
    output[..., 4:8] = output[..., :4] + 100
    found, starts = started_detections(output)
    there = found[..., 5] >= 0
    assert torch.equal(found, detections(output))
    assert torch.equal(starts[there], found[there][:, :4] + 100)
    assert bool((starts[~there] == -1).all())


def test_silence_finds_nothing_and_scenes_without_objects_have_no_precision() -> None:
    target = load(SCENES, 0).train.targets
    task = Detection()
    silent = torch.zeros(len(target), 5, 21)
    assert bool((detections(silent)[..., 5] == -1).all())
    assert task.conclude(task.measure(silent, target), len(target))["map_50"] == 0
    nothing = torch.full_like(target, -1)
    found = task.conclude(task.measure(silent, nothing), len(target))
    assert math.isnan(found["map_50"])
    assert math.isnan(
        mean_precisions({"detections": torch.zeros(0, 20, 13), "objects": torch.zeros(6)}, 0)["map"]
    )


def test_a_detector_trains_and_its_metrics_are_told() -> None:
    trainer = Trainer(Experiment.parse(detecting()))
    before = trainer.evaluate()
    for _ in range(4 * trainer.steps_per_epoch):
        trainer.step()
    after = trainer.evaluate()
    assert after["train_loss"] < before["train_loss"]
    assert 0 <= after["test_map_50"] <= 1


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        (
            {"data": {"kind": "spiral"}},
            "/task/kind",
            "gives classes, not boxes; expected task 'classification'",
        ),
        (
            {"task": {"kind": "detection", "losses": [{"kind": "hinge"}]}},
            "/task/losses/0/kind",
            "'hinge' compares no boxes; expected a loss for boxes",
        ),
        (
            {"task": {"kind": "classification"}},
            "/task/kind",
            "gives boxes, not classes; expected task 'detection'",
        ),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(changes: Document, pointer: str, said: str) -> None:
    with pytest.raises(InvalidExperiment) as refused:
        plan(Experiment.parse(detecting(**changes)))
    assert refused.value.problems[0].pointer == pointer
    assert said in str(refused.value)


def test_a_map_of_too_few_channels_is_refused() -> None:
    network = Detection().starter(SCENES)
    network[-2]["filters"] = 10
    with pytest.raises(
        InvalidExperiment, match="10×4×4 and 3×32×32 arrive; expected a map with 5 × 2 channels"
    ):
        plan(Experiment.parse(detecting(network=network)))
    network[-2]["filters"] = 12
    with pytest.raises(InvalidExperiment, match="32×13; loss 'yolo_v1' on 'shape_scenes' expected"):
        plan(Experiment.parse(detecting(network=network)))


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ([4.0, 4, 2, 9, 0], "a box from 4, 4 to 2, 9"),
        ([4.0, 4, 4, 9, 0], "a box from 4, 4 to 4, 9"),
        ([-3.0, 4, 8, 9, 0], "a box from -3, 4 to 8, 9"),
        ([4.0, 4, 8, math.nan, 0], "a box from 4, 4 to 8, nan"),
        ([4.0, 4, 8, 9, 6], "classes from 1 to 6"),
    ],
)
def test_boxes_that_are_none_are_refused(
    box: list[float], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = torch.tensor([2.0, 2, 9, 9, 1]).repeat(40, 2, 1)
    boxes[7, 1] = torch.tensor(box)
    monkeypatch.setattr(ShapeScenes, "generate", lambda _: None)
    monkeypatch.setattr(
        ShapeScenes, "read", lambda *_: (torch.zeros(40, 3, 32, 32, dtype=torch.uint8), boxes)
    )
    with pytest.raises(DataError, match=said):
        load(SCENES, 0)


def test_the_probe_says_what_is_found_and_what_is_missed() -> None:
    trainer = Trainer(Experiment.parse(detecting()))
    frame = FoundBoxes(samples=[0, 3]).prepare(trainer)()
    assert frame["pictures"].shape == (2, 3, 32, 32)
    assert frame["found"].shape == (2, 20, 6)
    assert frame["starts"].shape == (2, 20, 4)
    there = frame["truth"][..., 4] >= 0
    assert torch.equal(frame["missed"].bool(), there)  # nothing is sure before training
    truth = frame["truth"][:, :2]
    found = torch.cat([truth[..., :4], torch.full((2, 2, 1), 0.9), truth[..., 4:]], dim=-1)
    assert not missed_objects(found, truth, 0.5).any()
    assert torch.equal(missed_objects(found, truth, 0.95), truth[..., 4] >= 0)
    with pytest.raises(ValueError, match="sample 99 of the test set; expected one of 0 to 7"):
        FoundBoxes(samples=[99]).prepare(trainer)


# Curves --------------------------------------------------------------------------------------------------


def test_the_curve_of_a_class_is_scikit_learns_over_its_matched_boxes() -> None:
    """Scikit-learn takes what was found for all there is: its recall is the share of that."""
    generator = torch.Generator().manual_seed(0)
    scores, classes = torch.rand(300, generator=generator), torch.randint(3, (300,), generator=generator)
    right = torch.rand(300, generator=generator) < scores
    counts = [int(right[classes == number].sum()) + number for number in range(3)]
    curves = class_curves(scores, right, classes, counts, 200)
    for number, count in enumerate(counts):
        own = classes == number
        precision, recall, thresholds = sklearn.precision_recall_curve(right[own], scores[own])
        share, length = int(right[own].sum()) / count, len(thresholds)
        np.testing.assert_allclose(curves.scores[number, :length], thresholds[::-1])
        np.testing.assert_allclose(curves.precision[number, :length], precision[-2::-1], rtol=1e-6)
        np.testing.assert_allclose(curves.recall[number, :length], share * recall[-2::-1], rtol=1e-6)
        assert bool(curves.scores[number, length:].isnan().all())


def test_curves_are_thinned_to_their_first_and_last_point() -> None:
    scores, right = torch.linspace(1, 0, 100), torch.arange(100) % 3 == 0
    curves = class_curves(scores, right, torch.zeros(100), [40, 5, 0], 7)
    recall, precision, _ = precision_recall(scores, right, 40)
    assert curves.recall.shape == (3, 7)
    assert [curves.recall[0, 0], curves.recall[0, -1]] == [recall[0].float(), recall[-1].float()]
    assert curves.precision[0, -1] == precision[-1].float()
    assert bool(curves.scores[1:].isnan().all())


def test_the_probe_of_metrics_says_of_boxes_what_the_evaluation_says() -> None:
    trainer = Trainer(Experiment.parse(detecting()))
    found, told = glassnet.observe(trainer, "metrics", set="train", points=5000), trainer.evaluate()
    objects = trainer.data.train.targets[..., 4]
    assert found["objects"].tolist() == [int((objects == number).sum()) for number in range(6)]
    assert float(found["map_50"]) == pytest.approx(told["train_map_50"], abs=1e-7)
    assert found["ap"].tolist() == pytest.approx([told[f"train_ap_{number}"] for number in range(6)])
    drawn = ~np.isnan(found["curve/score"])
    assert drawn.sum(axis=1).tolist() == found["detections"].tolist()
