"""R-CNN and Fast R-CNN: segments and proposals against values by hand, regression against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from glassnet.engine.boxes.proposals import Region, grouped, likeness, selective_search
from glassnet.engine.boxes.segments import blurred, segments
from glassnet.engine.studies.rcnn import RCNN
from glassnet.engine.studies.region_networks import matched_regions, moved, ridge, warped


def line(*levels: float) -> np.ndarray:
    """A picture of one row and one channel."""
    return np.array(levels).reshape(1, -1, 1)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (0.5, [0, 1, 2, 3]),  # a difference of 1 is more than 0.5 / 1 pixel
        (2.0, [0, 0, 1, 1]),  # 9 is more than 1 + 2 / 2 pixels
        (16.0, [0, 0, 0, 0]),  # 9 is no more than 1 + 16 / 2 pixels
    ],
)
def test_segments_join_as_long_as_their_own_differences_bear_it(scale: float, expected: list[int]) -> None:
    assert segments(line(0, 1, 10, 11), scale, blur=0).tolist() == [expected]


def test_segments_that_are_too_small_join_the_most_alike_neighbour() -> None:
    assert segments(line(0, 0, 0, 6, 20, 20), 0.1, least=2, blur=0).tolist() == [[0, 0, 0, 0, 1, 1]]


def test_a_blur_keeps_what_is_even_and_the_sum_of_a_dot() -> None:
    dot = np.zeros((21, 21, 1))
    dot[10, 10] = 1
    assert blurred(dot, 0.8).sum() == pytest.approx(1)
    assert blurred(dot, 0.8)[10, 11, 0] == pytest.approx(blurred(dot, 0.8)[9, 10, 0])
    np.testing.assert_allclose(blurred(np.full((4, 5, 3), 7.0), 2.0), 7)


def test_regions_are_as_alike_as_their_looks_sizes_and_gaps_say() -> None:
    one = Region(4, np.array([0.5, 0.5]), np.array([1.0, 0.0]), (0, 0, 2, 2))
    other = Region(12, np.array([1.0, 0.0]), np.array([0.25, 0.75]), (2, 0, 6, 4))
    # Histograms share 0.5 and 0.25; both are 16 of 100 pixels; their hull of 24 leaves 8 free.
    assert likeness(one, other, 100) == pytest.approx(0.5 + 0.25 + 0.84 + 0.92)
    both = one.joined(other)
    assert (both.size, both.box) == (16, (0, 0, 6, 4))
    assert both.colours.tolist() == pytest.approx([0.875, 0.125])


def test_every_part_and_the_whole_are_proposed_once() -> None:
    picture = np.zeros((40, 40, 3))
    picture[5:15, 5:15] = (200, 0, 0)
    picture[20:32, 22:30] = (0, 0, 250)
    found = {tuple(box) for box in selective_search(picture).tolist()}
    assert {(0, 0, 40, 40), (5, 5, 15, 15), (22, 20, 30, 32)} <= found
    regions = grouped(picture, segments(picture, 100.0, 12))
    assert regions[-1].size == 1600


def test_proposals_are_matched_with_the_object_that_they_overlap_most() -> None:
    truth = torch.tensor([[[0.0, 0, 10, 10, 2], [20, 20, 30, 30, 5]], [[-1.0, -1, -1, -1, -1]] * 2])
    boxes = torch.tensor([[0.0, 0, 10, 5], [20, 20, 30, 30], [12, 12, 15, 15]])
    regions = matched_regions([boxes, boxes[:1]], truth)
    assert regions.pictures.tolist() == [0, 0, 0, 1]
    assert regions.overlaps.tolist() == [0.5, 1, 0, 0]
    assert regions.labels(0.5, 6).tolist() == [2, 5, 6, 6]
    assert regions.objects[1].tolist() == [20, 20, 30, 30]


def test_a_warped_region_is_the_region_with_two_pixels_of_ground() -> None:
    picture = torch.zeros(1, 3, 48, 48)
    picture[..., 12:32, 12:32] = 1
    box, first = torch.tensor([[12.0, 12, 32, 32]]), torch.zeros(1, dtype=torch.int64)
    expected = torch.zeros(24, 24)
    expected[2:22, 2:22] = 1
    inner = (slice(3, 21), slice(3, 21))
    found = warped(picture, box, first)[0, 0]
    torch.testing.assert_close(found[inner], expected[inner])
    assert float(found[0].max()) < 0.1


def test_boxes_are_regressed_as_ridge_regression_has_it() -> None:
    generator = torch.Generator().manual_seed(0)
    features, offsets = torch.rand(60, 8, generator=generator), torch.randn(60, 4, generator=generator)
    weights = ridge(features, offsets, 3.0)
    theirs = Ridge(alpha=3.0).fit(features.numpy(), offsets.numpy())
    np.testing.assert_allclose(weights[:-1].numpy().T, theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(weights[-1].numpy(), theirs.intercept_, atol=1e-5)
    box = torch.tensor([[0.0, 0, 10, 10]])
    still = torch.zeros(9, 4)
    assert moved(box, features[:1], still).tolist() == box.tolist()
    still[-1, 0] = 0.5
    assert moved(box, features[:1], still).tolist() == [[5, 0, 15, 10]]


@pytest.mark.thorough
def test_both_find_most_of_what_there_is() -> None:
    frames = list(RCNN().compute())
    done = [frame.done for frame in frames]
    assert done == sorted(done)
    assert done[-1] == 1
    arrays = frames[-1].arrays
    assert float(arrays["rcnn/map_50"]) > 0.85
    assert float(arrays["fast/map_50"]) > 0.55
    assert arrays["rcnn/times"].shape == (5,)
    assert bool((arrays["fast/scores"][0, 0].sum() - 1).abs() < 1e-5)
