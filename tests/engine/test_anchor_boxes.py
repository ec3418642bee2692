"""Detectors with anchors: boxes from maps against formulas, and their losses against loops written out."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from glassnet.engine.boxes.anchors import answering_anchors, cell_sides
from glassnet.engine.boxes.overlap import overlap
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.datasets.shape_scenes import ShapeScenes
from glassnet.engine.items.layers.anchor_boxes import AnchorDecoder
from glassnet.engine.items.losses.multibox import FocalBoxes, FocalBoxLoss, MultiBox, MultiBoxLoss
from glassnet.engine.items.losses.yolo_anchors import YoloV2Loss, YoloV3Loss, anchor_losses
from glassnet.engine.items.tasks.detection import Detection
from glassnet.engine.network.planner import plan
from tests.engine.experiments import Document

SIZES = [[[8.0, 8.0], [16.0, 8.0]], [[30.0, 20.0]]]
CLASSES = 3


def maps(others: int, *, separate: bool = False) -> list[Tensor]:
    """Random maps of 4 × 6 and 2 × 3 cells, float64, for the anchors above."""
    generator = torch.Generator().manual_seed(others)

    def drawn(channels: int, size: tuple[int, int]) -> Tensor:
        return torch.randn(3, channels, *size, generator=generator, dtype=torch.float64)

    found = []
    for sizes, cells in zip(SIZES, [(4, 6), (2, 3)], strict=True):
        parts = (4, others) if separate else (4 + others,)
        found += [drawn(len(sizes) * each, cells) for each in parts]
    return found


def decoder(weights: list[float] | None, objectness: bool, scores: str, separate: bool = False) -> Any:
    grids = [[4, 6], [2, 3]]
    return AnchorDecoder(SIZES, grids, [32, 48], weights, objectness, scores, separate).double()


PICTURE = torch.zeros(3, 3, 32, 48, dtype=torch.float64)


def targets(*objects: list[list[float]]) -> Tensor:
    """Boxes (pictures, 3, 5), padded with −1."""
    found = torch.full((len(objects), 3, 5), -1.0, dtype=torch.float64)
    for index, own in enumerate(objects):
        for place, box in enumerate(own):
            found[index, place] = torch.tensor(box)
    return found


TARGETS = targets(
    [[1, 2, 13, 9, 1], [20, 8, 47, 30, 0]],
    [],
    [[9.5, 9.5, 17, 18, 2], [10, 10, 17.5, 18, 2], [0, 0, 48, 32, 1]],
)


# Boxes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("weights", [None, [10.0, 10.0, 5.0, 5.0]])
def test_anchors_are_moved_and_stretched_by_their_numbers(
    weights: list[float] | None, separate: bool
) -> None:
    found = maps(4, separate=separate)
    rows = decoder(weights, False, "softmax", separate)(*found, PICTURE)
    assert rows.shape == (3, 4 * 6 * 2 + 2 * 3, 9 + 2 * CLASSES)
    place = 0
    for index, sizes in enumerate(SIZES):
        map_of_boxes = found[2 * index] if separate else found[index]
        stride = 32 / map_of_boxes.shape[2]
        for y in range(map_of_boxes.shape[2]):
            for x in range(map_of_boxes.shape[3]):
                for anchor, (width, height) in enumerate(sizes):
                    if separate:
                        numbers = found[2 * index][1, 4 * anchor : 4 * anchor + 4, y, x].tolist()
                        others = found[2 * index + 1][1, 4 * anchor : 4 * anchor + 4, y, x]
                    else:
                        own = found[index][1, 8 * anchor : 8 * anchor + 8, y, x]
                        numbers, others = own[:4].tolist(), own[4:]
                    cx, cy = (x + 0.5) * stride, (y + 0.5) * stride
                    if weights is None:
                        mx = (x + 1 / (1 + math.exp(-numbers[0]))) * stride
                        my = (y + 1 / (1 + math.exp(-numbers[1]))) * stride
                        w, h = width * math.exp(numbers[2]), height * math.exp(numbers[3])
                    else:
                        mx, my = cx + width * numbers[0] / 10, cy + height * numbers[1] / 10
                        w, h = width * math.exp(numbers[2] / 5), height * math.exp(numbers[3] / 5)
                    row = rows[1, place]
                    expected = [mx - w / 2, my - h / 2, mx + w / 2, my + h / 2]
                    assert row[:4].tolist() == pytest.approx(expected)
                    start = [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]
                    assert row[4:8].tolist() == pytest.approx(start)
                    assert torch.equal(row[8:12], others)
                    torch.testing.assert_close(row[12:], others.softmax(0)[1:])
                    place += 1


def test_scores_are_shares_or_sigmoids_with_objectness_and_without() -> None:
    with_objectness = maps(4)
    rows = decoder(None, True, "softmax")(*with_objectness, PICTURE)
    torch.testing.assert_close(rows[..., 12:], rows[..., 8:9].sigmoid() * rows[..., 9:12].softmax(-1))
    rows = decoder(None, True, "sigmoid")(*with_objectness, PICTURE)
    torch.testing.assert_close(rows[..., 12:], rows[..., 8:9].sigmoid() * rows[..., 9:12].sigmoid())
    rows = decoder(None, False, "sigmoid")(*maps(3), PICTURE)
    torch.testing.assert_close(rows[..., 12:], rows[..., 9:12].sigmoid())
    assert torch.equal(rows[..., 8], rows[..., 9:12].amax(-1))


def test_before_anything_is_learned_objects_are_as_probable_as_the_prior_says() -> None:
    silent = [torch.zeros_like(x) for x in maps(4)]
    for objectness, scores, expected in (
        (True, "sigmoid", 0.02 / 2),
        (True, "softmax", 0.02 / 3),
        (False, "sigmoid", 0.02),
        (False, "softmax", 1 / (3 + 0.98 / 0.02)),
    ):
        found = (
            silent
            if objectness or scores == "softmax"
            else [x[:, : 7 * len(s)] for x, s in zip(silent, SIZES, strict=True)]
        )
        module = AnchorDecoder(
            SIZES, [[4, 6], [2, 3]], [32, 48], None, objectness, scores, False, math.log(0.02 / 0.98)
        )
        rows = module.double()(*found, PICTURE)
        torch.testing.assert_close(rows[..., 12:], torch.full_like(rows[..., 12:], expected))


def test_the_cell_of_an_anchor_is_told_from_the_order_of_anchors() -> None:
    """Fine before coarse, coarse before fine, maps of one row, of one cell, and of one size twice."""
    sizes = [[5.0, 7.0], [3.0, 3.3], [9.1, 2.0]]
    for grids in ([(4, 6), (2, 3), (1, 1)], [(1, 1), (1, 2), (3, 5)], [(2, 3), (2, 3)], [(1, 1), (1, 1)]):
        cells = [list(grid) for grid in grids]
        module = AnchorDecoder([sizes] * len(grids), cells, [33, 50], None, True, "sigmoid", False)
        torch.testing.assert_close(cell_sides(module.starts), module.sides)


def detecting(anchors: Any, filters: int = 22, **options: Any) -> Document:
    return {
        "data": {"kind": "shape_scenes", "samples": 40, "size": 32},
        "task": {"kind": "detection", "losses": [{"kind": "multibox"}]},
        "network": [
            {"kind": "conv2d", "name": "cells", "filters": filters, "kernel": 8, "stride": 8},
            {"kind": "anchor_boxes", "anchors": anchors, "inputs": ["cells", "input"], **options},
        ],
    }


@pytest.mark.parametrize(
    ("document", "pointer", "said"),
    [
        (
            detecting([[[8, 8], [16, 16], [20, 10]]]),
            "/network/1/anchors/0",
            r"3 anchors for a map of 22 channels; expected 3 × \(5 \+ classes\), such as 33 for 6",
        ),
        (
            detecting([[[8, 8]], [[16, 16]]]),
            "/network/1/anchors",
            "2 lists of anchors for 1 maps; expected 2 maps before the picture, a list for each",
        ),
        (
            detecting([[[116, 90], [373, 326]]]),
            "/network/1/anchors",
            "no anchor fits a picture of 32×32: even 116×90 overlaps the whole of it by 0.10 only",
        ),
        (detecting([[[8, 0], [16, 16]]]), "/network/1/anchors/0/0/1", "expected a number above 0"),
        (detecting([[[8, 8, 8], [16, 16]]]), "/network/1/anchors/0/0", "2"),
        (detecting([[[8, 8], [9, 9]]], filters=20), "/network/1", "32×19; loss 'multibox'"),
        (detecting([[[8, 8], [9, 9]]], separate=True), "/network/1/anchors", "expected 2 maps in pairs"),
    ],
)
def test_anchors_that_fit_nothing_are_refused_at_their_place(
    document: Document, pointer: str, said: str
) -> None:
    with pytest.raises(InvalidExperiment, match=said) as refused:
        plan(Experiment.parse(document))
    assert refused.value.problems[0].pointer == pointer


def test_focal_ground_above_overlap_is_refused() -> None:
    document = detecting([[[8, 8], [16, 16]]], scores="sigmoid", filters=20)
    document["task"]["losses"] = [{"kind": "focal_boxes", "overlap": 0.3}]
    with pytest.raises(InvalidExperiment, match=r"0.4, above overlap 0.3; expected 0.3 at most") as refused:
        plan(Experiment.parse(document))
    assert refused.value.problems[0].pointer == "/task/losses/0/ground"


# The losses of YOLO --------------------------------------------------------------------------------------


def answers_for(rows: Tensor, box: Tensor) -> int:
    """The candidate that answers for an object: of its cells' anchors the one of the best shape."""
    middle, size = (box[:2] + box[2:4]) / 2, box[2:4] - box[:2]
    best, found = -1.0, -1
    for place, row in enumerate(rows):
        centre, anchor = (row[4:6] + row[6:8]) / 2, row[6:8] - row[4:6]
        half = 4 if place < 48 else 8
        if bool((middle >= centre - half).all() and (middle < centre + half).all()):
            shared = float(torch.minimum(size, anchor).prod())
            shared /= float(size.prod() + anchor.prod()) - shared
            if shared > best:
                best, found = shared, place
    return found


