"""Orthogonal weights."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Orthogonal(Initializer):
    """Orthogonal: rows, or columns where they are fewer, at right angles to each other and of one length.

    A linear layer then turns signals and gradients without stretching them, so that deep linear networks
    learn as quickly as shallow ones. A filter is a row; a bias is one vector of that length. Saxe et al.
    2014, section 3.
    """

    kind: Literal["orthogonal"] = "orthogonal"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "A linear layer turns signals and gradients without stretching them: very deep networks "
                "start well."
            ),
            "For recurrent networks, whose matrix is applied again and again.",
        ),
        cons=(
            "Dearer to draw: a QR decomposition.",
            "Exact for linear layers only.",
        ),
        use="For recurrent and very deep networks.",
        example=Example(
            "Compare the first epochs with those of Xavier's start.",
            preset="spiral",
        ),
        tex=(r"W W^\top = g^2 I",),
    )
    gain: float = option(1.0, "The length of each row or column.", gt=0, le=100, log=True)

    def call(self) -> Call:
        return Call("torch.nn.init.orthogonal_", Name("tensor"), self.gain, generator=Name("generator"))

    def call_for_bias(self, weight: tuple[int, ...]) -> Call:
        return Call(random_direction, Name("tensor"), self.gain, Name("generator"))


def random_direction(tensor: torch.Tensor, length: float, generator: torch.Generator) -> torch.Tensor:
    """A vector of this length in a random direction, in place."""
    tensor.normal_(generator=generator)
    return tensor.mul_(length / torch.linalg.vector_norm(tensor))
