"""Operators on boxes, against torchvision's where they run here and against loops written out by hand."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.boxes.anchors import anchor_grid, anchor_sizes, clustered_sizes, matched, shape_overlap
from glassnet.engine.boxes.average_precision import (
    average_precision,
    mean_average_precision,
    precision_recall,
    right_detections,
)
from glassnet.engine.boxes.coding import centred, clipped, cornered, decoded, encoded
from glassnet.engine.boxes.losses import box_loss, focal_loss, smooth_distance
from glassnet.engine.boxes.overlap import areas, generalized_overlap, overlap, pairwise_overlap
from glassnet.engine.boxes.regions import aligned_regions, pooled_regions
from glassnet.engine.boxes.suppression import suppressed
from tests.engine import torchvision_models


def boxes(count: int, seed: int = 0, side: float = 20.0) -> Tensor:
    """Random boxes of many sizes, (count, 4) float64."""
    lots = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * side
    return torch.cat(
        [torch.minimum(lots[:, :2], lots[:, 2:]), torch.maximum(lots[:, :2], lots[:, 2:])], dim=1
    )


def vision_ops() -> Any:
    """The Python operators of torchvision; its compiled ones do not fit this torch."""
    torchvision_models.models()
    import torchvision.ops  # type: ignore[import-untyped]

    return torchvision.ops


# Overlap -------------------------------------------------------------------------------------------------


def test_overlap_is_torchvisions() -> None:
    a, b = boxes(40), boxes(30, seed=1)
    ops = vision_ops()
    torch.testing.assert_close(pairwise_overlap(a, b), ops.box_iou(a, b), rtol=0, atol=1e-14)
    torch.testing.assert_close(
        generalized_overlap(a[:, None], b), ops.generalized_box_iou(a, b), rtol=0, atol=1e-14
    )
    assert pairwise_overlap(a[:0], b).shape == (0, 30)


def test_boxes_of_no_area_or_upside_down_overlap_nothing_and_give_no_nan() -> None:
    bad = torch.tensor([[3.0, 3, 3, 9], [9, 9, 3, 3], [4, 4, 4, 4], [-1, -1, -1, -1]])
    assert areas(bad).tolist() == [0, 0, 0, 0]
    assert pairwise_overlap(bad, torch.cat([bad, torch.tensor([[0.0, 0, 10, 10]])])).abs().sum() == 0
    assert bool(generalized_overlap(bad[:, None], bad).isfinite().all())


def test_overlap_of_boxes_apart_has_a_slope_only_when_generalized() -> None:
    box = torch.tensor([0.0, 0, 2, 2], requires_grad=True)
    apart = torch.tensor([5.0, 0, 7, 2])
    assert torch.autograd.grad(overlap(box, apart), box)[0].abs().sum() == 0
    assert torch.autograd.grad(generalized_overlap(box, apart), box)[0][2] > 0


# Suppression ---------------------------------------------------------------------------------------------


def suppressed_by_hand(places: Tensor, scores: Tensor, threshold: float, classes: Tensor | None) -> list[int]:
    kept: list[int] = []
    for index in sorted(range(len(scores)), key=lambda index: (-float(scores[index]), index)):
        others = [other for other in kept if classes is None or classes[other] == classes[index]]
        if all(overlap(places[index], places[other]) <= threshold for other in others):
            kept.append(index)
    return kept


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("of_classes", [False, True])
def test_suppression_is_the_greedy_loop(threshold: float, of_classes: bool) -> None:
    places = boxes(60)
    scores = torch.rand(60, generator=torch.Generator().manual_seed(2)).round(decimals=1)  # with ties
    classes = torch.arange(60) % 3 if of_classes else None
    kept = suppressed(places, scores, threshold, 60, classes)
    expected = suppressed_by_hand(places, scores, threshold, classes)
    assert kept.tolist() == expected + [-1] * (60 - len(expected))
    assert suppressed(places, scores, threshold, 5, classes).tolist() == (expected + [-1] * 5)[:5]


def test_suppression_of_a_batch_is_that_of_each_picture() -> None:
    places = torch.stack([boxes(20, seed) for seed in range(4)])
    scores = torch.rand(4, 20, generator=torch.Generator().manual_seed(3))
    together = suppressed(places, scores, 0.4, 8)
    assert together.tolist() == [
        suppressed(p, s, 0.4, 8).tolist() for p, s in zip(places, scores, strict=True)
    ]


def test_suppression_passes_over_boxes_that_are_absent() -> None:
    scores = torch.tensor([-torch.inf, 0.2, torch.nan, 0.9])
    assert suppressed(boxes(4), scores, 1.0, 4).tolist() == [3, 1, -1, -1]
    assert suppressed(boxes(4), torch.full((4,), -torch.inf), 0.5, 2).tolist() == [-1, -1]
    assert suppressed(boxes(0), torch.zeros(0), 0.5, 2).tolist() == [-1, -1]


# Coding and anchors --------------------------------------------------------------------------------------


def test_boxes_are_coded_as_torchvision_codes_them() -> None:
    ops = vision_ops()
    coder = coder_class()(weights=(10.0, 10.0, 5.0, 5.0))
    larger = torch.tensor([0, 0, 1, 1])
    a, b = boxes(30) + larger, boxes(30, seed=1) + larger
    offsets = encoded(b, a, (10, 10, 5, 5))
    torch.testing.assert_close(offsets, coder.encode_single(b, a))
    torch.testing.assert_close(decoded(offsets, a, (10, 10, 5, 5)), b)
    torch.testing.assert_close(cornered(centred(a)), a)
    torch.testing.assert_close(clipped(a - 5, 7, 9), ops.clip_boxes_to_image(a - 5, (7, 9)))


def coder_class() -> Any:
    from torchvision.models.detection._utils import BoxCoder  # type: ignore[import-untyped]

    return BoxCoder


def test_a_prediction_far_off_does_not_overflow() -> None:
    wild = torch.tensor([[0.0, 0, 1e4, 1e4]])
    assert bool(decoded(wild, torch.tensor([[0.0, 0, 4, 4]]), (1, 1, 1, 1)).isfinite().all())


def test_anchors_stand_in_the_middle_of_every_cell() -> None:
    sizes = anchor_sizes([8, 16, 32], [0.5, 1, 2])
    assert sizes.shape == (9, 2)  # 3 × 3, not 3 + 3
    assert (sizes[:, 0] * sizes[:, 1]).tolist() == pytest.approx([64, 256, 1024] * 3)
    grid = anchor_grid(sizes, 2, 3, 16)
    assert grid.shape == (54, 4)
    assert centred(grid)[::9, :2].tolist() == [[8, 8], [24, 8], [40, 8], [8, 24], [24, 24], [40, 24]]
    torch.testing.assert_close(centred(grid)[:9, 2:], sizes)


def test_clustered_sizes_find_the_sizes_that_there_are() -> None:
    true = torch.tensor([[4.0, 4], [30, 10], [12, 40]], dtype=torch.float64)
    spread = torch.rand(300, 2, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    sizes = true.repeat(100, 1) * (0.95 + 0.1 * spread)
    found, mean = clustered_sizes(sizes, 3, torch.Generator().manual_seed(0))
    torch.testing.assert_close(found, true, rtol=0.02, atol=0)
    assert float(mean) > 0.9
    assert shape_overlap(found, true).argmax(dim=1).tolist() == [0, 1, 2]
    alike, perfect = clustered_sizes(
        sizes[:1].repeat(5, 1), 3, torch.Generator()
    )  # fewer sizes than clusters
    assert alike.shape == (3, 2)
    assert float(perfect) == pytest.approx(1)


def test_anchors_are_matched_by_overlap_and_every_box_has_one() -> None:
    anchors = torch.tensor(
        [[0.0, 0, 10, 10], [0, 0, 10, 12], [20, 20, 30, 30], [40, 40, 50, 50], [3, 0, 13, 10]]
    )
    truth = torch.tensor([[0.0, 0, 10, 10, 2], [20, 20, 24, 24, 0], [-1, -1, -1, -1, -1]])
    which, taught = matched(anchors, truth, 0.7, 0.3)
    # Overlaps of the first box: 1, .83, 0, 0, .54; the third anchor is the best for the second box at .16.
    assert taught.tolist() == [1, 1, 1, 0, -1]
    assert which[:3].tolist() == [0, 0, 1]


def test_a_picture_without_a_box_teaches_ground_everywhere() -> None:
    none = torch.full((2, 3, 5), -1.0)
    _, taught = matched(anchor_grid(anchor_sizes([8], [1]), 4, 4, 8), none, 0.7, 0.3)
    assert taught.shape == (2, 16)
    assert taught.abs().sum() == 0


# Regions -------------------------------------------------------------------------------------------------


def regions() -> tuple[Tensor, Tensor, Tensor]:
    features = torch.randn(2, 3, 11, 13, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    places = torch.cat(
        [boxes(12, 6, 50), torch.tensor([[-9.0, -7, 70, 60], [3, 3, 3, 3]], dtype=torch.float64)]
    )
    return features, places, torch.arange(14) % 2


def pooled_by_hand(features: Tensor, box: Tensor, size: int, scale: float) -> Tensor:
    left, top, right, bottom = (math.floor(float(each) * scale + 0.5) for each in box)
    width, height = max(right - left + 1, 1), max(bottom - top + 1, 1)
    out = torch.zeros(features.shape[0], size, size, dtype=features.dtype)
    for i in range(size):
        for j in range(size):
            rows = slice(max(i * height // size + top, 0), max(-(-(i + 1) * height // size) + top, 0))
            columns = slice(max(j * width // size + left, 0), max(-(-(j + 1) * width // size) + left, 0))
            cells = features[:, rows, columns]
            out[:, i, j] = cells.amax((1, 2)) if cells.numel() else 0
    return out


@pytest.mark.parametrize("size", [1, 3, 7])
def test_roi_pooling_is_the_loop_over_bins(size: int) -> None:
    features, places, pictures = regions()
    found = pooled_regions(features, places, pictures, size, 0.25)
    for index, box in enumerate(places):
        torch.testing.assert_close(found[index], pooled_by_hand(features[pictures[index]], box, size, 0.25))
    assert pooled_regions(features, places[:0], pictures[:0], size, 0.25).shape == (0, 3, size, size)


@pytest.mark.parametrize("shifted", [False, True])
def test_roi_align_is_torchvisions(shifted: bool) -> None:
    vision_ops()
    from torchvision.ops.roi_align import _roi_align  # type: ignore[import-untyped]

    features, places, pictures = regions()
    # Its version in Python does not have the rule for points outside, which the loop below has.
    inside = clipped(places, 40, 48)
    rois = torch.cat([pictures[:, None].double(), inside], dim=1)
    expected = _roi_align.__wrapped__(features, rois, 0.25, 5, 5, 2, shifted)
    found = aligned_regions(features, inside, pictures, 5, 0.25, samples=2, shifted=shifted)
    torch.testing.assert_close(found, expected)
    assert aligned_regions(features, places[:0], pictures[:0], 5, 0.25).shape == (0, 3, 5, 5)


def value_at(features: Tensor, y: float, x: float) -> Tensor:
    """The bilinear value of each channel; 0 more than a cell outside."""
    _, height, width = features.shape
    if not (-1 <= y <= height and -1 <= x <= width):
        return torch.zeros(len(features), dtype=features.dtype)
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    upper = features[:, top, left] * (1 - x + left) + features[:, top, right] * (x - left)
    lower = features[:, bottom, left] * (1 - x + left) + features[:, bottom, right] * (x - left)
    return upper * (1 - y + top) + lower * (y - top)


def test_roi_align_reaches_outside_as_its_loop_does() -> None:
    features, places, pictures = regions()
    found = aligned_regions(features, places, pictures, 3, 0.25)
    for index, box in enumerate(places):
        left, top, right, bottom = (float(each) * 0.25 - 0.5 for each in box)
        steps = [(step + 0.5) / 6 for step in range(6)]
        grid = [
            [
                value_at(features[pictures[index]], top + v * (bottom - top), left + u * (right - left))
                for u in steps
            ]
            for v in steps
        ]
        samples = torch.stack([torch.stack(row, dim=-1) for row in grid], dim=-2)
        torch.testing.assert_close(found[index], torch.nn.functional.avg_pool2d(samples, 2))


@pytest.mark.parametrize("operator", [pooled_regions, aligned_regions])
def test_regions_have_the_gradients_of_finite_differences(operator: Callable[..., Tensor]) -> None:
    features, places, pictures = regions()
    small = features[:, :1, :6, :6].clone().requires_grad_()

    def of_features(x: Tensor) -> Tensor:
        return operator(x, places[:4] / 2, pictures[:4], 2, 0.25)

    assert torch.autograd.gradcheck(of_features, small)


# Losses --------------------------------------------------------------------------------------------------


def test_focal_loss_is_torchvisions_and_without_gamma_cross_entropy() -> None:
    ops = vision_ops()
    logits = torch.linspace(-60, 60, 41, dtype=torch.float64)
    targets = (torch.arange(41) % 2).double()
    torch.testing.assert_close(focal_loss(logits, targets), ops.sigmoid_focal_loss(logits, targets))
    plain = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    assert torch.equal(focal_loss(logits, targets, gamma=0, alpha=None), plain)


def test_focal_loss_has_a_finite_slope_where_all_is_told_right() -> None:
    logits = torch.tensor([-200.0, 200, 0], requires_grad=True)
    (slope,) = torch.autograd.grad(focal_loss(logits, torch.tensor([0.0, 1, 1]), 0.5).sum(), logits)
    assert bool(slope.isfinite().all())


def test_smooth_distance_is_torchs_and_ground_has_no_box() -> None:
    difference = torch.linspace(-3, 3, 25, dtype=torch.float64)
    zeros = torch.zeros_like(difference)
    expected = torch.nn.functional.smooth_l1_loss(difference, zeros, reduction="none", beta=0.5)
    torch.testing.assert_close(smooth_distance(difference, 0.5), expected)
    offsets = torch.randn(4, 3, 4, dtype=torch.float64)
    wanted, classes = torch.randn(4, 4, dtype=torch.float64), torch.tensor([0, 2, 1, 0])
    own = torch.stack([offsets[1, 2], offsets[2, 1]])
    sum_of_both = torch.nn.functional.smooth_l1_loss(own, wanted[1:3], reduction="sum")
    torch.testing.assert_close(box_loss(offsets, wanted, classes), sum_of_both / 4)
    assert box_loss(offsets, wanted, torch.zeros(4, dtype=torch.long)) == 0
    assert box_loss(offsets[:0], wanted[:0], classes[:0]) == 0


# Average precision ---------------------------------------------------------------------------------------

TRUTH = torch.tensor([[[0.0, 0, 10, 10, 0], [20, 0, 30, 10, 0]], [[0, 0, 10, 10, 1], [-1, -1, -1, -1, -1]]])


def test_a_box_is_found_once_and_only_by_its_class() -> None:
    detections = torch.tensor(
        [
            [[1.0, 0, 11, 10, 0.6, 0], [0, 0, 10, 10, 0.9, 0], [20, 0, 30, 9, 0.5, 1]],
            [[0, 0, 10, 10, 0.7, 0], [0, 0, 10, 6, 0.3, 1], [-1, -1, -1, -1, 0, -1]],
        ]
    )
    right = right_detections(detections, TRUTH, [0.5, 0.75])
    assert right[0].tolist() == [[False, True, False], [False, True, False]]
    assert right[1].tolist() == [[False, True, False], [False, False, False]]


def test_coco_offers_the_next_best_box_where_voc_does_not() -> None:
    truth = torch.tensor([[[0.0, 0, 10, 10, 0], [2, 0, 12, 10, 0]]])
    both = torch.tensor([[[0.0, 0, 10, 10, 0.9, 0], [0.5, 0, 10.5, 10, 0.8, 0]]])
    assert right_detections(both, truth, [0.5])[0, 0].tolist() == [True, False]
    assert right_detections(both, truth, [0.5], again=True)[0, 0].tolist() == [True, True]


def average_by_hand(scores: list[float], right: list[bool], count: int, points: int | None) -> float:
    pairs, hits = [], 0
    for rank, index in enumerate(sorted(range(len(scores)), key=lambda index: -scores[index]), 1):
        hits += right[index]
        pairs.append((hits / count, hits / rank))

    def best(recall: float) -> float:
        return max((p for r, p in pairs if r >= recall - 1e-9), default=0.0)

    if points is not None:
        return sum(best(step / (points - 1)) for step in range(points)) / points
    recalls = sorted({0.0} | {r for r, _ in pairs})
    return sum((high - low) * best(high) for low, high in pairwise(recalls))


@pytest.mark.parametrize("points", [None, 11, 101])
def test_average_precision_is_the_loop(points: int | None) -> None:
    generator = torch.Generator().manual_seed(7)
    scores = torch.rand(50, generator=generator)
    right = torch.rand(50, generator=generator) < scores
    expected = average_by_hand(scores.tolist(), right.tolist(), 40, points)
    assert average_precision(scores, right, 40, points) == pytest.approx(expected)
    recall, _, ordered = precision_recall(scores, right, 40)
    assert bool((ordered.diff() <= 0).all())
    assert float(recall[-1]) == float(right.sum()) / 40


def test_average_precision_without_detections_is_0_and_without_boxes_unknown() -> None:
    nothing, never = torch.zeros(0), torch.zeros(0, dtype=torch.bool)
    assert average_precision(nothing, never, 3) == 0
    assert average_precision(nothing, never, 3, 101) == 0
    assert math.isnan(average_precision(torch.ones(2), torch.zeros(2, dtype=torch.bool), 0))
    scores, right = torch.tensor([0.9, 0.8]), torch.tensor([True, True])
    assert mean_average_precision(scores, right, torch.tensor([0, -1]), [1, 0, 1]) == 0.5
    assert math.isnan(mean_average_precision(nothing, never, nothing, [0, 0]))


def test_pictures_without_a_box_and_without_a_detection_count_as_such() -> None:
    detections = torch.tensor([[[0.0, 0, 10, 10, 0.9, 0]], [[-1.0, -1, -1, -1, 0, -1]]])
    none = torch.full((2, 3, 5), -1.0)
    assert not right_detections(detections, none, [0.5]).any()
    assert right_detections(detections, none[:, :0], [0.5]).shape == (2, 1, 1)
    assert right_detections(detections[:0], none[:0], [0.5]).shape == (0, 1, 1)
    assert right_detections(detections[:, :0], none, [0.5]).shape == (2, 1, 0)
