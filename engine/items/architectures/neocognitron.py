"""The neocognitron."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.activations.squashing import Softsign
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.pooling import AveragePool2d, GlobalAveragePool
from glassnet.engine.items.node import INPUT, Context, Node, Shape

#: The side of the retina, and the most zeros that make smaller pictures fit it.
SIDE, MOST_ZEROS = 16, 4

#: How many cell-planes each layer has.
PLANES = 24

#: Zeros around what each S-layer reads with its 5×5 windows, and the sides of the C-layers' windows, so that
#: layers have the sizes of the paper: 16 → 16 → 10 → 8 → 6 → 2 → 1.
BORDERS, WINDOWS = (2, 1, 0), (7, 3, 2)


class Neocognitron(Architecture):
    """The neocognitron: three pairs of layers, one that finds features and one that forgives their shift.

    S-cells of a plane share their 5×5 weights and rectify: a convolution with ReLU. C-cells take the mean of
    a window and saturate, x / (1 + x). 16×16 → 24@16×16 → 24@10×10 → 24@8×8 → 24@6×6 → 24@2×2 → 24 cells.
    What was changed, so that it can be trained today: weights follow the gradient, where the paper's learned
    without a teacher (the strongest cell of a column was reinforced); its inhibitory cells, which divide by
    the strength of what arrives, are left out; a dense layer reads the last cells. Fukushima 1980, table 1.
    """

    kind: Literal["neocognitron"] = "neocognitron"
    year: ClassVar[int | None] = 1980
    published_input: ClassVar[Shape | None] = (1, SIDE, SIDE)
    published_classes: ClassVar[int] = 5
    guide: ClassVar[Guide | None] = Guide(
        pros=("Shared weights and pooling, nine years before backpropagation trained them.",),
        cons=("It had no way to learn what a label asks for.",),
        use="To see where convolutional networks come from.",
        example=Example(
            "Shift the picture: the C-layers change less than the S-layers.",
            preset="digits-convolution",
            changes={"/network": [{"kind": "neocognitron", "name": "neocognitron"}]},
        ),
        mistakes=(
            Mistake(
                "It was trained by backpropagation.",
                "It organised itself, without a teacher.",
            ),
        ),
        tex=(r"s = \mathrm{ReLU}(w * x), \quad c = \frac{\bar s}{1 + \bar s}",),
    )
    padding: int | None = option(
        None, "Zeros around the picture; empty: as many as make it 16×16.", unit="px", ge=0, le=16
    )

    def expand(self, context: Context) -> list[Node]:
        added = self._padding(context)
        nodes: list[Node] = []
        for number, (border, window) in enumerate(zip(BORDERS, WINDOWS, strict=True), 1):
            nodes += [
                Conv2d(
                    name=f"s{number}",
                    inputs=[INPUT] if number == 1 else None,
                    filters=self.wide(PLANES),
                    kernel=5,
                    padding=border + (added if number == 1 else 0),
                ),
                ReLU(name=f"s{number}_relu"),
                AveragePool2d(name=f"c{number}", kernel=window, stride=1),
                Softsign(name=f"c{number}_saturation"),
            ]
        return [*nodes, GlobalAveragePool(name="mean"), Linear(name="output", units=self.classes)]

    def _padding(self, context: Context) -> int:
        """The chosen padding, or the one that extends a smaller picture to 16 pixels."""
        if self.padding is not None:
            return self.padding
        lacking = -(-(SIDE - min(context.shapes[0][1:], default=SIDE)) // 2)
        return lacking if 0 < lacking <= MOST_ZEROS else 0
