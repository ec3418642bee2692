"""Normalisations that look at one sample alone: layer, group and instance norm."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Shape


class LayerNorm(Layer):
    """Layer norm: all numbers of a sample are centred and scaled together, then each by its own γ and β.

    No batch is involved, so training and evaluation are the same. Shapes: unchanged. Parameters: two per
    number. Ba et al. 2016.
    """

    kind: Literal["layer_norm"] = "layer_norm"
    keeps_units: ClassVar[bool] = True
    folds: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("No batch: training and evaluation are the same, and a batch of one will do.",),
        cons=("For convolutions usually worse than batch norm.",),
        use="In transformers and recurrent networks.",
        example=Example(
            "Compare training and evaluation: they agree.",
        ),
        tex=(r"y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta",),
    )
    epsilon: float = option(1e-5, "Added to the variance.", gt=0, le=1, log=True)

    def call(self, context: Context) -> Call:
        _require_several(context.shape, 1)
        return Call("torch.nn.LayerNorm", context.shape, eps=self.epsilon)


class GroupNorm(Layer):
    """Group norm: the channels of a sample are centred and scaled in groups, then each by its own γ and β.

    Between layer norm (one group) and instance norm (a group each); no batch is involved. Shapes:
    (channels, …), unchanged. Parameters: two per channel. Wu & He 2018.
    """

    kind: Literal["group_norm"] = "group_norm"
    keeps_units: ClassVar[bool] = True
    folds: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("No batch, and channels keep some of their own scale.",),
        cons=("One more number: the groups.",),
        use="For convolutions with small batches, as in detection.",
        example=Example(
            "Set the groups to one and it is layer norm; to the channels and it is instance norm.",
        ),
        tex=(r"y = \gamma \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \varepsilon}} + \beta",),
    )
    groups: int = option(1, "Into how many groups the channels fall.", ge=1, le=10**6)
    epsilon: float = option(1e-5, "Added to the variance.", gt=0, le=1, log=True)

    def call(self, context: Context) -> Call:
        channels = context.shape[0]
        if channels % self.groups:
            raise ValueError(
                f"{channels} channels do not fall into {self.groups} equal groups; "
                f"expected groups to divide {channels}"
            )
        _require_several(context.shape, self.groups)
        return Call("torch.nn.GroupNorm", self.groups, channels, eps=self.epsilon)


class InstanceNorm(Layer):
    """Instance norm: each channel of each sample is centred and scaled by itself.

    Takes contrast out of a picture; used where style is to go. Shapes: (channels, …), unchanged, with more
    than one number a channel. Parameters: two per channel if learned. Ulyanov et al. 2016.
    """

    kind: Literal["instance_norm"] = "instance_norm"
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    folds: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Takes the contrast out of each picture.",),
        cons=("How strong a map is, is lost, and with it what tells some classes apart.",),
        use="For style transfer.",
        example=Example(
            "Every map has the same spread after it.",
        ),
        tex=(r"y = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}}",),
    )
    affine: bool = option(False, "Whether each channel is then scaled and shifted by a learned γ and β.")
    epsilon: float = option(1e-5, "Added to the variance.", gt=0, le=1, log=True)

    def call(self, context: Context) -> Call:
        dimensions = len(context.shape) - 1
        if not 1 <= dimensions <= 3:
            raise ValueError(f"{shape_text(context.shape)} arrives; expected channels × one to three sizes")
        _require_several(context.shape, context.shape[0])
        return Call(
            f"torch.nn.InstanceNorm{dimensions}d", context.shape[0], eps=self.epsilon, affine=self.affine
        )


def _require_several(shape: Shape, groups: int) -> None:
    """Of one number no variance can be taken: it would always come out as zero."""
    numbers = 1
    for size in shape:
        numbers *= size
    if numbers <= groups:
        raise ValueError(f"{shape_text(shape)} arrives, one number a group; expected several")