def yolo_by_hand(output: Tensor, target: Tensor, ignored: float, logistic: bool) -> dict[str, float]:
    parts = dict.fromkeys(["place", "size", "object", "ground", "class"], 0.0)
    for rows, objects in zip(output, target, strict=True):
        known = objects[objects[:, 4] >= 0]
        answering = [answers_for(rows, box) for box in known]
        for box, place in zip(known, answering, strict=True):
            row, side = rows[place], 8 if place < 48 else 16
            small = 2 - float((box[2:4] - box[:2]).prod()) / (32 * 48)
            moved = ((row[:2] + row[2:4]) - (box[:2] + box[2:4])) / 2 / side
            parts["place"] += small * float(moved.square().sum()) / 2
            grown = torch.log((row[2:4] - row[:2]) / (box[2:4] - box[:2]))
            parts["size"] += small * float(grown.square().sum()) / 2
            kind = int(box[4])
            if logistic:
                parts["object"] -= math.log(float(row[8].sigmoid()))
                hot = F.one_hot(torch.tensor(kind), CLASSES).double()
                parts["class"] += float(F.binary_cross_entropy(row[9:12].sigmoid(), hot, reduction="sum"))
            else:
                parts["object"] += 5 * float(row[8].sigmoid() - overlap(row[:4], box[:4])) ** 2 / 2
                parts["class"] -= math.log(float(row[9:12].softmax(0)[kind]))
        for place, row in enumerate(rows):
            near = max((float(overlap(row[:4], box[:4])) for box in known), default=0.0)
            if place not in answering and near <= ignored:
                sure = float(row[8].sigmoid())
                parts["ground"] += -math.log(1 - sure) if logistic else sure**2 / 2
    return {name: value / len(output) for name, value in parts.items()}


