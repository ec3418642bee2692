"""Pooling, upsampling and reshaping against torch, windows cut out one by one, and the formulas."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.layers.pooling import (
    AveragePool1d,
    AveragePool2d,
    AveragePool3d,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from glassnet.engine.items.layers.reshape import Reshape
from glassnet.engine.items.layers.upsample import Upsample
from glassnet.engine.items.node import Context, Operation, Shape
from glassnet.engine.network import planner
from glassnet.engine.network.flops import MultiplyAdds
from tests.engine.experiments import refused

MAX: dict[int, type[Any]] = {1: MaxPool1d, 2: MaxPool2d, 3: MaxPool3d}
AVERAGE: dict[int, type[Any]] = {1: AveragePool1d, 2: AveragePool2d, 3: AveragePool3d}
TORCH: dict[tuple[str, int], Any] = {
    ("max", 1): functional.max_pool1d,
    ("max", 2): functional.max_pool2d,
    ("max", 3): functional.max_pool3d,
    ("average", 1): functional.avg_pool1d,
    ("average", 2): functional.avg_pool2d,
    ("average", 3): functional.avg_pool3d,
}


def built(item: Operation, shape: Shape) -> nn.Module:
    module: nn.Module = item.call(Context((shape,), None, lambda nodes: shape)).build(dropout=None)
    return module


def planned(item: Operation, shape: Shape) -> tuple[int, ...]:
    """The shape that the plan finds for a batch of two, on the meta device."""
    with torch.device("meta"), MultiplyAdds():
        return tuple(built(item, shape)(torch.empty(2, *shape)).shape)


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@given(
    st.sampled_from(["max", "average"]),
    st.integers(1, 3),
    st.tuples(st.integers(1, 4), st.none() | st.integers(1, 4), st.integers(0, 2), st.integers(1, 2)),
    st.booleans(),
    st.integers(1, 9),
)
@settings(max_examples=1200, deadline=None)
def test_pooling_is_torchs_and_its_sizes_are_the_formulas(
    how: str, axes: int, setting: tuple[int, int | None, int, int], ceil: bool, size: int
) -> None:
    kernel, stride, padding, dilation = setting
    if how == "average":
        dilation = 1
    options: dict[str, Any] = {"kernel": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil}
    further: dict[str, Any] = {"dilation": dilation} if how == "max" else {"count_padding": size % 2 == 0}
    item = (MAX if how == "max" else AVERAGE)[axes](**options, **further)
    shape = (2, *[size] * axes)
    step, room = stride or kernel, size + 2 * padding - dilation * (kernel - 1) - 1
    unpadded = how == "average" and axes == 3  # where torch wants the window to fit without padding
    if padding > kernel // 2 or room < 0 or (unpadded and size < kernel):
        with pytest.raises(ValueError, match="expected"):
            built(item, shape)
        return
    torchs = {"dilation": dilation} if how == "max" else {"count_include_pad": size % 2 == 0}
    x = drawn(2, *shape)
    expected = TORCH[how, axes](x, kernel, stride, padding, ceil_mode=ceil, **torchs)
    torch.testing.assert_close(built(item, shape)(x), expected)
    assert planned(item, shape) == tuple(expected.shape)
    if not ceil:
        assert expected.shape[2] == room // step + 1


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (3, 1), (2, None), ([2, 3], [1, 2])], ids=str)
def test_overlapping_and_unit_stride_windows_are_the_largest_of_each(kernel: Any, stride: Any) -> None:
    x, item = drawn(1, 1, 8, 8), MaxPool2d(kernel=kernel, stride=stride)
    (rows, columns), (down, right) = item.each(item.kernel), item.each(stride or kernel)
    pooled = built(item, (1, 8, 8))(x)[0, 0]
    for row in range(pooled.shape[0]):
        for column in range(pooled.shape[1]):
            window = x[0, 0, row * down : row * down + rows, column * right : column * right + columns]
            assert pooled[row, column] == window.max()


def test_zfnets_sizes_need_rounding_up() -> None:
    assert planned(MaxPool2d(kernel=3, stride=2, ceil_mode=True), (1, 110, 110))[2:] == (55, 55)
    assert planned(MaxPool2d(kernel=3, stride=2), (1, 110, 110))[2:] == (54, 54)


@pytest.mark.parametrize("sizes", [(5,), (5, 4), (2, 5, 4)], ids=str)
def test_global_pooling_leaves_one_number_a_map(sizes: Shape) -> None:
    x, shape = drawn(2, 3, *sizes), (3, *sizes)
    torch.testing.assert_close(built(GlobalMaxPool(), shape)(x), x.flatten(2).amax(2))
    torch.testing.assert_close(built(GlobalAveragePool(), shape)(x), x.flatten(2).mean(2))
    assert planned(GlobalMaxPool(), shape) == planned(GlobalAveragePool(), shape) == (2, 3)


@pytest.mark.parametrize("sizes", [(5,), (5, 4), (2, 5, 4)], ids=str)
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_upsampling_is_torchs(sizes: Shape, factor: int) -> None:
    x, shape = drawn(2, 3, *sizes), (3, *sizes)
    linear = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(sizes)]
    near, between = Upsample(factor=factor), Upsample(factor=factor, mode="linear")
    repeated = x
    for axis in range(2, x.ndim):
        repeated = repeated.repeat_interleave(factor, axis)
    torch.testing.assert_close(built(near, shape)(x), repeated)
    expected = functional.interpolate(x, scale_factor=factor, mode=linear)
    torch.testing.assert_close(built(between, shape)(x), expected)
    assert planned(near, shape) == planned(between, shape) == tuple(expected.shape)


def test_reshaping_keeps_numbers_and_their_order() -> None:
    x = drawn(2, 1, 8, 8)
    assert torch.equal(built(Reshape(shape=[2, 32]), (1, 8, 8))(x).flatten(), x.flatten())
    assert planned(Reshape(), (64,)) == (2, 1, 64)
    assert math.prod(planned(Reshape(shape=[1, 4, 4, 4]), (1, 8, 8))) == 128


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"kind": "max_pool2d", "kernel": 9}, "1×8×8 arrives; expected at least 9×9 for a kernel of 9"),
        ({"kind": "max_pool2d", "kernel": 2, "padding": 2}, "padding 2 for a window of 2; expected at most"),
        ({"kind": "average_pool2d", "kernel": [9, 2]}, "expected at least 9×2 for a kernel of 9×2"),
        ({"kind": "average_pool1d"}, "1×8×8 arrives; expected a sequence: channels × length"),
        ({"kind": "reshape", "shape": [3, 3]}, "64 numbers, for a shape of 3×3, 9; expected as many"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_at_the_node(node: dict[str, Any], said: str) -> None:
    network = [node, {"kind": "flatten"}, {"kind": "linear", "units": None}]
    document = {"data": {"kind": "digits"}, "network": network}
    assert said in refused(lambda d: planner.plan(Experiment.parse(d)), document)["/network/0"]
