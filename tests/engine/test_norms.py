"""Normalisations against torch's own, scipy's filters and the papers' equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.ndimage
import torch
from torch import Tensor, nn

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.local_contrast_norm import ContrastNormalization, LocalContrastNorm
from glassnet.engine.items.layers.local_response_norm import LocalResponseNorm
from glassnet.engine.items.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm
from glassnet.engine.items.node import Context, Operation, Shape
from glassnet.engine.network import planner
from tests.engine.experiments import refused


def built(item: Operation, shape: Shape) -> nn.Module:
    """The module of a node that reads this shape."""
    module: nn.Module = item.call(Context((shape,), None, lambda nodes: shape)).build(dropout=None)
    return module


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_local_response_norm_is_the_papers_equation() -> None:
    x = drawn(2, 7, 3, 3)
    k, n, alpha, beta = 2.0, 5, 0.3, 0.75
    module = built(LocalResponseNorm(k=k, size=n, alpha=alpha, beta=beta), (7, 3, 3))
    for i in range(7):
        around = x[:, max(0, i - n // 2) : min(6, i + n // 2) + 1]
        expected = x[:, i] / (k + alpha * (around**2).sum(1)) ** beta
        torch.testing.assert_close(module(x)[:, i], expected)


def test_local_contrast_norm_is_the_papers_equations_done_with_scipy() -> None:
    x, size, spread = drawn(1, 3, 12, 10), 5, 1.25
    module = built(LocalContrastNorm(size=size, spread=spread, epsilon=1e-12), (3, 12, 10))
    line = np.exp(-0.5 * ((np.arange(size) - size // 2) / spread) ** 2)
    window = np.outer(line, line) / np.outer(line, line).sum()

    def averaged(maps: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        summed = sum(scipy.ndimage.correlate(each, window, mode="constant") for each in maps) / len(maps)
        covered = scipy.ndimage.correlate(np.ones(maps.shape[1:]), window, mode="constant")
        return np.asarray(summed / covered)

    picture = x[0].double().numpy()
    centred = picture - averaged(picture)
    deviation = np.sqrt(averaged(centred**2))
    expected = centred / np.maximum(deviation, deviation.mean())
    np.testing.assert_allclose(module(x)[0], expected, rtol=1e-4, atol=1e-5)


def test_contrast_norm_takes_brightness_and_contrast_away() -> None:
    module, x = ContrastNormalization(16, 16, 9, 2.25, 1e-12), drawn(4, 2, 16, 16)
    torch.testing.assert_close(module(3 * x + 5), module(x), rtol=1e-4, atol=1e-4)


def test_contrast_norm_of_a_flat_picture_is_zero_and_has_a_gradient() -> None:
    module, x = ContrastNormalization(16, 16, 9, 2.25, 1e-6), torch.full((1, 2, 16, 16), 0.5)
    x.requires_grad_(True)
    (gradient,) = torch.autograd.grad(module(x).square().sum(), x)
    assert module(x).abs().max() < 1e-3
    assert gradient.isfinite().all()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (LayerNorm(epsilon=0.1), lambda x: nn.functional.layer_norm(x, x.shape[1:], eps=0.1)),
        (GroupNorm(groups=3, epsilon=0.1), lambda x: nn.functional.group_norm(x, 3, eps=0.1)),
        (InstanceNorm(epsilon=0.1), lambda x: nn.functional.instance_norm(x, eps=0.1)),
    ],
    ids=["layer", "group", "instance"],
)
@pytest.mark.parametrize("sizes", [(5,), (5, 4), (2, 5, 4)], ids=str)
def test_norms_of_a_sample_are_torchs(item: Operation, expected: Any, sizes: Shape) -> None:
    x = drawn(2, 6, *sizes)
    torch.testing.assert_close(built(item, (6, *sizes))(x), expected(x))


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"kind": "group_norm", "groups": 2}, "3 channels do not fall into 2 equal groups"),
        ({"kind": "instance_norm"}, "one number a group"),
        ({"kind": "local_contrast_norm", "size": 4}, "size 4; expected an odd number"),
        ({"kind": "local_contrast_norm", "size": 2}, "size 2; expected an odd number"),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_what_cannot_be_normalised_is_refused_at_the_node(node: dict[str, Any], said: str) -> None:
    kernel = 8 if node["kind"] == "instance_norm" else 3
    network = [
        {"kind": "conv2d", "filters": 3, "kernel": kernel},
        node,
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]
    document = {"data": {"kind": "digits"}, "network": network}
    found = refused(lambda d: planner.plan(Experiment.parse(d)), document)
    assert said in found["/network/1"]


@pytest.mark.parametrize("sizes", [(), (5,), (4, 3), (2, 3, 4)])
def test_batch_norm_centres_each_channel_whatever_its_axes(sizes: tuple[int, ...]) -> None:
    x, others = drawn(6, 3, *sizes), (0, *range(2, 2 + len(sizes)))
    mean = x.mean(others, keepdim=True)
    variance = x.var(others, correction=0, keepdim=True)
    expected = (x - mean) / (variance + 0.1).sqrt()
    torch.testing.assert_close(built(BatchNorm(epsilon=0.1), (3, *sizes))(x), expected)
