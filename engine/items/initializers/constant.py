"""Zeros."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
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
