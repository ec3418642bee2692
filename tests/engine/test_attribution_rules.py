"""Deconvnet and guided backprop against captum, and what must hold of any rule."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet.engine.attribution.rules import NoRule, Rule, backproject, backward_rule
from tests.engine.attributions import RELUS, images, plain

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from captum.attr import Deconvolution, GuidedBackprop

CLASSES = torch.tensor([0, 3, 6, 2])


def down(
    network: Callable[[Tensor], Tensor], x: Tensor, rule: Rule, *, scale: float = 1.0, mask: bool = False
) -> Tensor:
    """The logit of each image's class, sent down."""
    source = x.clone().requires_grad_()
    logits = network(source)
    return backproject(
        logits, scale * F.one_hot(CLASSES[: len(x)], 7).double(), source, rule, mask_empty=mask
    )


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("rule", "theirs"), [("deconvnet", Deconvolution), ("guided", GuidedBackprop)])
def test_signals_equal_captums_where_relus_are_modules(rule: Rule, theirs: type) -> None:
    x = images()
    expected = theirs(plain()).attribute(x, target=CLASSES)
    found = down(plain(), x, rule)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-8)
    assert (found - down(plain(), x, "gradient")).abs().max() > 0.01  # the rule does something here


@pytest.mark.parametrize("rule", ["gradient", "deconvnet", "guided"])
@pytest.mark.parametrize("written", RELUS)
def test_a_relu_is_a_relu_however_it_is_written(written: str, rule: Rule) -> None:
    x = images()
    assert torch.equal(down(plain(RELUS[written]), x, rule), down(plain(), x, rule))


@pytest.mark.parametrize("rule", ["deconvnet", "guided"])
def test_a_signal_twice_as_strong_gives_a_picture_twice_as_strong(rule: Rule) -> None:
    x = images()
    torch.testing.assert_close(down(plain(), x, rule, scale=2.5), 2.5 * down(plain(), x, rule))


def test_the_deconvnet_is_not_odd_in_the_seed() -> None:
    x = images()
    assert (down(plain(), x, "deconvnet", scale=-1.0) + down(plain(), x, "deconvnet")).abs().max() > 0.01


@pytest.mark.parametrize("rule", ["deconvnet", "guided"])
def test_folding_batch_norm_into_the_convolution_changes_nothing(rule: Rule) -> None:
    network, x = plain(), images()
    expected = down(network, x, rule)
    folded = nn.utils.fusion.fuse_conv_bn_eval(network.conv1, network.norm1)
    network.conv1, network.norm1 = folded, nn.Identity()  # type: ignore[assignment]
    torch.testing.assert_close(down(network, x, rule), expected)


def test_pooling_windows_that_share_a_switch_add_their_signals() -> None:
    x = torch.zeros(1, 1, 5, 5, dtype=torch.float64)
    x[0, 0, 2, 2] = 1.0  # in all four windows of 3×3/2
    source = x.requires_grad_()
    pooled = F.max_pool2d(source, 3, 2)
    seed = torch.tensor([[[[1.0, 2.0], [4.0, 8.0]]]], dtype=torch.float64)
    signal = backproject(pooled, seed, source, "deconvnet")
    assert signal[0, 0, 2, 2] == 15
    assert signal.count_nonzero() == 1


def test_windows_of_nothing_but_zeros_leak_unless_they_are_masked() -> None:
    x = torch.full((1, 1, 4, 4), -1.0, dtype=torch.float64)
    x[0, 0, 3, 3] = 2.0
    maps = []
    for mask in (False, True):
        source = x.clone().requires_grad_()
        pooled = F.max_pool2d(F.relu(source), 2)
        maps.append(backproject(pooled, torch.ones_like(pooled), source, "deconvnet", mask_empty=mask)[0, 0])
    leaking, masked = maps
    assert leaking.nonzero().tolist() == [[0, 0], [0, 2], [2, 0], [3, 3]]
    assert masked.nonzero().tolist() == [[3, 3]]


def test_leaky_relus_pass_signals_with_their_own_slope() -> None:
    source = torch.tensor([[-1.0, 2.0, -3.0, 4.0]], requires_grad=True)
    seed = torch.tensor([[1.0, 1.0, -1.0, -1.0]])
    found = [
        backproject(F.leaky_relu(source, 0.25), seed, source, rule)
        for rule in ("gradient", "deconvnet", "guided")
    ]
    assert torch.stack(found)[:, 0].tolist() == [
        [0.25, 1.0, -0.25, -1.0],
        [1.0, 1.0, -0.25, -0.25],
        [0.25, 1.0, -0.0625, -0.25],
    ]


@pytest.mark.parametrize("function", [F.gelu, F.silu, torch.tanh, torch.sigmoid, F.elu, F.softplus])
def test_what_has_no_rule_is_refused_and_leaves_no_hook(function: Callable[[Tensor], Tensor]) -> None:
    source = torch.randn(1, 3, requires_grad=True)
    target = F.relu(function(F.relu(source)))
    plain_gradient = torch.autograd.grad(target.sum(), source, retain_graph=True)[0]
    with pytest.raises(NoRule, match="expected ReLU"):
        backproject(target, torch.ones_like(target), source, "guided")
    assert torch.equal(torch.autograd.grad(target.sum(), source)[0], plain_gradient)


def test_non_linearities_beside_the_way_are_no_hindrance() -> None:
    source, other = torch.randn(1, 3, requires_grad=True), torch.randn(1, 3, requires_grad=True)
    target = F.relu(source) + torch.tanh(other)
    assert backproject(target, torch.ones_like(target), source, "deconvnet").tolist() == [[1, 1, 1]]


def test_hooks_go_when_the_inside_fails() -> None:
    source = torch.randn(2, 8, requires_grad=True)
    target = F.relu(source)
    seed = -torch.ones_like(target)
    expected = torch.autograd.grad(target, source, seed, retain_graph=True)[0]

    def fail() -> None:
        with backward_rule(target, source, "deconvnet"):
            assert torch.autograd.grad(target, source, seed, retain_graph=True)[0].count_nonzero() == 0
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()
    assert torch.equal(torch.autograd.grad(target, source, seed)[0], expected)
