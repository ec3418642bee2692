"""Saliency, integrated gradients, SmoothGrad, Grad-CAM and occlusion against captum and closed forms."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
from scipy import stats
from torch import Tensor, nn

from glassnet.engine.attribution import gradients
from glassnet.engine.attribution.occlusion import OccluderGrid, drops, occluded
from glassnet.engine.attribution.randomization import rank_correlation
from glassnet.engine.attribution.spectrum import beyond_nyquist, filter_spectra
from tests.engine.attributions import Plain, images, plain

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from captum.attr import IntegratedGradients, LayerGradCam, NoiseTunnel, Occlusion, Saliency

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

EXACT = 1e-8


def score(network: Callable[[Tensor], Tensor], target: int = 3) -> gradients.Score:
    return lambda x: network(x)[:, target]


def test_saliency_is_the_largest_of_captums_channels() -> None:
    x = images()
    expected = Saliency(plain()).attribute(x, target=3).amax(dim=1)
    torch.testing.assert_close(gradients.saliency(score(plain()), x), expected, rtol=0, atol=EXACT)


def test_integrated_gradients_equal_captums() -> None:
    x, baseline = images(1), 0.1 * images(2)[1:]
    expected = IntegratedGradients(plain()).attribute(x, baseline, target=3, n_steps=50)
    found = gradients.integrated_gradients(score(plain()), x, baseline, steps=50, at_once=7)
    torch.testing.assert_close(found, expected, rtol=0, atol=EXACT)


def test_integrated_gradients_add_up_to_what_the_score_gains() -> None:
    smooth = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 15 * 11, 7)).double()
    with torch.no_grad():
        for parameter in smooth.parameters():
            parameter.copy_(0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(3)))
    x, baseline = images(1), torch.zeros_like(images(1))
    gained = smooth(x)[0, 3] - smooth(baseline)[0, 3]
    found = gradients.integrated_gradients(score(smooth), x, baseline, steps=50)
    torch.testing.assert_close(found.sum(), gained, rtol=0, atol=1e-10)


def test_integrated_gradients_are_exact_on_linear_models() -> None:
    x, baseline = images(1), 0.5 * images(2)[1:]
    weight = torch.randn(x[0].numel(), dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    found = gradients.integrated_gradients(lambda x: x.flatten(1) @ weight, x, baseline, steps=1)
    torch.testing.assert_close(found, (x - baseline) * weight.view(x.shape))


def test_steps_are_doubled_until_integrated_gradients_are_complete() -> None:
    """A steep sigmoid on the way: few gradients miss it. All inputs have equal shares of what it gains."""
    x, baseline = torch.ones(1, 1, 2, 2, dtype=torch.float64), torch.zeros(1, 1, 2, 2, dtype=torch.float64)

    def steep(x: Tensor) -> Tensor:
        return torch.sigmoid(200 * (x.flatten(1).mean(dim=1) - 0.321))

    few = gradients.integrated_gradients(steep, x, baseline, steps=5)
    assert abs(float(few.sum()) - 1) > 0.5
    found = gradients.complete_gradients(steep, x, baseline, steps=5)
    assert found.steps in (40, 80, 160, 320)
    assert found.holds
    assert found.error <= 0.01
    assert found.gained == pytest.approx(1, abs=1e-12)
    torch.testing.assert_close(found.map, torch.full_like(x, 0.25), rtol=0.01, atol=0)
    again = gradients.integrated_gradients(steep, x, baseline, steps=found.steps)
    assert torch.equal(found.map, again)


def test_what_no_number_of_steps_resolves_is_said() -> None:
    """A jump has no gradient: the sum is nothing, whatever the steps."""
    x, baseline = torch.ones(1, 1, 2, 2, dtype=torch.float64), torch.zeros(1, 1, 2, 2, dtype=torch.float64)

    def jump(x: Tensor) -> Tensor:
        mean = x.flatten(1).mean(dim=1)
        return (mean > 0.5).to(x) + 0 * mean

    found = gradients.complete_gradients(jump, x, baseline, steps=3, most=20)
    assert (found.steps, found.total, found.gained, found.error) == (20, 0, 1, 1)
    assert not found.holds


def test_a_linear_model_is_complete_with_one_step_and_a_picture_of_nothing_gains_nothing() -> None:
    x, baseline = images(1), 0.5 * images(2)[1:]
    weight = torch.randn(x[0].numel(), dtype=torch.float64, generator=torch.Generator().manual_seed(4))

    def linear(x: Tensor) -> Tensor:
        return x.flatten(1) @ weight + 5

    found = gradients.complete_gradients(linear, x, baseline, steps=1)
    assert (found.steps, found.holds) == (1, True)
    assert found.error < 1e-12
    assert found.total == pytest.approx(float((x - baseline).flatten() @ weight), abs=1e-12)
    same = gradients.complete_gradients(linear, x, x, steps=1)
    assert (same.steps, same.total, same.gained, same.error, same.holds) == (1, 0, 0, 0, True)


def test_a_score_that_is_no_number_is_not_complete_and_is_not_tried_again() -> None:
    x = images(1)
    found = gradients.complete_gradients(lambda x: x.flatten(1).sum(dim=1) / 0, x, x, steps=2)
    assert (found.steps, found.holds) == (2, False)


def test_smooth_grad_is_the_mean_over_noisy_copies() -> None:
    x, network = images(1), plain()
    none = gradients.smooth_grad(score(network), x, noise=0.0, samples=3)
    torch.testing.assert_close(none, gradients.signal(score(network), x))
    spread = 0.2 * float(x.max() - x.min())
    drawn = torch.randn(6, 3, 17, 13, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    expected = torch.stack(
        [gradients.signal(score(network), x + spread * each[None]) for each in drawn]
    ).mean(0)
    again = torch.Generator().manual_seed(5)
    found = gradients.smooth_grad(score(network), x, noise=0.2, samples=6, generator=again)
    torch.testing.assert_close(found, expected)


def test_smooth_grad_agrees_with_captums_noise_tunnel_on_average() -> None:
    x, network = images(1), plain()
    torch.manual_seed(0)
    spread = 0.15 * float(x.max() - x.min())
    theirs = NoiseTunnel(Saliency(network)).attribute(
        x, nt_type="smoothgrad", nt_samples=400, nt_samples_batch_size=100, stdevs=spread, target=3, abs=False
    )
    ours = gradients.smooth_grad(score(network), x, samples=400, generator=torch.Generator().manual_seed(6))
    assert torch.corrcoef(torch.stack([ours.flatten(), theirs.flatten()]))[0, 1] > 0.97


def maps_and_score(network: Plain) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    def both(x: Tensor) -> tuple[Tensor, Tensor]:
        maps = network.features(x)
        return maps, network.head(maps.mean(dim=(2, 3)))[:, 3]

    return both


def test_grad_cam_equals_captums_on_images_that_are_not_square() -> None:
    x, network = images(), plain()
    expected = LayerGradCam(network, network.relu3).attribute(x, target=3)[:, 0]
    found = gradients.grad_cam(maps_and_score(network), x)
    assert found.shape == (4, 6, 4)
    torch.testing.assert_close(found, expected, rtol=0, atol=EXACT)


def test_grad_cam_is_cam_where_a_mean_and_a_dense_layer_end_the_network() -> None:
    x, network = images(), plain()
    maps = network.features(x)
    cam = torch.einsum("nchw,c->nhw", maps, network.head.weight[3])
    found = gradients.grad_cam(maps_and_score(network), x)
    torch.testing.assert_close(found, cam / (maps.shape[2] * maps.shape[3]))


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (4, 1), (5, 3), (6, 6), (13, 2)])
def test_drops_equal_captums_occlusion(size: int, stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x, network = images(1), plain()
    grey = torch.full_like(x, 0.3)
    theirs = Occlusion(network)
    with monkeypatch.context() as patched:
        patched.setattr(Tensor, "float", Tensor.double)  # captum rounds its mean to float32
        expected = theirs.attribute(x, (3, size, size), (3, stride, stride), baselines=0.3, target=3)[0, 0]
    found = drops(score(network), x, grey, OccluderGrid((17, 13), size, stride), numbers=2000, most=20_000)
    torch.testing.assert_close(found, expected, rtol=0, atol=EXACT)


def test_each_place_is_seen_with_the_square_there() -> None:
    x, grey = images(1), torch.full_like(images(1), 9.0)
    squares = OccluderGrid((17, 13), 4, 3)
    shown = torch.cat([part.seen for part in occluded(lambda x: x, x, grey, squares, numbers=1, most=4)])
    assert len(shown) == squares.count == 6 * 4
    for place, picture in enumerate(shown):
        expected = x[0].clone()
        top, left = 3 * (place // 4), 3 * (place % 4)
        expected[:, top : top + 4, left : left + 4] = 9
        assert torch.equal(picture, expected)


def test_a_pixels_mean_is_of_the_places_that_cover_it_and_were_seen() -> None:
    squares = OccluderGrid((17, 13), 4, 1)
    generator = torch.Generator().manual_seed(3)
    seen = torch.randn(squares.count, generator=generator, dtype=torch.float64)
    seen[torch.rand(squares.count, generator=generator) < 0.7] = torch.nan
    expected = torch.zeros(17, 13, dtype=torch.float64)
    for row in range(17):
        for column in range(13):
            over = [
                float(seen[10 * top + left])
                for top in range(max(0, row - 3), min(13, row) + 1)
                for left in range(max(0, column - 3), min(9, column) + 1)
            ]
            known = [value for value in over if value == value]
            expected[row, column] = sum(known) / len(known) if known else 0
    torch.testing.assert_close(squares.mean(seen), expected)


def test_rank_correlation_is_scipys() -> None:
    generator = torch.Generator().manual_seed(7)
    one = torch.randint(-4, 5, (6, 5), generator=generator).double()
    other = one + torch.randn(6, 5, generator=generator, dtype=torch.float64)
    expected = stats.spearmanr(one.abs().flatten(), other.abs().flatten()).statistic
    assert rank_correlation(one, other) == pytest.approx(expected, abs=1e-12)
    assert rank_correlation(one, 3 * one) == pytest.approx(1)


def test_a_wave_is_beyond_nyquist_from_the_stride_that_cannot_carry_it() -> None:
    column = torch.arange(32, dtype=torch.float64)
    wave = torch.cos(2 * torch.pi * column / 8).expand(32, 32)[None, None]  # a period of 8 pixels
    spectrum = filter_spectra(wave)
    shares = [float(beyond_nyquist(spectrum, stride)[0]) for stride in (1, 2, 4, 5)]
    assert shares == pytest.approx([0, 0, 0, 1], abs=1e-12)
    total = (wave**2).sum() * 32 * 32  # Parseval
    torch.testing.assert_close(spectrum.sum(), total)
