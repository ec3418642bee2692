"""Segmentation against loops written by hand: losses, metrics, and masks that move with their pictures."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, jaccard_score
from torch import Tensor
from torch.nn import functional as F

import glassnet
from glassnet.engine.catalog import catalog
from glassnet.engine.catalog.call import Call
from glassnet.engine.data.load import load
from glassnet.engine.errors import DataError, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.augmentations.geometry import Crop, Flip, Rotate, Scale, Shift
from glassnet.engine.items.datasets.shape_masks import ShapeMasks
from glassnet.engine.items.losses.cross_entropy import CrossEntropy
from glassnet.engine.items.losses.dice import Dice
from glassnet.engine.items.targets import moved_boxes, moved_masks
from glassnet.engine.items.tasks.segmentation import Segmentation
from glassnet.engine.network.planner import plan
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, same, segmenting

GENERATOR = torch.Generator().manual_seed(1)
SCORES = torch.randn(3, 4, 5, 6, generator=GENERATOR, dtype=torch.float64)
MASKS = torch.randint(4, (3, 5, 6), generator=GENERATOR).to(torch.uint8)
MASKS[0, 0] = 255


def pixels() -> list[tuple[int, ...]]:
    """The samples, rows and columns of the pixels that have a class."""
    places = itertools.product(*map(range, MASKS.shape))
    return [place for place in places if int(MASKS[place]) != 255]


def value(loss: CrossEntropy | Dice, scores: Tensor = SCORES, masks: Tensor = MASKS) -> float:
    task = Segmentation(losses=[loss])
    return float(task.compare(loss).build().double()(scores, masks))


# Losses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 3.0, 4.0]])
def test_cross_entropy_is_the_mean_over_the_pixels_that_have_a_class(
    smoothing: float, weights: list[float] | None
) -> None:
    each = torch.stack([SCORES[n, :, i, j] for n, i, j in pixels()])
    labels = torch.tensor([int(MASKS[place]) for place in pixels()])
    weight = None if weights is None else torch.tensor(weights).double()
    expected = F.cross_entropy(each, labels, weight, label_smoothing=smoothing)
    loss = CrossEntropy(label_smoothing=smoothing, class_weights=weights)
    assert value(loss) == pytest.approx(float(expected), rel=1e-10)


@pytest.mark.parametrize("smoothing", [0.0, 1.0, 20.0])
def test_dice_compares_areas(smoothing: float) -> None:
    both, said, there = [0.0] * 4, [0.0] * 4, [0.0] * 4
    for n, i, j in pixels():
        shares = torch.softmax(SCORES[n, :, i, j], dim=0).tolist()
        for c in range(4):
            right = float(int(MASKS[n, i, j]) == c)
            both[c] += shares[c] * right
            said[c] += shares[c]
            there[c] += right
    dice = [(2 * b + smoothing) / (s + t + smoothing) for b, s, t in zip(both, said, there, strict=True)]
    expected = 1 - sum(dice) / 4
    assert value(Dice(smoothing=smoothing)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("loss", [CrossEntropy(), Dice()])
def test_a_mask_without_classes_costs_nothing(loss: CrossEntropy | Dice) -> None:
    scores = SCORES.clone().requires_grad_()
    output = Segmentation(losses=[loss]).compare(loss).build()(scores, torch.full_like(MASKS, 255))
    output.backward()
    assert float(output.detach()) == 0
    assert scores.grad is not None
    assert not scores.grad.any()


def test_a_perfect_answer_has_no_dice_loss() -> None:
    known = torch.where(MASKS == 255, 0, MASKS)
    sure = 100.0 * F.one_hot(known.long(), 4).movedim(-1, 1).double()
    assert value(Dice(smoothing=0), sure) == pytest.approx(0, abs=1e-12)
    assert value(CrossEntropy(), sure) == pytest.approx(0, abs=1e-12)


# Metrics --------------------------------------------------------------------------------------------------


def test_metrics_come_from_the_confusion_of_all_batches() -> None:
    task, parts = Segmentation(), [slice(0, 1), slice(1, 3)]
    measured = [task.measure(SCORES[part], MASKS[part])["confusion"] for part in parts]
    said, right = SCORES.argmax(dim=1)[MASKS != 255], MASKS[MASKS != 255]
    assert torch.equal(sum(measured, torch.zeros(4, 4)), torch.tensor(confusion_matrix(right, said)).float())
    found = task.conclude({"confusion": measured[0] + measured[1]}, 3)
    each = jaccard_score(right, said, average=None)
    assert found["pixel_accuracy"] == pytest.approx(float((said == right).double().mean()))
    assert [found[f"iou_{number}"] for number in range(4)] == pytest.approx(each.tolist())
    assert found["mean_iou"] == pytest.approx(float(np.mean(each)))
    data = ShapeMasks()
    assert set(task.metrics(data)) == set(task.conclude({"confusion": torch.eye(7)}, 1))


def test_a_class_that_is_neither_there_nor_said_has_no_overlap() -> None:
    found = Segmentation().conclude({"confusion": torch.tensor([[3, 1, 0], [0, 4, 0], [0, 0, 0]])}, 1)
    assert math.isnan(found["iou_2"])
    assert found["mean_iou"] == pytest.approx((3 / 4 + 4 / 5) / 2)


def test_a_class_that_is_nowhere_stops_no_training() -> None:
    trainer = Trainer(Experiment.parse(segmenting(data={"kind": "shape_masks", "samples": 20, "size": 16})))
    trainer.data.test.targets.clamp_(max=5)
    trainer.step()
    assert math.isfinite(trainer.evaluate()["test_loss"])


# Shapes ---------------------------------------------------------------------------------------------------


def test_the_task_says_the_shape_and_empty_filters_follow_it() -> None:
    experiment = Experiment.parse(segmenting())
    assert experiment.task.shape(experiment.task.losses[0], experiment.data) == (7, 16, 16)
    assert plan(experiment)["output"].shape == (7, 16, 16)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            {"kind": "conv2d", "filters": 3, "kernel": 1},
            "3×16×16; loss 'cross_entropy' on 'shape_masks' expected",
        ),
        ({"kind": "conv2d", "filters": None, "kernel": 3}, "7×14×14; loss 'cross_entropy' on"),
        ({"kind": "global_average_pool"}, "expected 7×16×16 (empty filters follow the task)"),
    ],
)
def test_a_node_of_another_shape_is_refused(last: Document, said: str) -> None:
    network = [*segmenting()["network"][:2], {**last, "name": "output"}]
    with pytest.raises(InvalidExperiment) as refused:
        plan(Experiment.parse(segmenting(network=network)))
    assert refused.value.problems[0].pointer == "/network/2"
    assert said in str(refused.value)


def test_other_data_are_refused_with_the_task_that_suits() -> None:
    for data, task in (("spiral", "classification"), ("regression_gauss", "regression")):
        with pytest.raises(InvalidExperiment, match=f"expected task '{task}'"):
            plan(Experiment.parse(segmenting(data={"kind": data})))
    with pytest.raises(InvalidExperiment, match="gives masks, not classes; expected task 'segmentation'"):
        plan(Experiment.parse(segmenting(task={"kind": "classification"})))
    with pytest.raises(InvalidExperiment, match="'hinge' compares no masks"):
        plan(Experiment.parse(segmenting(task={"kind": "segmentation", "losses": [{"kind": "hinge"}]})))


@pytest.mark.parametrize(
    ("masks", "said"),
    [
        (
            torch.zeros(20, 8, 8, dtype=torch.uint8),
            r"targets uint8 \(20, 8, 8\); expected uint8 \(20, 16, 16\)",
        ),
        (torch.zeros(20, 16, 16, dtype=torch.int64), "targets int64"),
        (
            torch.full((20, 16, 16), 7, dtype=torch.uint8),
            "classes from 7 to 7; expected 0 to 6, and 255 for none",
        ),
    ],
)
def test_masks_that_are_none_are_refused(masks: Tensor, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = torch.zeros(20, 3, 16, 16, dtype=torch.uint8)
    monkeypatch.setattr(ShapeMasks, "generate", lambda _: None)
    monkeypatch.setattr(ShapeMasks, "read", lambda *_: (pictures, masks))
    with pytest.raises(DataError, match=said):
        load(ShapeMasks(samples=20, size=16), 0)


# Masks and boxes that move along --------------------------------------------------------------------------

MOVES: list[Augmentation] = [
    Flip(direction="both"),
    Rotate(angle=40),
    Scale(factor=1.5),
    Shift(share=0.3),
    Crop(least=0.6),
]


def moved(item: Augmentation, pictures: Tensor, masks: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The pictures, the masks, and the maps that moved them."""
    move = item.move()
    assert move.drawn is not None
    place = move.drawn.build(pictures=pictures, generator=torch.Generator().manual_seed(4))
    return move.pictures.build(pictures=pictures, place=place), moved_masks(masks, place), place


