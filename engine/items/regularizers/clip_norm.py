"""Clipping by norm."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.regularizers import Regularizer


class ClipNorm(Regularizer):
    """Clipping by norm: a gradient longer than the limit is shortened to it, its direction kept.

    The norm is taken over all gradients of these nodes together, g ← g · min(1, c / ‖g‖). The cure
    for exploding gradients, which a smaller rate is not. Pascanu et al. 2013, algorithm 1.
    """

    kind: Literal["clip_norm"] = "clip_norm"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "The direction of the gradient stays: only the length is bounded.",
            "One bad batch cannot throw the weights far away.",
        ),
        cons=("One exploding layer shortens the gradients of all.",),
        use="For recurrent networks and transformers, and wherever loss spikes are seen.",
        example=Example(
            "No step is longer than rate times limit: the loss leaps less than without it.",
            preset="rate-too-high",
        ),
        mistakes=(
            Mistake(
                "Exploding gradients come from a large rate.",
                "From products of Jacobians above 1; a smaller rate only shortens the step.",
            ),
        ),
        tex=(r"g \leftarrow g \cdot \min\left(1, \frac{c}{\lVert g \rVert}\right)",),
    )
    limit: float = option(1.0, "c, the greatest norm.", gt=0, le=1e6, log=True, live=True)

    def on_gradients(self) -> Call | None:
        return Call(clip_norm, Name("gradients"), self.limit)


def clip_norm(gradients: list[torch.Tensor], limit: float) -> None:
    """g ← g · min(1, c / (‖g‖ + 1e-6)), in place; torch's clip_grad_norm_ has the same 1e-6.

    ‖g‖ = m ‖g / m‖ with m the greatest |g|, because squares overflow long before their roots.
    """
    if not gradients:
        return
    infinity = float("inf")
    largest = torch.stack([torch.linalg.vector_norm(g, infinity) for g in gradients]).amax()
    # Clamped to finite divisors: an infinite gradient then has an infinite norm, as in torch.
    largest = largest.clamp(torch.finfo(largest.dtype).tiny, torch.finfo(largest.dtype).max)
    parts = torch.stack([torch.linalg.vector_norm(g / largest) for g in gradients])
    norm = largest.double() * torch.linalg.vector_norm(parts)
    factor = torch.clamp_max(limit / (norm + 1e-6), 1.0)
    for gradient in gradients:
        gradient.mul_(factor)
