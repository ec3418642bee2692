"""Zeros, and other constants."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Zeros(Initializer):
    """Zeros: every weight starts at 0.

    Right for biases; for weights it is the classic mistake: units that start equal receive equal
    gradients and stay equal (the symmetry never breaks).
    """

    kind: Literal["zeros"] = "zeros"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Right for biases, which need no symmetry broken.",),
        cons=(
            "For weights: hidden units that start equal get equal gradients, and stay equal for ever.",
            "With ReLU or tanh nothing but the last bias moves: every product is 0.",
        ),
        use=(
            "For biases, and for the last layer of a residual branch. Never for the weights of hidden layers."
        ),
        example=Example(
            "Every unit shows the same picture, and the loss stays where it was.",
            preset="all-zero",
            claim={"metric": "train_loss", "op": ">", "value": 0.69},
        ),
        mistakes=(
            Mistake(
                "Zeros are a neutral start.",
                "The symmetry never breaks: a layer of any width is one unit.",
            ),
        ),
        tex=(r"w = 0",),
    )

    def call(self) -> Call:
        return Call("torch.nn.init.zeros_", Name("tensor"))


class Constant(Initializer):
    """Constant: every number starts at one value.

    For biases that say from the start how rare something is: with b = −log((1 − π) / π) a sigmoid begins at
    π. Lin et al. 2017b, section 4.1, has π = 0.01, without which the ground, of which there is a hundred
    times more than objects, drowns the first steps.
    """

    kind: Literal["constant"] = "constant"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A last bias that knows how rare a class is spares the first steps.",),
        cons=("For weights: units that start equal stay equal, as with zeros.",),
        use="For the biases of last layers, where one answer is much more frequent than the others.",
        example=Example(
            "Every unit of a layer starts alike, and stays so.",
            preset="all-zero",
        ),
        mistakes=(
            Mistake(
                "All biases should start at 0.",
                "That of a rare class starts better at the logarithm of its odds.",
            ),
        ),
        tex=(r"w = c", r"b = -\log \frac{1 - \pi}{\pi} \Rightarrow \sigma(b) = \pi"),
    )
    value: float = option(0.1, "c, the value.", ge=-100, le=100)

    def call(self) -> Call:
        return Call("torch.nn.init.constant_", Name("tensor"), self.value)
