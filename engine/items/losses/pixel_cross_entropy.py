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
        counted = (target != 255).to(logits.dtype)
        if self.weight is not None:
            counted = counted * self.weight[torch.where(target != 255, target, 0).long()]
        return total / counted.sum().clamp_min(torch.finfo(logits.dtype).tiny)
