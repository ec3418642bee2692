"""Mean squared error."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import Encoding, Loss


class MSE(Loss):
    """MSE: the mean squared error, for regression; large errors count most.

    It also separates classes (targets −1 and 1), with gradients that vanish where a squashing output
    is confidently wrong.
    """

    kind: Literal["mse"] = "mse"
    labels: ClassVar[Encoding | None] = "plus_minus"
    values: ClassVar[bool] = True
    formula: ClassVar[str] = "L = mean (y − t)²"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Smooth, with a gradient that shrinks as the error does: training comes to rest.",
            "Its best constant is the mean: the loss of Gaussian noise.",
        ),
        cons=(
            "One error of 10 counts as much as a hundred of 1: outliers rule.",
            (
                "As the loss of a classifier with a squashing output its gradient vanishes where the "
                "answer is confidently wrong."
            ),
        ),
        use="For regression, when errors are like Gaussian noise.",
        example=Example(
            (
                "Training and test errors fall together, then part: what is left is noise that the "
                "network learns by heart."
            ),
            preset="diabetes",
            claim={"metric": "test_loss", "op": ">", "than": {"metric": "train_loss", "times": 2}},
        ),
        mistakes=(
            Mistake(
                "Loss and cost are two words for one thing.",
                "The loss is of one sample; the cost is its mean over a set, with penalties added.",
            ),
            Mistake(
                "The loss is a whole number, the count of wrong answers.",
                "It is a real number, and differentiable: that count has no slope to follow.",
            ),
        ),
        tex=(
            r"L = \frac{1}{n} \sum_i (y_i - t_i)^2",
            r"\frac{\partial L}{\partial y_i} = \frac{2}{n} (y_i - t_i)",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )

    def call(self) -> Call:
        return Call("torch.nn.MSELoss")
