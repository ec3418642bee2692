"""Signals and samples as arrays of frames: uint8 with the values that 0 and 255 represent."""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.data.load import Data


def signed(signals: Tensor, leading: int = 1) -> tuple[Tensor, Tensor]:
    """Signals as uint8 of the same shape, with 128 for zero, and ranges (…, 2) of the leading axes.

    Each picture is scaled separately, symmetrically about zero.
    """
    flat = signals.flatten(leading).float()
    most = flat.abs().amax(dim=-1)
    scale = torch.where(most > 0, 127 / most, 0)
    levels = (flat * scale[..., None] + 128).round().to(torch.uint8)
    ranges = torch.stack([most * (-128 / 127), most], dim=-1)
    return levels.view(signals.shape).cpu(), ranges.cpu()


def shown(raw: Tensor, data: Data) -> tuple[Tensor, Tensor]:
    """Raw samples as uint8, and the range (2,) of the whole set."""
    if raw.dtype == torch.uint8:
        return raw, torch.tensor([0.0, 255.0])
    brightest = data.dataset.brightest
    low, high = (0.0, brightest) if brightest is not None else _extremes(data.train.raw)
    scale = 255 / (high - low) if high > low else 0.0
    levels = ((raw - low) * scale).round().clamp(0, 255).to(torch.uint8)
    return levels, torch.tensor([low, high])


def _extremes(raw: Tensor) -> tuple[float, float]:
    return float(raw.min()), float(raw.max())
