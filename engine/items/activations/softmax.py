"""Softmax."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context
from glassnet.engine.items.outputs import Numbers


class Softmax(Activation):
    """Softmax: turns all units, or all channels at a place, into shares that add up to 1.

    Not before cross-entropy, which takes logits and applies softmax itself: applied twice, gradients fade.
    δᵢⱼ is 1 for i = j, else 0.
    """

    kind: Literal["softmax"] = "softmax"
    gives: ClassVar[Numbers] = "probabilities"
    shares: ClassVar[bool] = True
    elementwise: ClassVar[bool] = False
    formula: ClassVar[str] = "fᵢ(x) = eˣⁱ / Σⱼ eˣʲ"
    derivative: ClassVar[str] = "∂fᵢ/∂xⱼ = fᵢ (δᵢⱼ − fⱼ)"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Positive numbers that add up to 1: a probability for each class.",
            "Smooth, and unchanged when the same number is added to all sums.",
        ),
        cons=(
            "Each output depends on all sums, and all must be there.",
            "It saturates: where one share is near 1, gradients are near 0.",
            "Confident far away from all data.",
        ),
        use=(
            "To read probabilities off a classifier, and for attention. Not before cross-entropy, which "
            "applies it itself."
        ),
        example=Example(
            (
                "A softmax before cross-entropy, which has one already: it learns more slowly than "
                "without. Take the node away and compare."
            ),
            preset="iris",
            changes={
                "/network/-": {"kind": "softmax", "name": "shares"},
            },
            claim={"metric": "train_loss", "op": ">", "than": {"metric": "train_loss", "of": "preset"}},
        ),
        mistakes=(
            Mistake(
                "A classifier must end in softmax.",
                (
                    "Not in training here: cross-entropy takes the sums before it, and applied twice "
                    "gradients fade."
                ),
            ),
            Mistake(
                "Softmax gives how sure the network is.",
                "It gives shares that add up to 1; whether they are calibrated is another matter.",
            ),
        ),
        tex=(
            r"f_i(x) = \frac{e^{x_i}}{\sum_j e^{x_j}}",
            r"\frac{\partial f_i}{\partial x_j} = f_i\,(\delta_{ij} - f_j)",
        ),
        domain="(−∞, ∞)",
        codomain="(0, 1)",
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Softmax", dim=1)


class LogSoftmax(Activation):
    """Log-softmax: the logarithms of softmax, exact where the shares round to 0.

    What negative log-likelihood (`nll`) reads.
    """

    kind: Literal["log_softmax"] = "log_softmax"
    gives: ClassVar[Numbers] = "log_probabilities"
    shares: ClassVar[bool] = True
    elementwise: ClassVar[bool] = False
    formula: ClassVar[str] = "fᵢ(x) = xᵢ − log Σⱼ eˣʲ"
    derivative: ClassVar[str] = "∂fᵢ/∂xⱼ = δᵢⱼ − softmaxⱼ(x)"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The logarithm is exact where softmax itself would round to 0.",),
        cons=("Its outputs are negative and unbounded: no probabilities to be read off.",),
        use="Before the negative log-likelihood; the two together are cross-entropy.",
        example=Example(
            (
                "With negative log-likelihood it does what cross-entropy does without it: the curves "
                "are the same."
            ),
            preset="iris",
            changes={
                "/network/-": {"kind": "log_softmax", "name": "shares"},
                "/task/losses/0": {"kind": "nll"},
            },
        ),
        tex=(
            r"f_i(x) = x_i - \log \sum_j e^{x_j}",
            r"\frac{\partial f_i}{\partial x_j} = \delta_{ij} - \operatorname{softmax}_j(x)",
        ),
        domain="(−∞, ∞)",
        codomain="(−∞, 0)",
    )

    def call(self, context: Context) -> Call:
        return Call("torch.nn.LogSoftmax", dim=1)