@pytest.mark.parametrize("item", MOVES, ids=lambda item: item.kind)
def test_masks_move_with_their_pictures(item: Augmentation) -> None:
    data = ShapeMasks(samples=30, size=48, colours="white", noise=0.0)
    pictures, masks = drawn(data)
    shown, marked, _ = moved(item, pictures.float() / 255, masks)
    alone = item.call().build(pictures=pictures.float() / 255, generator=torch.Generator().manual_seed(4))
    assert torch.equal(shown, alone)
    known = marked != 255
    bright, shape = shown[:, 0] > 0.5, (marked > 0) & known
    wrong = (bright != shape) & known
    assert float(wrong.double().mean()) < 0.01
    assert shape.any(dim=(1, 2)).double().mean() > 0.9


@pytest.mark.parametrize("item", MOVES, ids=lambda item: item.kind)
def test_boxes_move_with_their_pictures_as_the_hull_clipped(item: Augmentation) -> None:
    pictures = torch.zeros(8, 1, 40, 60)
    pictures[:, :, 10:26, 12:40] = 1
    boxes = torch.tensor([[12.0, 10.0, 40.0, 26.0, 2.0], [-1.0] * 5]).expand(8, 2, 5)
    shown, _, place = moved(item, pictures, torch.zeros(8, 40, 60, dtype=torch.uint8))
    found = moved_boxes(boxes, place, pictures)
    assert torch.equal(found[:, 1], boxes[:, 1])
    for picture, box in zip(shown[:, 0] > 0.5, found[:, 0], strict=True):
        rows, columns = picture.any(dim=1).nonzero()[:, 0], picture.any(dim=0).nonzero()[:, 0]
        hull = torch.tensor([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]).float()
        assert (box[:4] - hull).abs().max() < 1.6
        assert box[4] == 2


