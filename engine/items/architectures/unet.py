"""U-Net."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.crop import CropLike
from glassnet.engine.items.layers.merge import Concatenate
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.layers.transposed import ConvTranspose2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape
from glassnet.engine.items.targets import Family

#: The filters of the first level; each further one has twice as many.
FIRST = 64


class UNet(Architecture):
    """U-Net: maps are made small to see far, then large again, beside those of the way down.

    Each level has two 3×3 convolutions; going down pools by 2 and doubles the filters, going up is a 2×2
    transposed convolution that halves them, and the maps of the same level of the way down are laid beside.
    With one channel, two classes and four levels of pooling, as published, it has 31,030,658 parameters.
    There the convolutions are not padded, so that the answer for 572×572 pixels is one for the 388×388 in
    the middle; with padding "same" the answer is as large as the picture, whose sides must then be multiples
    of 2 to the number of levels. Ronneberger et al. 2015, figure 1.
    """

    kind: Literal["unet"] = "unet"
    year: ClassVar[int | None] = 2015
    published_input: ClassVar[Shape | None] = (1, 572, 572)
    published_classes: ClassVar[int] = 2
    answers: ClassVar[Family] = "masks"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Sharp outlines: what pooling lost comes back over the bridges.",
            "Learns from few pictures: in the paper, from thirty.",
        ),
        cons=("The maps of every level must be kept until the way back.",),
        use="For masks: of cells, organs, roads; with other last layers in many generators.",
        example=Example(
            "The outline is sharp from the first epochs on: the last level sees the picture itself.",
        ),
        mistakes=(
            Mistake(
                "Its bridges are the shortcuts of a ResNet.",
                "They are laid beside each other (concatenated), not added.",
            ),
        ),
    )
    levels: int = option(4, "How often maps are pooled, and enlarged again.", ge=1, le=7)
    padding: Literal["same", "valid"] = option(
        "same",
        "Whether convolutions keep the picture's size, or not, as published: the answer is then smaller than "
        "the picture and its mask, and cannot be trained here.",
    )
    batch_norm: bool = option(False, "Whether batch norm follows each convolution, which came later.")

    def expand(self, context: Context) -> list[Node]:
        nodes: list[Node] = []
        for level in range(self.levels):
            nodes += self._pair(f"down{level + 1}", level, [INPUT] if level == 0 else None)
            nodes.append(MaxPool2d(name=f"pool{level + 1}"))
        nodes += self._pair("bottom", self.levels, None)
        for level in reversed(range(self.levels)):
            nodes += self._up(level)
        return [*nodes, Conv2d(name="output", filters=self.classes, kernel=1)]

    def _up(self, level: int) -> list[Node]:
        up, skip, beside = f"up{level + 1}", f"down{level + 1}_relu2", f"join{level + 1}"
        filters = self.wide(FIRST << level)
        return [
            ConvTranspose2d(name=up, filters=filters, kernel=2, stride=2),
            CropLike(name=f"crop{level + 1}", inputs=[skip, up]),
            Concatenate(name=beside, inputs=[f"crop{level + 1}", up]),
            *self._pair(f"merge{level + 1}", level, None),
        ]

    def _pair(self, name: str, level: int, inputs: list[str] | None) -> list[Node]:
        nodes: list[Node] = []
        for number in (1, 2):
            nodes.append(
                Conv2d(
                    name=f"{name}_conv{number}",
                    inputs=inputs if number == 1 else None,
                    filters=self.wide(FIRST << level),
                    padding=self.padding,
                )
            )
            if self.batch_norm:
                nodes.append(BatchNorm(name=f"{name}_norm{number}"))
            nodes.append(ReLU(name=f"{name}_relu{number}"))
        return nodes
