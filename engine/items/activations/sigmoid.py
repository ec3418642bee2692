"""Sigmoid."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context
from glassnet.engine.items.outputs import Numbers


class Sigmoid(Activation):
    """Sigmoid: the logistic curve, from 0 to 1.

    Its slope is at most ¼, so a stack of n sigmoid layers shrinks gradients at least as fast as ¼ⁿ
    (for weights around one); it saturates on both sides and its outputs are not centred on zero.
    """

    kind: Literal["sigmoid"] = "sigmoid"
    gives: ClassVar[Numbers] = "probabilities"
    formula: ClassVar[str] = "f(x) = 1 / (1 + e⁻ˣ)"
    derivative: ClassVar[str] = "f′(x) = f(x) (1 − f(x))"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Its output can be read as a probability.",
            "Smooth everywhere, and its derivative costs one multiplication once the value is there.",
        ),
        cons=(
            ("The slope is at most ¼, so gradients shrink geometrically through a stack of sigmoid layers."),
            "It saturates on both sides: far from 0 it learns nothing.",
            "Outputs are all positive, which makes the gradients of one unit's weights share a sign.",
        ),
        use=(
            "For the gates of recurrent cells, and at the output where yes or no is asked; with binary "
            "cross-entropy leave it out, since that takes logits. Hidden layers learn faster with tanh "
            "or a rectifier."
        ),
        example=Example(
            (
                "Through so many sigmoid layers almost no gradient arrives at the first: its weights "
                "stand still, and the loss stays flat."
            ),
            preset="deep-sigmoid",
            claim={"metric": "train_loss", "op": ">", "value": 0.68},
        ),
        mistakes=(
            Mistake(
                "The output of a network is always a sigmoid.",
                "It depends on the task: none for values, softmax for one class of many.",
            ),
            Mistake(
                "Small initial weights saturate sigmoids.",
                (
                    "They keep sums near 0, where the slope is ¼ at its greatest; it is the signal that "
                    "shrinks."
                ),
            ),
        ),
        tex=(
            r"f(x) = \sigma(x) = \frac{1}{1 + e^{-x}}",
            r"f'(x) = f(x)\,(1 - f(x))",
        ),
        domain="(−∞, ∞)",
        codomain="(0, 1)",
        monotone=True,
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Sigmoid")
