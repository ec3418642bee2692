"""LeNet-5."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.tanh import Tanh
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.initializers.scaled import Xavier
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.flatten import Flatten
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.layers.pooling import AveragePool2d, MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node, Shape

#: The side of the images that it was made for, and zeros that make smaller ones fit: beyond, most of what the
#: network saw would be the edge.
SIDE, MOST_ZEROS = 32, 6


class LeNet5(Architecture):
    """LeNet-5: three convolutions, two poolings and two dense layers, which read handwritten digits.

    32×32 → 6@28×28 → 14×14 → 16@10×10 → 5×5 → 120 → 84 → 10: 61,706 parameters with every map of the third
    layer reading all six below; the paper's table of connections left some out. Digits of 28×28, as MNIST has
    them, get 2 zeros on each side, as in the paper: with none, nothing would be left for the third layer.
    It came in 1998 (not 1989). LeCun et al. 1998, section 2.
    """

    kind: Literal["lenet5"] = "lenet5"
    year: ClassVar[int | None] = 1998
    published_input: ClassVar[Shape | None] = (1, SIDE, SIDE)
    published_classes: ClassVar[int] = 10
    guide: ClassVar[Guide | None] = Guide(
        pros=("Small enough to read every map, and it reads digits.",),
        cons=("Too small for photographs.",),
        use="To see the parts of every later convolutional network.",
        example=Example(
            "Go through the maps of a sample layer by layer.",
            preset="lenet5-shapes",
        ),
        mistakes=(
            Mistake(
                "LeNet-5 is of 1989.",
                "Of 1998; 1989 was a forerunner.",
            ),
        ),
    )
    activation: Annotated[Activation, Choice(Activation)] = option(Tanh(), "What follows each layer.")
    pooling: Literal["average", "max"] = option("average", "How maps are halved.")

    padding: int | None = option(
        None,
        "Zeros around the image; empty: as many as make it 32×32, which is 2 for 28×28; none below 20×20.",
        unit="px",
        ge=0,
        le=16,
    )

    def expand(self, context: Context) -> list[Node]:
        pool = AveragePool2d if self.pooling == "average" else MaxPool2d
        return [
            self._conv(1, 6, INPUT, self._padding(context)),
            self._active(1),
            pool(name="pool1"),
            self._conv(2, 16),
            self._active(2),
            pool(name="pool2"),
            self._conv(3, 120),
            self._active(3),
            Flatten(name="flatten"),
            Linear(name="dense1", units=self.wide(84)),
            self._active(4),
            Linear(name="dense2", units=self.classes),
        ]

    def _padding(self, context: Context) -> int:
        """The chosen padding, or the one that extends a slightly smaller image to 32 pixels."""
        if self.padding is not None:
            return self.padding
        lacking = -(-(SIDE - min(context.shapes[0][1:], default=SIDE)) // 2)
        return lacking if 0 < lacking <= MOST_ZEROS else 0

    def _conv(self, number: int, filters: int, reads: str | None = None, padding: int = 0) -> Node:
        return Conv2d(
            name=f"conv{number}",
            inputs=[reads] if reads else None,
            filters=self.wide(filters),
            kernel=5,
            padding=padding,
            initializer=Xavier(),
        )

    def _active(self, number: int) -> Node:
        return self.activation.model_copy(update={"name": f"active{number}", "inputs": None})
