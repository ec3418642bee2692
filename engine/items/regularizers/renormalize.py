"""Renormalised filters."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.regularizers import Regularizer


class Renormalize(Regularizer):
    """Renormalised filters: one whose root mean square exceeds a radius is scaled back to it.

    Applied after each step, so that a few filters cannot outgrow all others. A filter is the weights of one
    output channel; in a dense layer, of one unit; in a transposed convolution, of one input channel. The
    paper applied it to its convolutions, with pixels in ±128. Zeiler & Fergus 2014, section 3.1 and
    figure 6 (a).
    """

    kind: Literal["renormalize"] = "renormalize"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A few filters cannot outgrow all others: more of them stay in use.",),
        cons=("The radius depends on the scale of the inputs.",),
        use="For the first convolutions on pixels that are not scaled down, as in ZFNet.",
        example=Example(
            "The first filters are of like strength: none outshines the rest.",
            preset="digits-convolution",
        ),
        tex=(r"w \leftarrow w \cdot \min\left(1, \frac{\text{radius}}{\operatorname{RMS}(w)}\right)",),
    )
    radius: float = option(
        0.1, "The greatest root mean square of a filter's weights.", gt=0, le=100, log=True, live=True
    )

    def after_update(self) -> Call | None:
        return Call(renormalized, Name("weights"), self.radius)


def renormalized(weights: list[torch.Tensor], radius: float) -> None:
    """w ← w · min(1, radius / RMS(w)) for each filter w, in place, with the norm in float64."""
    for weight in weights:
        axes = tuple(range(1, weight.ndim))
        length = torch.linalg.vector_norm(weight, dim=axes, keepdim=True, dtype=torch.float64)
        rms = length / (weight[0].numel() ** 0.5)
        weight.mul_((radius / rms.clamp_min(torch.finfo(rms.dtype).tiny)).clamp_max(1).to(weight.dtype))
