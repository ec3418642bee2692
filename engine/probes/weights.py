"""The parameters of the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.probes import Arrays, Picture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class Weights(Picture):
    """Weights: the current value of every parameter.

    Arrays: `NODE.weight`, `NODE.bias`, … float32 in torch's layout (outputs first). A parameter of more
    than `limit` numbers is thinned evenly along its axes; `NAME.shape` int32 is then its full shape.
    """

    kind: Literal["weights"] = "weights"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Every parameter, as it is.",),
        cons=("Large layers are thinned.",),
        use="To see symmetry, sparsity and growth.",
        example=Example(
            "Edges are drawn from these.",
            preset="circle",
        ),
        shows=(
            "convolution.weight",
            "output.weight",
        ),
    )
    limit: int = option(4096, "Numbers of one parameter that are sent at most.", ge=16, le=1_000_000)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        parameters = dict(trainer.evaluation_network.named_parameters())

        def look() -> Arrays:
            arrays: Arrays = {}
            for name, parameter in parameters.items():
                thinned = _thinned(parameter.detach(), self.limit)
                arrays[name] = thinned.float()
                if thinned.shape != parameter.shape:
                    arrays[f"{name}.shape"] = torch.tensor(parameter.shape, dtype=torch.int32)
            return arrays

        return look


def _thinned(tensor: Tensor, limit: int) -> Tensor:
    """The tensor subsampled along its longest axes, to at most `limit` entries."""
    while tensor.numel() > limit:
        axis = max(range(tensor.ndim), key=lambda axis: tensor.shape[axis])
        step = min(-(-tensor.numel() // limit), tensor.shape[axis])
        tensor = tensor[(slice(None),) * axis + (slice(None, None, max(step, 2)),)]
    return tensor
