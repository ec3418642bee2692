"""Spectra of filters, and the aliasing of a stride."""

from __future__ import annotations

import torch
from torch import Tensor

#: The number of points along one side of a spectrum.
POINTS = 32


def filter_spectra(weight: Tensor, points: int = POINTS) -> Tensor:
    """The power spectra of filters (f, channels, k, k): (f, points, points), frequency 0 in the middle.

    Summed over the channels; a filter is embedded in zeros.
    """
    side = max(points, *weight.shape[2:])
    power = torch.fft.fft2(weight.double(), s=(side, side)).abs().square().sum(dim=1)
    centred: Tensor = torch.fft.fftshift(power, dim=(1, 2))
    return centred


def beyond_nyquist(power: Tensor, stride: int, *, centred: bool = True) -> Tensor:
    """The share of the power (f, h, w) at frequencies above 1/(2 · stride), along either axis: (f,).

    After every sth number is kept, those frequencies look like lower ones (aliasing).
    """
    axes = [torch.fft.fftfreq(side, device=power.device) for side in power.shape[1:]]
    if centred:
        axes = [torch.fft.fftshift(axis) for axis in axes]
    limit = 0.5 / stride
    beyond = (axes[0].abs()[:, None] > limit) | (axes[1].abs()[None, :] > limit)
    total = power.sum(dim=(1, 2))
    share: Tensor = (power * beyond).sum(dim=(1, 2)) / torch.where(total > 0, total, 1)
    return share