def test_a_box_that_leaves_the_picture_becomes_padding() -> None:
    place = torch.tensor([[[1.0, 0.0, 2.5], [0.0, 1.0, 0.0]]])
    boxes = torch.tensor([[[2.0, 2.0, 8.0, 8.0, 1.0]]])
    assert torch.equal(moved_boxes(boxes, place, torch.zeros(1, 1, 10, 10)), torch.full((1, 1, 5), -1.0))


def test_every_augmentation_of_geometry_takes_targets_along() -> None:
    geometric = {
        kind
        for kind, item in catalog(Augmentation).items()
        if item.model_validate({"kind": kind}).move().drawn
    }
    assert geometric == {item.kind for item in MOVES}


def test_augmented_masks_resume_bit_for_bit() -> None:
    data = {**segmenting()["data"], "augmentations": [{"kind": "flip"}, {"kind": "rotate"}, {"kind": "blur"}]}
    document = segmenting(data=data)
    whole, first, second = (Trainer(Experiment.parse(document)) for _ in range(3))
    for _ in range(9):
        whole.step()
    for _ in range(4):
        first.step()
    second.load(first.state())
    for _ in range(5):
        second.step()
    assert same(whole.state(), second.state())
    plain = Trainer(Experiment.parse(document), replay=False)
    for _ in range(9):
        plain.step()
    assert same(whole.state(), plain.state())


