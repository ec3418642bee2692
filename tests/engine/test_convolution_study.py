"""The convolution lab's studies against scipy and counting by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from torch import Tensor

from glassnet.engine.data.kernels import kernel, picture
from glassnet.engine.studies.convolution import ConvolutionStudy, moved_by
from glassnet.engine.studies.convolution_timing import ConvolutionTiming, ways_of


def shown(**options: Any) -> dict[str, Tensor]:
    (frame,) = ConvolutionStudy.model_validate({"kind": "convolution", "size": 12, **options}).compute()
    return frame.arrays


OWN = {"filter": "own", "side": 3, "weights": [float(n) for n in range(9)]}


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
@pytest.mark.parametrize("mode", ["convolution", "cross_correlation"])
def test_the_output_is_scipys(padding: str, mode: str) -> None:
    arrays = shown(**OWN, padding=padding, mode=mode, picture="china")
    weights = np.arange(9.0).reshape(3, 3)
    slide = scipy.signal.convolve2d if mode == "convolution" else scipy.signal.correlate2d
    np.testing.assert_allclose(arrays["output"], slide(arrays["input"], weights, mode=padding), rtol=1e-5)
    flipped = mode == "convolution"
    np.testing.assert_array_equal(arrays["kernel"], weights[::-1, ::-1] if flipped else weights)


def test_a_dot_shows_the_kernel_flipped_or_as_it_is() -> None:
    """Cross-correlating a dot turns the kernel around; convolving leaves it as it was written."""
    weights = torch.arange(9.0).view(3, 3)
    turned = shown(**OWN, picture="dot", size=5)["output"]
    straight = shown(**OWN, picture="dot", size=5, mode="convolution")["output"]
    assert torch.equal(turned, weights.flip(0, 1))
    assert torch.equal(straight, weights)


@pytest.mark.parametrize(
    ("options", "corner", "edge", "middle"),
    [
        ({"padding": "valid"}, 1, 3, 9),
        ({"padding": "same"}, 4, 6, 9),
        ({"padding": "full"}, 9, 9, 9),
        ({"padding": "same", "filter": "blur", "side": 5}, 9, 15, 25),
    ],
    ids=str,
)
def test_how_often_pixels_are_used(options: dict[str, Any], corner: int, edge: int, middle: int) -> None:
    used = shown(**options)["used"]
    assert (int(used[0, 0]), int(used[0, 6]), int(used[6, 6])) == (corner, edge, middle)


def test_sizes_and_costs_are_the_formulas() -> None:
    arrays = shown(
        filter="blur", side=5, stride=2, dilation=2, padding="number", border=3, window=3, window_stride=1
    )
    size = (12 + 2 * 3 - 2 * 4 - 1) // 2 + 1
    assert arrays["sizes"].tolist() == [12, 5, 2, 3, 2, size, 3, 1, size - 2]
    assert arrays["field"].tolist() == [9, 9 + 2 * 2]
    inputs, outputs = 144, size**2
    dense = [inputs * outputs + outputs, inputs * outputs]
    assert arrays["costs"].tolist() == [[26, 25 * outputs], dense]


@given(
    st.integers(-4, 4),
    st.integers(-4, 4),
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from(["valid", "full"]),
)
@settings(max_examples=100, deadline=None)
def test_inside_the_output_of_a_shifted_picture_is_the_shifted_output(
    down: int, right: int, stride: int, dilation: int, padding: str
) -> None:
    options = {"shift": [down * stride, right * stride], "stride": stride, "dilation": dilation}
    arrays = shown(picture="flower", size=30, padding=padding, **options)
    inside = arrays["shifted/inside"].bool()
    torch.testing.assert_close(arrays["shifted/output"][inside], arrays["shifted/expected"][inside])
    assert inside.any()


def test_a_step_that_does_not_divide_the_shift_breaks_it() -> None:
    arrays = shown(picture="stripes", size=20, stride=2, shift=[0, 1])
    inside = arrays["shifted/inside"].bool()
    assert (arrays["shifted/output"] - arrays["shifted/expected"])[inside].abs().max() > 0.5


def test_pooling_changes_less_than_what_it_pools() -> None:
    change, pooled = shown(picture="digit", size=48, filter="gaussian", window=8, shift=[0, 1])["changes"]
    assert 0 < pooled < change


def test_sharpening_leaves_what_is_flat_and_sobel_sees_nothing_there() -> None:
    assert torch.equal(shown(picture="ones", filter="sharpen")["output"], torch.ones(10, 10))
    assert shown(picture="ones", filter="sobel_y")["output"].abs().max() == 0
    assert float(kernel("gaussian", 7).sum()) == pytest.approx(1)
    assert float(kernel("blur", 4).sum()) == pytest.approx(1)


@pytest.mark.parametrize("name", ["flower", "china", "digit", "dot", "edge", "stripes", "checks", "ring"])
def test_pictures_lie_between_black_and_white_and_are_not_flat(name: Any) -> None:
    image = picture(name, 20, 3)
    assert image.shape == (20, 20)
    assert image.min() >= 0
    assert image.max() <= 1
    assert image.std() > 0.02


def test_moving_brings_in_zeros() -> None:
    x = torch.arange(1.0, 10).view(3, 3)
    assert moved_by(x, 1, -1).tolist() == [[0, 0, 0], [2, 3, 0], [5, 6, 0]]
    assert moved_by(x, 0, 0).equal(x)
    assert moved_by(x, 3, 0).abs().sum() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"filter": "blur", "side": 15}, "1×12×12 arrives; expected at least 15×15 for a kernel of 15"),
        ({"padding": "same", "stride": 2}, "padding 'same' with stride 2"),
        ({"window": 11}, "after the filter 1×10×10 arrives; expected at least 11×11"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_in_words(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        shown(**options)
    assert said in str(caught.value)


@pytest.mark.parametrize("options", [{"filter": "own", "weights": [1.0] * 8}, {"picture": "drawn"}], ids=str)
def test_numbers_of_ones_own_have_to_be_as_many_as_places(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="numbers; expected"):
        shown(**options)


def test_three_ways_give_the_same_and_each_is_measured() -> None:
    study = ConvolutionTiming(size=32, pictures=2, sides=[3, 9], repeats=2)
    frames = list(study.compute())
    assert [frame.done for frame in frames] == [0, 0.25, 0.5, 0.75, 1]
    arrays = frames[-1].arrays
    assert arrays["seconds"].isfinite().all()
    assert arrays["difference"].max() < 1e-5
    x = torch.rand(1, 1, 16, 16)
    results = [way(x) for way in ways_of(5).values()]
    torch.testing.assert_close(results[1], results[0])
    torch.testing.assert_close(results[2], results[0])
    with pytest.raises(ValueError, match="expected an odd side"):
        next(ConvolutionTiming(sides=[4]).compute())
