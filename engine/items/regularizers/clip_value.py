"""Clipping by value."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.regularizers import Regularizer


class ClipValue(Regularizer):
    """Clipping by value: each number of a gradient is cut off at ±c.

    g ← min(max(g, −c), c). Unlike clipping by norm it changes the gradient's direction. Mikolov 2012.
    """

    kind: Literal["clip_value"] = "clip_value"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Cheap, and each number is bounded by itself.",),
        cons=("It changes the gradient's direction: large components are cut, small ones stay.",),
        use="Where single numbers of the gradient explode; otherwise clip by norm.",
        example=Example(
            "No number of a gradient is beyond ±c: the loss leaps less than without it.",
            preset="rate-too-high",
        ),
        tex=(r"g \leftarrow \min(\max(g, -c), c)",),
    )
    limit: float = option(0.5, "c, the greatest absolute value.", gt=0, le=1e6, log=True, live=True)

    def on_gradients(self) -> Call | None:
        return Call(clip_value, Name("gradients"), self.limit)


def clip_value(gradients: list[torch.Tensor], limit: float) -> None:
    """g ← min(max(g, −c), c), in place."""
    for gradient in gradients:
        gradient.copy_(gradient.clamp(-limit, limit))
