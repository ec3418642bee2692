"""Cross-entropies."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import Encoding, Loss


class CrossEntropy(Loss):
    """Categorical cross-entropy: the negative log of the probability given to the right class.

    Takes logits, one per class: the softmax is inside (its log is exact there), so the network must
    not end in one.
    """

    kind: Literal["cross_entropy"] = "cross_entropy"
    labels: ClassVar[Encoding | None] = "index"
    formula: ClassVar[str] = "L = −log softmax(z)ₜ"

    def call(self) -> Call:
        return Call("torch.nn.CrossEntropyLoss")


class BinaryCrossEntropy(Loss):
    """Binary cross-entropy: one yes-or-no per output; two classes share one output.

    Takes logits: the sigmoid is inside, so the network must not end in one.
    """

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    labels: ClassVar[Encoding | None] = "zero_one"
    formula: ClassVar[str] = "L = −t log σ(z) − (1 − t) log (1 − σ(z))"

    def call(self) -> Call:
        return Call("torch.nn.BCEWithLogitsLoss")
