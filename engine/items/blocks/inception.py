"""The inception block of GoogLeNet."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.blocks.parts import convolution, normalized
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.merge import Concatenate
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.node import INPUT, Context, Node


class Inception(Block):
    """Inception: 1×1, 3×3, 5×5 and pooling side by side; their maps are laid one behind the other.

    The network need not choose a size of filter. 1×1 convolutions before the larger ones, and after the
    pooling, keep it cheap. Shapes: (channels, h, w) → (one + three + five + pool, h, w). Szegedy et al.
    2015, figure 2(b); the fields are the columns of its table 1.
    """

    kind: Literal["inception"] = "inception"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Several sizes of filter at once, and twelve times fewer parameters than AlexNet.",),
        cons=("Six widths to choose for each block.",),
        use="Where what is looked for comes in several sizes.",
        example=Example(
            "Open it: four branches read the same input.",
        ),
        mistakes=(
            Mistake(
                "GoogLeNet is of 2015 and has 19 layers.",
                "Of 2014, with 22.",
            ),
        ),
        tex=(r"y = [\,c_{1}(x),\; c_{3}(c_{1}(x)),\; c_{5}(c_{1}(x)),\; c_{1}(\max x)\,]",),
    )
    one: int = option(8, "#1×1: maps of the first branch.", ge=1, le=10**6)
    three_reduce: int = option(8, "#3×3 reduce: maps before the 3×3.", ge=1, le=10**6)
    three: int = option(16, "#3×3: maps of the second branch.", ge=1, le=10**6)
    five_reduce: int = option(4, "#5×5 reduce: maps before the 5×5.", ge=1, le=10**6)
    five: int = option(4, "#5×5: maps of the third branch.", ge=1, le=10**6)
    pool: int = option(4, "Pool proj: maps of the 1×1 after the pooling.", ge=1, le=10**6)
    five_kernel: Literal[3, 5] = option(
        5, "Side of the third branch's filters: 5 in the paper; 3 in torchvision's network.", unit="px"
    )
    batch_norm: bool = option(False, "Whether batch norm follows each convolution; biases are then left out.")

    def count(self) -> int:
        """Six convolutions with what follows them, the pooling and the concatenation."""
        return 20 if self.batch_norm else 14

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        return [
            *self._conv("one", self.one, 1, INPUT),
            *self._conv("three_reduce", self.three_reduce, 1, INPUT),
            *self._conv("three", self.three, 3),
            *self._conv("five_reduce", self.five_reduce, 1, INPUT),
            *self._conv("five", self.five, self.five_kernel),
            MaxPool2d(name="pool", inputs=[INPUT], kernel=3, stride=1, padding=1),
            *self._conv("pool_conv", self.pool, 1),
            Concatenate(name="joined", inputs=["one_relu", "three_relu", "five_relu", "pool_conv_relu"]),
        ]

    def _conv(self, name: str, filters: int, kernel: int, reads: str | None = None) -> list[Node]:
        if self.batch_norm:
            return normalized(name, filters, kernel, reads=reads, epsilon=1e-3)
        return [convolution(name, filters, kernel, reads=reads, bias=True), ReLU(name=f"{name}_relu")]