# The data -------------------------------------------------------------------------------------------------


def drawn(data: ShapeMasks, seed: int = 0) -> tuple[Tensor, Tensor]:
    call = data.generate()
    assert isinstance(call, Call)
    pictures, masks = call.build(generator=torch.Generator().manual_seed(seed))
    return pictures, masks


@pytest.mark.parametrize("size", [16, 32, 64])
def test_masks_mark_the_shapes(size: int) -> None:
    pictures, masks = drawn(ShapeMasks(samples=36, size=size, colours="white", noise=0))
    assert pictures.shape == (36, 3, size, size)
    assert masks.shape == (36, size, size)
    assert masks.dtype == torch.uint8
    assert torch.equal(pictures[:, 0] >= 128, masks > 0)
    there = [set(mask.unique().tolist()) - {0} for mask in masks]
    assert there == [{number % 6 + 1} for number in range(36)]


def test_several_shapes_hide_each_other() -> None:
    _, masks = drawn(ShapeMasks(samples=60, objects=3))
    kinds = [len(mask.unique()) - 1 for mask in masks]
    assert min(kinds) == 1
    assert max(kinds) == 3


# Looks ----------------------------------------------------------------------------------------------------


def test_pixel_classes_are_what_the_network_says_of_chosen_pictures() -> None:
    trainer = Trainer(Experiment.parse(segmenting()))
    trainer.step()
    found = glassnet.observe(trainer, "pixel_classes", samples=[3, 0])
    inputs, truth = trainer.data.test.inputs[[3, 0]], trainer.data.test.targets[[3, 0]]
    scores = trainer.evaluation_network(inputs)["output"]
    assert found["mask"].tolist() == scores.argmax(dim=1).tolist()
    assert found["truth"].tolist() == truth.tolist()
    assert found["pictures"].tolist() == trainer.data.test.raw[[3, 0]].tolist()
    sure = torch.softmax(scores, dim=1).amax(dim=1) * 255
    assert (torch.tensor(found["certainty"]) - sure.detach()).abs().max() <= 0.51
    right, answer = truth[0], scores.argmax(dim=1)[0]
    areas = [((right == c) & (answer == c), (right == c) | (answer == c)) for c in range(7)]
    each = [float(both.sum()) / float(either.sum()) if either.any() else math.nan for both, either in areas]
    np.testing.assert_allclose(found["iou"][0], each, rtol=1e-5)


def test_looks_ask_the_task_what_a_target_is() -> None:
    trainer = Trainer(Experiment.parse(segmenting()))
    metrics, matrix = (glassnet.observe(trainer, kind) for kind in ("metrics", "confusion_matrix"))
    assert metrics["confusion"].sum() == 12 * 16 * 16
    assert matrix["test"].tolist() == metrics["confusion"].tolist()
    assert float(metrics["mean_iou"]) == pytest.approx(trainer.evaluate()["test_mean_iou"], rel=1e-6)
    maps = glassnet.observe(trainer, "activation_maps")
    said = glassnet.observe(trainer, "prediction")
    assert maps["mask"].tolist() == said["mask"].tolist()
    assert said["answer"].sum() == pytest.approx(1, abs=1e-5)
    assert said["truth"].tolist() == trainer.data.test.targets[0].tolist()
    assert glassnet.observe(trainer, "samples", count=3)["test/predictions"].shape == (3, 16, 16)
    with pytest.raises(ValueError, match="examples of masks; expected data with classes or values"):
        glassnet.observe(trainer, "examples")
    classes = Trainer(Experiment.parse({"data": {"kind": "spiral"}}))
    with pytest.raises(
        ValueError, match="pixel classes of 'spiral', which gives classes; expected data with masks"
    ):
        glassnet.observe(classes, "pixel_classes")
    with pytest.raises(ValueError, match="sample 12 of the test set; expected one of 0 to 11"):
        glassnet.observe(trainer, "pixel_classes", samples=[12])
