"""The norm that brings maps of different strength to one scale."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context


class L2Norm(Layer):
    """L2 norm: the channels at each place are brought to length 1, then each is scaled by its own γ.

    γ starts at `scale`: SSD begins with 20 at conv4_3 of VGG, whose numbers are larger than those of the
    deeper maps. Shapes: (channels, …) of one to three axes, unchanged. Parameters: one per channel. Liu et
    al. 2015, "ParseNet", equations 2 to 5.
    """

    kind: Literal["l2_norm"] = "l2_norm"
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    folds: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Maps of different layers can be read side by side: none drowns the others.",),
        cons=("How strong a place is, is lost: only the direction of its channels is left.",),
        use="Where maps of several depths go to one loss, as in SSD.",
        example=Example(
            "Each place has the same length, whatever arrives.",
        ),
        tex=(r"y_c = \gamma_c \, x_c / \lVert x \rVert_2",),
    )
    scale: float = option(20.0, "γ at the start.", gt=0, le=1000)

    def call(self, context: Context) -> Call:
        if not 2 <= len(context.shape) <= 4:
            raise ValueError(f"{shape_text(context.shape)} arrives; expected channels × one to three sizes")
        return Call(ChannelLength, context.shape[0], self.scale)


class ChannelLength(torch.nn.Module):
    """Channels of length 1 at each place, scaled."""

    def __init__(self, channels: int, scale: float) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.full((channels,), scale))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # A place where nothing arrives stays 0, with a slope that is finite.
        length = x.square().sum(dim=1, keepdim=True) + 1e-16
        return x * torch.rsqrt(length) * self.weight.view((1, -1) + (1,) * (x.ndim - 2))