@pytest.mark.parametrize(("loss", "logistic"), [(YoloV2Loss, False), (YoloV3Loss, True)])
def test_the_losses_of_yolo_are_their_sums_part_by_part(loss: Any, logistic: bool) -> None:
    output = decoder(None, True, "sigmoid" if logistic else "softmax")(*maps(4), PICTURE)
    for ignored in (0.1, 0.6):
        expected = yolo_by_hand(output, TARGETS, ignored, logistic)
        found = anchor_losses(output, TARGETS, ignored, logistic)
        assert {name: float(value) for name, value in found.items()} == pytest.approx(expected)
        whole = loss(ignored=ignored).call().build()(output, TARGETS)
        assert float(whole) == pytest.approx(sum(expected.values()))
        part = loss(ignored=ignored, part="ground").call().build()(output, TARGETS)
        assert float(part) == pytest.approx(expected["ground"])
    best, there = answering_anchors(output[0, :, 4:8], TARGETS)
    assert there.tolist() == [[True, True, False], [False] * 3, [True] * 3]
    assert int(best[0, 0]) == answers_for(output[0], TARGETS[0, 0])


# The losses of matched anchors ---------------------------------------------------------------------------


def matches(rows: Tensor, known: Tensor, low: float, high: float) -> tuple[list[int], list[str]]:
    """Of each anchor the object it is matched with, and what it is taught."""
    shared = [[float(overlap(row[4:8], box[:4])) for box in known] for row in rows]
    which, taught = [], []
    for own in shared:
        champion = [
            index
            for index in range(len(known))
            if own[index] > 0 and own[index] == max(shared[other][index] for other in range(len(rows)))
        ]
        best = max(own, default=0.0)
        which.append(champion[0] if champion else own.index(best) if own else 0)
        state = "object" if champion or best >= high else "ground" if best < low else "neither"
        taught.append(state)
    return which, taught


