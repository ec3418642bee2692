"""Cross-entropy of a class for each pixel."""

from __future__ import annotations

import torch


class PixelCrossEntropy(torch.nn.Module):
    """Cross-entropy of each pixel that has a class, weighted by the class; the mean of none is 0."""

    weight: torch.Tensor | None

    def __init__(self, smoothing: float = 0.0, weight: torch.Tensor | None = None) -> None:
        super().__init__()
        self.smoothing = smoothing
        self.register_buffer("weight", weight)

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        # As rows, one for each pixel: CUDA has no deterministic kernel for pictures.
        total = torch.nn.functional.cross_entropy(
            logits.movedim(1, -1).flatten(0, -2),
            target.long().flatten(),
            self.weight,
            ignore_index=255,
            reduction="sum",
            label_smoothing=self.smoothing,
        )
        counted = self.counted(target).to(logits.dtype)
        return total / counted.clamp_min(torch.finfo(logits.dtype).tiny)

    def counted(self, target: torch.Tensor) -> torch.Tensor:
        """What the mean is over: the pixels that have a class, or the sum of their weights."""
        known = target != 255
        if self.weight is None:
            return known.sum()
        return torch.where(known, self.weight[torch.where(known, target, 0).long()], 0).sum()
