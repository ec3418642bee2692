"""Convolution in all its forms, against torch, scipy, sums written out, and the formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.layers.convolution import Conv1d, Conv2d, Conv3d, DepthwiseConv2d
from glassnet.engine.items.layers.sliding import Sliding
from glassnet.engine.items.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from glassnet.engine.items.layers.unshared import TiledConv2d, UnsharedConv2d
from glassnet.engine.items.node import Context, Operation, Shape
from glassnet.engine.network import planner
from glassnet.engine.network.flops import MultiplyAdds
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import refused

CONVOLUTIONS: dict[int, type[Any]] = {1: Conv1d, 2: Conv2d, 3: Conv3d}
TRANSPOSED: dict[int, type[Any]] = {1: ConvTranspose1d, 2: ConvTranspose2d, 3: ConvTranspose3d}
SLIDE: dict[int, Any] = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
SPREAD: dict[int, Any] = {
    1: functional.conv_transpose1d,
    2: functional.conv_transpose2d,
    3: functional.conv_transpose3d,
}


def built(item: Operation, shape: Shape, seed: int = 0) -> nn.Module:
    """The module of a node that reads this shape, with every parameter drawn."""
    module: nn.Module = item.call(Context((shape,), None, lambda nodes: shape)).build(dropout=None)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(generator=generator)
    return module


def drawn(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def planned(item: Operation, shape: Shape) -> tuple[int, ...]:
    """The shape that the plan finds for a batch of two, on the meta device."""
    with torch.device("meta"), MultiplyAdds():
        module = item.call(Context((shape,), None, lambda nodes: shape)).build(dropout=None)
        return tuple(module(torch.empty(2, *shape)).shape)


def plan(*nodes: dict[str, Any]) -> Plan:
    """A plan on 1×8×8 pictures."""
    end = [{"kind": "flatten"}, {"kind": "linear", "units": None}]
    return planner.plan(Experiment.parse({"data": {"kind": "digits"}, "network": [*nodes, *end]}))


# Against torch ------------------------------------------------------------------------------------------


@st.composite
def sliding(draw: st.DrawFn) -> tuple[int, dict[str, Any], Shape]:
    """Axes, options of a convolution that fits, and the shape that arrives."""
    axes = draw(st.integers(1, 3))

    def each(low: int, high: int) -> Any:
        one = st.integers(low, high)
        return draw(one | st.lists(one, min_size=axes, max_size=axes))

    groups = draw(st.integers(1, 3))
    options = {
        "filters": groups * draw(st.integers(1, 2)),
        "kernel": each(1, 4),
        "stride": each(1, 3),
        "dilation": each(1, 3),
        "padding": draw(st.sampled_from(["valid", "full", "same"]) | st.just(each(0, 3))),
        "groups": groups,
        "bias": draw(st.booleans()),
        "bias_per": draw(st.sampled_from(["channel", "location"])),
    }
    shape = (groups * draw(st.integers(1, 2)), *(draw(st.integers(1, 9)) for _ in range(axes)))
    return axes, options, shape


def fits(item: Sliding, shape: Shape) -> bool:
    try:
        item.places(Context((shape,), None, lambda nodes: shape))
    except ValueError:
        return False
    return True


@given(sliding())
@settings(max_examples=400, deadline=None)
def test_convolution_is_torchs_whether_direct_or_by_fourier_transforms(
    setting: tuple[int, dict[str, Any], Shape],
) -> None:
    axes, options, shape = setting
    item = CONVOLUTIONS[axes](**options)
    assume(fits(item, shape))
    x, direct = drawn(2, *shape), built(item, shape)
    parameters = dict(direct.named_parameters())
    weight, bias = parameters["weight"], parameters.get("bias")
    convolved = SLIDE[axes](
        x, weight, None, item.each(item.stride), item.borders(), item.each(item.dilation), item.groups
    )
    if bias is not None:
        located = item.bias_per == "location"
        assert bias.shape == (math.prod(convolved.shape[1:]) if located else item.filters,)
        convolved = convolved + bias.view(-1, *(convolved.shape[2:] if located else (1,) * axes))
    torch.testing.assert_close(direct(x), convolved)
    fourier = built(item.model_copy(update={"method": "fft"}), shape)
    assert {name: p.shape for name, p in fourier.named_parameters()} == {
        name: p.shape for name, p in parameters.items()
    }
    torch.testing.assert_close(fourier(x), convolved, rtol=1e-4, atol=1e-5 * weight[0].numel() ** 0.5 * 10)


def test_fourier_and_direct_have_the_same_gradients() -> None:
    item = Conv2d(filters=4, kernel=[3, 5], stride=2, padding=2, dilation=[2, 1], groups=2)
    x = drawn(3, 6, 11, 13).double().requires_grad_(True)
    found = []
    for method in ("direct", "fft"):
        module = built(item.model_copy(update={"method": method}), (6, 11, 13)).double()
        loss = (module(x) ** 3).sum()
        found.append(torch.autograd.grad(loss, [x, *module.parameters()]))
    for direct, fourier in zip(*found, strict=True):
        torch.testing.assert_close(fourier, direct)


@given(
    st.integers(1, 3),
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.integers(0, 2)),
    st.integers(1, 2),
    st.integers(1, 6),
)
@settings(max_examples=300, deadline=None)
def test_transposed_convolution_is_torchs(
    axes: int, setting: tuple[int, int, int, int, int], groups: int, size: int
) -> None:
    kernel, stride, padding, dilation, extra = setting
    grown = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1
    assume(extra < max(stride, dilation) and grown > 0)
    item = TRANSPOSED[axes](
        filters=2 * groups,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        output_padding=extra,
        groups=groups,
    )
    shape = (2 * groups, *[size] * axes)
    module, x = built(item, shape), drawn(2, *shape)
    weight, bias = module.get_parameter("weight"), module.get_parameter("bias")
    expected = SPREAD[axes](x, weight, bias, stride, padding, extra, groups, dilation)
    torch.testing.assert_close(module(x), expected)
    assert planned(item, shape) == tuple(expected.shape) == (2, 2 * groups, *[grown] * axes)


def test_transposed_convolution_is_the_way_a_convolutions_gradient_goes() -> None:
    x, y = drawn(1, 3, 9, 9).requires_grad_(True), drawn(1, 4, 4, 4)
    weight = drawn(4, 3, 3, 3, seed=3)
    (gradient,) = torch.autograd.grad(functional.conv2d(x, weight, stride=2), x, y)
    item = ConvTranspose2d(filters=3, kernel=3, stride=2, bias=False)
    module = built(item, (4, 4, 4))
    with torch.no_grad():
        module.get_parameter("weight").copy_(weight)
    torch.testing.assert_close(module(y), gradient)


def test_depthwise_filters_see_one_channel_each() -> None:
    module, x = built(DepthwiseConv2d(kernel=3, multiplier=2, padding=1), (3, 6, 6)), drawn(2, 3, 6, 6)
    weight, bias = module.get_parameter("weight"), module.get_parameter("bias")
    for map_ in range(6):
        alone = functional.conv2d(x[:, map_ // 2, None], weight[map_, None], bias[map_, None], padding=1)
        torch.testing.assert_close(module(x)[:, map_], alone[:, 0])


# Against scipy ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
@pytest.mark.parametrize("kernel", [[3, 3], [1, 5], [5, 3]], ids=str)
@pytest.mark.parametrize("method", ["direct", "fft"])
def test_padding_means_what_it_means_to_scipy(padding: Any, kernel: list[int], method: Any) -> None:
    item = Conv2d(filters=1, kernel=kernel, padding=padding, method=method, bias=False)
    module, x = built(item, (1, 8, 9)), drawn(1, 1, 8, 9)
    weight = module.get_parameter("weight").detach()[0, 0].double()
    expected = scipy.signal.correlate2d(x[0, 0].double(), weight, mode=padding)
    np.testing.assert_allclose(module(x).detach()[0, 0], expected, rtol=1e-4, atol=1e-5)
    flipped = scipy.signal.convolve2d(x[0, 0].double(), weight.flip(0, 1), mode=padding)
    np.testing.assert_allclose(flipped, expected)


def test_full_enlarges_and_same_keeps_and_valid_shrinks() -> None:
    shapes = {p: planned(Conv2d(filters=1, kernel=5, padding=p), (1, 12, 12))[2:] for p in PADDINGS}
    assert shapes == {"full": (16, 16), "same": (12, 12), "valid": (8, 8)}
    assert planned(Conv2d(filters=1, kernel=1, padding=1), (1, 4, 4))[2:] == (6, 6)


PADDINGS: list[Any] = ["full", "same", "valid"]


def test_a_blur_of_ones_is_three_quarters_at_zero_padded_ends() -> None:
    module = built(Conv1d(filters=1, kernel=3, padding="same", bias=False), (1, 5))
    with torch.no_grad():
        module.get_parameter("weight").copy_(torch.tensor([[[0.25, 0.5, 0.25]]]))
    assert module(torch.ones(1, 1, 5)).flatten().tolist() == [0.75, 1, 1, 1, 0.75]


# Unshared and tiled, written out --------------------------------------------------------------------------


@st.composite
def located(draw: st.DrawFn) -> tuple[dict[str, Any], Shape]:
    options = {
        "filters": draw(st.integers(1, 3)),
        "kernel": [draw(st.integers(1, 3)), draw(st.integers(1, 3))],
        "stride": [draw(st.integers(1, 2)), draw(st.integers(1, 3))],
        "dilation": [draw(st.integers(1, 2)), draw(st.integers(1, 2))],
        "padding": [draw(st.integers(0, 2)), draw(st.integers(0, 2))],
        "bias": draw(st.booleans()),
    }
    return options, (draw(st.integers(1, 2)), draw(st.integers(1, 8)), draw(st.integers(1, 8)))


def patches(x: Tensor, item: Sliding) -> Tensor:
    """What the kernel covers at each place: (batch, channels, k, k, h′, w′), by strides alone."""
    (top, left), (down, right) = item.borders(), item.each(item.stride)
    (rows, columns), (apart, across) = item.each(item.kernel), item.each(item.dilation)
    padded = functional.pad(x, (left, left, top, top))
    views = padded.unfold(2, apart * (rows - 1) + 1, down).unfold(3, across * (columns - 1) + 1, right)
    return views[..., ::apart, ::across].permute(0, 1, 4, 5, 2, 3)


@given(located(), st.sampled_from(["location", "channel"]))
@settings(max_examples=150, deadline=None)
def test_unshared_convolution_has_a_filter_at_each_place(
    setting: tuple[dict[str, Any], Shape], per: Any
) -> None:
    options, shape = setting
    item = UnsharedConv2d(**options, bias_per=per)
    assume(fits(item, shape))
    assert item.filters is not None
    module, x = built(item, shape), drawn(2, *shape)
    seen = patches(x, item)
    height, width = seen.shape[4:]
    parameters = dict(module.named_parameters())
    weight = parameters["weight"].view(height, width, item.filters, *seen.shape[1:4])
    expected = torch.einsum("nckluv,uvfckl->nfuv", seen, weight)
    if item.bias:
        places = (height, width) if per == "location" else (1, 1)
        expected = expected + parameters["bias"].view(item.filters, *places)
    torch.testing.assert_close(module(x), expected, rtol=1e-4, atol=1e-4)
    assert planned(item, shape) == tuple(expected.shape)
    assert math.prod(seen.shape[1:]) * item.filters == parameters["weight"].numel()


@given(located(), st.integers(1, 4), st.sampled_from(["tile", "channel"]))
@settings(max_examples=200, deadline=None)
def test_tiled_convolution_takes_its_filters_in_turn(
    setting: tuple[dict[str, Any], Shape], tiles: int, per: Any
) -> None:
    options, shape = setting
    item = TiledConv2d(**options, bias_per=per, tiles=tiles)
    assume(fits(item, shape))
    assert item.filters is not None
    module, x = built(item, shape), drawn(2, *shape)
    seen = patches(x, item)
    rows, columns = (torch.arange(size) % tiles for size in seen.shape[4:])
    parameters = dict(module.named_parameters())
    weight = parameters["weight"].view(tiles, tiles, item.filters, *seen.shape[1:4])
    expected = torch.einsum("nckluv,uvfckl->nfuv", seen, weight[rows][:, columns])
    if item.bias and per == "tile":
        expected = expected + parameters["bias"].view(tiles, tiles, -1)[rows][:, columns].permute(2, 0, 1)
    elif item.bias:
        expected = expected + parameters["bias"].view(-1, 1, 1)
    torch.testing.assert_close(module(x), expected, rtol=1e-4, atol=1e-4)
    assert planned(item, shape) == tuple(expected.shape)


def test_one_tile_is_convolution() -> None:
    tiled, shared = built(TiledConv2d(tiles=1, padding=1), (2, 7, 7)), built(Conv2d(padding=1), (2, 7, 7))
    x = drawn(2, 2, 7, 7)
    torch.testing.assert_close(tiled(x), shared(x))


# Sizes and counts -----------------------------------------------------------------------------------------


@given(sliding())
@settings(max_examples=1500, deadline=None)
def test_sizes_are_the_formulas(setting: tuple[int, dict[str, Any], Shape]) -> None:
    """⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1, or a refusal where that is below 1, or 'same' cannot be."""
    axes, options, shape = setting
    item = CONVOLUTIONS[axes](**options)
    kernel, stride, dilation = (item.each(v) for v in (item.kernel, item.stride, item.dilation))
    reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    if item.padding == "same" and (set(stride) != {1} or any(r % 2 for r in reach)):
        assert not fits(item, shape)
        return
    zeros = {"valid": [0] * axes, "same": [r // 2 for r in reach], "full": reach}
    padding = zeros[item.padding] if isinstance(item.padding, str) else list(item.each(item.padding))
    expected = [
        math.floor((n + 2 * p - r - 1) / s) + 1
        for n, p, r, s in zip(shape[1:], padding, reach, stride, strict=True)
    ]
    if any(n + 2 * p <= r for n, p, r in zip(shape[1:], padding, reach, strict=True)):
        assert not fits(item, shape)
    else:
        assert planned(item, shape) == (2, item.filters, *expected)
        if item.padding == "same":
            assert tuple(expected) == shape[1:]
        if item.padding == "full" and set(stride) == {1}:
            assert expected == [n + r for n, r in zip(shape[1:], reach, strict=True)]


@pytest.mark.parametrize(
    ("node", "parameters", "macs"),
    [
        ({"kind": "conv2d", "filters": 5, "kernel": 3}, 5 * 9 + 5, 36 * 5 * 9),
        ({"kind": "conv2d", "filters": 5, "kernel": [3, 1], "bias": False}, 5 * 3, 48 * 5 * 3),
        ({"kind": "conv2d", "filters": 5, "padding": "same"}, 5 * 9 + 5, 64 * 5 * 9),
        ({"kind": "conv2d", "filters": 5, "padding": "full"}, 5 * 9 + 5, 100 * 5 * 9),
        ({"kind": "conv2d", "filters": 5, "bias_per": "location"}, 5 * 9 + 5 * 36, 36 * 5 * 9),
        ({"kind": "depthwise_conv2d", "multiplier": 4}, 4 * 9 + 4, 36 * 4 * 9),
        ({"kind": "unshared_conv2d", "filters": 5}, 36 * 5 * (9 + 1), 36 * 5 * 9),
        ({"kind": "unshared_conv2d", "filters": 5, "bias_per": "channel"}, 36 * 5 * 9 + 5, 36 * 5 * 9),
        ({"kind": "tiled_conv2d", "filters": 5, "tiles": 3}, 9 * 5 * (9 + 1), 36 * 5 * 9),
        ({"kind": "tiled_conv2d", "filters": 5, "tiles": 4, "bias": False}, 16 * 5 * 9, 36 * 5 * 9),
        ({"kind": "conv_transpose2d", "filters": 5, "kernel": 2}, 5 * 4 + 5, 64 * 5 * 4),
        ({"kind": "spatially_separable_conv2d", "filters": 5}, 5 * 3 + 5 + 5 * 5 * 3 + 5, 64 * 15 + 64 * 75),
        ({"kind": "separable_conv2d", "filters": 5, "multiplier": 2}, 2 * 10 + 5 * 3, 64 * 18 + 64 * 10),
    ],
    ids=str,
)
def test_parameters_and_multiply_adds_are_the_closed_forms(
    node: dict[str, Any], parameters: int, macs: int
) -> None:
    made = plan({**node, "name": "it"})
    inside = [placed for placed in made.nodes if placed.name.partition(".")[0] == "it"]
    assert sum(placed.parameters for placed in inside) == parameters
    assert sum(placed.macs for placed in inside) == macs


def test_four_hundred_features_of_8_by_8_give_three_million_numbers() -> None:
    """On 96×96 pictures: 89² · 400 = 3,168,400, before any pooling."""
    big = {"kind": "upsample", "factor": 12}
    made = plan(big, {"kind": "conv2d", "name": "features", "filters": 400, "kernel": 8})
    assert math.prod(made["features"].shape) == 3_168_400 == 89**2 * 400


def test_grouping_divides_parameters_and_work() -> None:
    first = {"kind": "conv2d", "filters": 12, "kernel": 1}
    whole = plan(first, {"kind": "conv2d", "name": "c", "filters": 24, "bias": False})["c"]
    third = plan(first, {"kind": "conv2d", "name": "c", "filters": 24, "bias": False, "groups": 3})["c"]
    assert (whole.parameters, whole.macs) == (3 * third.parameters, 3 * third.macs)


def test_fourier_transforms_are_counted_and_pay_with_large_kernels() -> None:
    def macs(kernel: int, method: str) -> int:
        big = {"kind": "upsample", "factor": 8}
        node = {"kind": "conv2d", "name": "c", "kernel": kernel, "padding": "same", "method": method}
        return plan(big, {"kind": "conv2d", "filters": 8, "kernel": 1}, node)["c"].macs

    assert macs(3, "direct") < macs(3, "fft")
    assert macs(31, "direct") > 10 * macs(31, "fft")


# What cannot be is refused at the node --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "pointer", "said"),
    [
        (
            {"kind": "conv2d", "kernel": 9},
            "",
            "node 'it': 1×8×8 arrives; expected at least 9×9 for a kernel of 9",
        ),
        (
            {"kind": "conv2d", "kernel": [3, 5], "dilation": 3, "padding": 1},
            "",
            (
                "node 'it': 1×8×8 arrives and padding adds 1 on each side; expected at least 7×13 "
                "for a kernel of 3×5 with dilation 3"
            ),
        ),
        (
            {"kind": "conv2d", "filters": 8, "groups": 3},
            "",
            (
                "node 'it': 1 channels arrive and 8 filters are asked for in 3 groups; "
                "expected groups to divide both"
            ),
        ),
        (
            {"kind": "conv2d", "padding": "same", "stride": 2},
            "",
            "node 'it': padding 'same' with stride 2 and kernel 3; expected stride 1 and an odd kernel",
        ),
        (
            {"kind": "conv2d", "kernel": [1, 2, 3]},
            "/kernel",
            "[1, 2, 3]; expected one number, or a list of 2",
        ),
        ({"kind": "conv1d", "stride": [1, 2]}, "/stride", "[1, 2]; expected one number, or a list of 1"),
        ({"kind": "conv1d"}, "", "node 'it': 1×8×8 arrives; expected a sequence: channels × length"),
        (
            {"kind": "conv3d"},
            "",
            "node 'it': 1×8×8 arrives; expected a volume: channels × depth × height × width",
        ),
        ({"kind": "unshared_conv2d", "kernel": 9}, "", "expected at least 9×9 for a kernel of 9"),
        ({"kind": "tiled_conv2d", "kernel": 9}, "", "expected at least 9×9 for a kernel of 9"),
        ({"kind": "separable_conv2d", "kernel": 9, "padding": "valid"}, "", "expected at least 9×9"),
        (
            {"kind": "conv_transpose2d", "padding": 8},
            "",
            (
                "node 'it': 1×8×8 arrives and padding cuts 8 off each side, which leaves nothing; "
                "expected less padding"
            ),
        ),
        (
            {"kind": "conv_transpose2d", "output_padding": 2},
            "",
            "node 'it': output_padding 2 with stride 2; expected less than the stride or the dilation",
        ),
        ({"kind": "residual_conv2d", "kernel": 2}, "", "kernel 2; expected an odd number"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_what_arrived_and_what_was_expected(
    node: dict[str, Any], pointer: str, said: str
) -> None:
    network = [{**node, "name": "it"}, {"kind": "flatten"}, {"kind": "linear", "units": None}]
    found = refused(
        lambda d: planner.plan(Experiment.parse(d)), {"data": {"kind": "digits"}, "network": network}
    )
    assert said in found[f"/network/0{pointer}"]


# Blocks ---------------------------------------------------------------------------------------------------


def test_an_outer_product_separates_into_a_column_and_a_row() -> None:
    column, row, x = drawn(5), drawn(5, seed=2), drawn(1, 1, 12, 12)
    square = torch.outer(column, row)
    down = functional.conv2d(x, column.view(1, 1, 5, 1))
    torch.testing.assert_close(
        functional.conv2d(down, row.view(1, 1, 1, 5)), functional.conv2d(x, square.view(1, 1, 5, 5))
    )
    nodes = plan({"kind": "spatially_separable_conv2d", "name": "it", "kernel": 5}).nodes[:2]
    assert [placed.item.call(placed.context).args[2] for placed in nodes] == [(5, 1), (1, 5)]


def test_a_residual_block_projects_only_where_it_has_to() -> None:
    def inside(**options: Any) -> list[str]:
        before = {"kind": "conv2d", "filters": 4, "kernel": 1}
        made = plan(before, {"kind": "residual_conv2d", "name": "r", "filters": 4, **options})
        return [placed.name.removeprefix("r.") for placed in made.nodes if placed.name.startswith("r.")]

    body = ["conv1", "norm1", "relu1", "conv2", "norm2"]
    assert inside() == [*body, "sum", "relu2"]
    assert inside(stride=2) == [*body, "shortcut", "shortcut_norm", "sum", "relu2"]
    assert inside(filters=6) == [*body, "shortcut", "shortcut_norm", "sum", "relu2"]
    before = ["norm1", "relu1", "conv1", "norm2", "relu2", "conv2"]
    assert inside(order="pre_activation") == [*before, "sum"]
    assert inside(order="pre_activation", filters=6) == [*before, "shortcut", "sum"]


def test_a_residual_block_is_what_torch_makes_of_its_parts() -> None:
    network = [
        {"kind": "residual_conv2d", "name": "r", "filters": 4, "stride": 2},
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]
    trainer = Trainer(Experiment.parse({"data": {"kind": "digits"}, "network": network}))
    x = trainer.data.train.inputs[:4]
    p = dict(trainer.evaluation_network.named_parameters())

    def normed(y: Tensor) -> Tensor:
        return torch.div(y, (1 + 1e-5) ** 0.5)  # running mean 0 and variance 1, γ 1, β 0: as they start

    y = normed(functional.conv2d(x, p["r.conv1.weight"], stride=2, padding=1)).relu()
    y = normed(functional.conv2d(y, p["r.conv2.weight"], padding=1))
    shortcut = normed(functional.conv2d(x, p["r.shortcut.weight"], stride=2))
    torch.testing.assert_close(trainer.evaluation_network(x)["r.relu2"], (y + shortcut).relu())