def box_by_hand(row: Tensor, box: Tensor, weights: list[float], beta: float) -> float:
    def offsets(corners: Tensor) -> list[float]:
        start = row[4:8]
        sides, anchor = corners[2:4] - corners[:2], start[2:4] - start[:2]
        moved = ((corners[:2] + corners[2:4]) - (start[:2] + start[2:4])) / 2 / anchor
        return [*moved.tolist(), *torch.log(sides / anchor).tolist()]

    total = 0.0
    for said, wanted, weight in zip(offsets(row[:4]), offsets(box[:4]), weights, strict=True):
        error = abs(said - wanted) * weight
        total += error**2 / (2 * beta) if error < beta else error - beta / 2
    return total


def multibox_by_hand(output: Tensor, target: Tensor, ratio: float) -> tuple[float, float]:
    classes = boxes = 0.0
    for rows, objects in zip(output, target, strict=True):
        known = objects[objects[:, 4] >= 0]
        which, taught = matches(rows, known, 0.5, 0.5)
        count = taught.count("object")
        if count == 0:
            continue
        ground, told, moved = [], 0.0, 0.0
        for row, index, state in zip(rows, which, taught, strict=True):
            logs = row[8:12].log_softmax(0)
            if state == "object":
                told -= float(logs[1 + int(known[index, 4])])
                moved += box_by_hand(row, known[index], [10, 10, 5, 5], 1)
            else:
                ground.append(-float(logs[0]))
        told += sum(sorted(ground, reverse=True)[: int(ratio * count)])
        classes, boxes = classes + told / count, boxes + moved / count
    return classes / len(output), boxes / len(output)


def test_multibox_is_the_papers_sum_with_the_hardest_ground() -> None:
    output = decoder([10.0, 10.0, 5.0, 5.0], False, "softmax")(*maps(4), PICTURE)
    weights = [10.0, 10.0, 5.0, 5.0]
    for ratio in (0.0, 3.0, 1000.0):
        classes, boxes = multibox_by_hand(output, TARGETS, ratio)
        loss = MultiBox(ratio=ratio, alpha=0.7).call().build()
        assert float(loss(output, TARGETS)) == pytest.approx(classes + 0.7 * boxes)
        for part, expected in (("class", classes), ("box", boxes)):
            found = MultiBoxLoss(part, 0.5, ratio, 1.0, weights)(output, TARGETS)
            assert float(found) == pytest.approx(expected)


def focal_by_hand(output: Tensor, target: Tensor, gamma: float, alpha: float | None) -> tuple[float, float]:
    classes = boxes = 0.0
    for rows, objects in zip(output, target, strict=True):
        known = objects[objects[:, 4] >= 0]
        which, taught = matches(rows, known, 0.4, 0.5)
        count = max(1, taught.count("object"))
        for row, index, state in zip(rows, which, taught, strict=True):
            if state == "object":
                boxes += box_by_hand(row, known[index], [1, 1, 1, 1], 0.11) / count
            for kind in range(CLASSES if state != "neither" else 0):
                right = state == "object" and int(known[index, 4]) == kind
                share = float(row[9 + kind].sigmoid())
                p = share if right else 1 - share
                weight = 1.0 if alpha is None else alpha if right else 1 - alpha
                classes -= weight * (1 - p) ** gamma * math.log(p) / count
    return classes / len(output), boxes / len(output)


@pytest.mark.parametrize(("gamma", "alpha"), [(2.0, 0.25), (0.0, None)])
def test_focal_loss_of_boxes_is_the_papers_sum(gamma: float, alpha: float | None) -> None:
    output = decoder([1.0] * 4, False, "sigmoid")(*maps(3), PICTURE)
    classes, boxes = focal_by_hand(output, TARGETS, gamma, alpha)
    loss = FocalBoxes(gamma=gamma, alpha=alpha).call().build()
    assert float(loss(output, TARGETS)) == pytest.approx(classes + boxes)
    told = FocalBoxLoss("class", gamma, alpha, 0.5, 0.4, 0.11, [1.0] * 4)
    assert float(told(output, TARGETS)) == pytest.approx(classes)


def test_without_gamma_and_alpha_focal_loss_is_cross_entropy() -> None:
    output = decoder([1.0] * 4, False, "sigmoid")(*maps(3), PICTURE)
    nothing = torch.full((3, 2, 5), -1.0, dtype=torch.float64)
    told = FocalBoxes(gamma=0, alpha=None).call().build()(output, nothing)
    logits = output[..., 9:12]
    expected = F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits), reduction="sum") / 3
    assert float(told) == pytest.approx(float(expected))


@pytest.mark.parametrize("loss", [YoloV2Loss(), YoloV3Loss(), MultiBox(), FocalBoxes()])
def test_pictures_without_an_object_give_finite_losses_and_slopes(loss: Any) -> None:
    """Also where boxes have shrunk to nothing, or have grown beyond all bounds."""
    nothing = torch.full((3, 2, 5), -1.0)
    one = torch.cat([torch.tensor([[3.0, 3, 9, 9, 0]]).repeat(3, 1, 1), nothing], dim=1)
    for factor in (1.0, 1000.0):
        found = [factor * x.float() for x in maps(4)]
        for x in found:
            x.requires_grad_()
        rows = decoder(None, True, "sigmoid").float()(*found, PICTURE.float())
        for target in (nothing, one):
            value = loss.call().build()(rows, target)
            slopes = torch.autograd.grad(value, found, retain_graph=True)
            assert bool(value.isfinite()), (type(loss), factor)
            assert all(bool(slope.isfinite().all()) for slope in slopes)


@pytest.mark.parametrize(
    ("loss", "node", "said"),
    [
        ("multibox", {"objectness": True}, "which has objectness true; expected false"),
        ("focal_boxes", {}, "which has scores 'softmax'; expected 'sigmoid'"),
        ("yolo_v3", {}, "which has objectness false; expected true"),
        ("yolo_v1", {}, "which has anchors; expected boxes of 'cell_boxes'"),
    ],
)
def test_a_loss_that_would_misread_the_numbers_of_anchors_is_refused(
    loss: str, node: Document, said: str
) -> None:
    document = detecting([[[8, 8], [16, 16]]], **node)
    document["task"]["losses"] = [{"kind": loss}]
    with pytest.raises(InvalidExperiment, match=said) as refused:
        plan(Experiment.parse(document))
    assert refused.value.problems[0].pointer == "/task/losses/0/kind"


@pytest.mark.parametrize("loss", ["yolo_v1", "yolo_v2", "yolo_v3", "multibox", "focal_boxes"])
def test_the_network_that_detection_begins_with_suits_its_loss(loss: str) -> None:
    task = Detection.model_validate({"kind": "detection", "losses": [{"kind": loss}]})
    data = ShapeScenes(samples=40, size=32)
    document = {"data": data.model_dump(), "task": task.model_dump(), "network": task.starter(data)}
    assert plan(Experiment.parse(document)).nodes[-1].shape == (4 * 4 * 2, 9 + 2 * 6)
