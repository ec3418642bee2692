"""Cross-entropies, and other losses of the probabilities that a softmax or a sigmoid gives."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.losses import ClassIndexLoss, Encoding, Loss
from glassnet.engine.items.losses.pixel_cross_entropy import PixelCrossEntropy
from glassnet.engine.items.outputs import Numbers


class CrossEntropy(ClassIndexLoss):
    """Categorical cross-entropy: the negative log of the probability given to the right class.

    Takes logits, one per class: the softmax is inside (its log is exact there), so the network must
    not end in one. With label smoothing ε, the target is 1 − ε plus ε / K for the right one of K classes, and
    ε / K for the others (Szegedy et al. 2016, section 7). With class weights, the mean is a weighted one; of
    masks, it is over all pixels that have a class.
    """

    kind: Literal["cross_entropy"] = "cross_entropy"
    weighted_mean: ClassVar[bool] = True
    masks: ClassVar[bool] = True
    takes: ClassVar[Numbers | None] = "logits"
    contains: ClassVar[str] = "softmax"
    formula: ClassVar[str] = "L = −log softmax(z)ₜ"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            ("The gradient is the probability less the target: large where the answer is confidently wrong."),
            "Minimizing it maximizes the likelihood of the data.",
        ),
        cons=(
            "A single wrong label can cost without bound.",
            (
                "It never reaches 0, so that weights go on growing on separable data; label smoothing "
                "stops that."
            ),
        ),
        use="For one class of several. The network ends in a linear layer: the softmax is inside.",
        example=Example(
            (
                "Loss and accuracy on training and test data: the loss goes on falling after the "
                "accuracy has stopped rising."
            ),
            preset="iris",
        ),
        mistakes=(
            Mistake(
                "The network must end in a softmax.",
                ("It is inside the loss, where its logarithm is exact; a second one makes gradients fade."),
            ),
        ),
        tex=(
            r"L = -\log \operatorname{softmax}(z)_t = -z_t + \log \sum_j e^{z_j}",
            r"\frac{\partial L}{\partial z_j} = \operatorname{softmax}(z)_j - \delta_{jt}",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    label_smoothing: float = option(
        0.0, "ε, the share of the target that is spread over all classes.", ge=0, lt=1, live=True
    )

    def call(self) -> Call:
        smoothed = {"label_smoothing": self.label_smoothing} if self.label_smoothing else {}
        return Call("torch.nn.CrossEntropyLoss", **self.weighted(), **smoothed)

    def call_for_masks(self) -> Call:
        return Call(PixelCrossEntropy, self.label_smoothing, **self.weighted())

    def counted(self, module: torch.nn.Module, target: torch.Tensor) -> torch.Tensor | int:
        if isinstance(module, PixelCrossEntropy):
            return module.counted(target)
        return super().counted(module, target)


class NegativeLogLikelihood(ClassIndexLoss):
    """Negative log-likelihood: minus the output for the right class.

    Takes log-probabilities: the network ends in a log-softmax, and the two together are cross-entropy. Of
    anything else the loss falls without end.
    """

    kind: Literal["nll"] = "nll"
    weighted_mean: ClassVar[bool] = True
    takes: ClassVar[Numbers | None] = "log_probabilities"
    formula: ClassVar[str] = "L = −zₜ"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "Says nothing about how the log-probabilities came about: any model that gives them can "
                "be used."
            ),
        ),
        cons=("Of outputs that are no log-probabilities it has no least value.",),
        use="Behind a log-softmax, or for a model that gives log-probabilities itself.",
        example=Example(
            (
                "Behind a log-softmax it is cross-entropy: the curves are those of cross-entropy "
                "without the node."
            ),
            preset="iris",
            changes={
                "/network/-": {"kind": "log_softmax", "name": "shares"},
                "/task/losses/0": {"kind": "nll"},
            },
        ),
        mistakes=(
            Mistake(
                "It takes probabilities.",
                "It takes their logarithms, and does not take the logarithm itself.",
            ),
        ),
        tex=(
            r"L = -z_t",
            r"\frac{\partial L}{\partial z_j} = -\delta_{jt}",
        ),
        domain="(−∞, 0]",
        codomain="[0, ∞)",
    )

    def call(self) -> Call:
        return Call("torch.nn.NLLLoss", **self.weighted())


class KLDivergence(ClassIndexLoss):
    """KL divergence: how far the predicted probabilities q are from target probabilities p.

    Takes logits. The target is 1 − ε plus ε / K for the right one of K classes, and ε / K for the others; the
    divergence is the cross-entropy of p and q less the entropy of p, so that its least value is 0.
    Kullback & Leibler 1951.
    """

    kind: Literal["kl_divergence"] = "kl_divergence"
    weighted_mean: ClassVar[bool] = True
    not_values: ClassVar[str] = ", as values are no probability distribution"
    takes: ClassVar[Numbers | None] = "logits"
    contains: ClassVar[str] = "softmax"
    formula: ClassVar[str] = "L = Σⱼ pⱼ log(pⱼ / qⱼ),  q = softmax(z)"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "0 exactly where the prediction is the target distribution.",
            "Targets may be soft: here the right class with a share spread over the others.",
        ),
        cons=(
            "Not symmetric: KL(p‖q) is not KL(q‖p), and it is no distance.",
            "Infinite where the prediction excludes what the target does not; a softmax never does.",
        ),
        use="To match distributions, as in distillation; with hard labels it is cross-entropy.",
        example=Example(
            (
                "The loss can reach 0, which cross-entropy with smoothed targets cannot: their entropy "
                "has been taken off."
            ),
            preset="iris",
        ),
        mistakes=(
            Mistake(
                "The KL divergence is a distance.",
                "It is not symmetric, and the triangle inequality does not hold.",
            ),
        ),
        tex=(
            r"L = \sum_j p_j \log \frac{p_j}{q_j}, \quad q = \operatorname{softmax}(z)",
            r"\frac{\partial L}{\partial z_j} = q_j - p_j",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    label_smoothing: float = option(
        0.1, "ε, the share of the target that is spread over all classes.", ge=0, lt=1, live=True
    )

    def call(self) -> Call:
        return Call(SmoothedDivergence, self.label_smoothing, **self.weighted())


class SmoothedDivergence(torch.nn.Module):
    """Mean of Σ p log(p / softmax(z)), with p the class index smoothed; weighted by the class."""

    weight: torch.Tensor | None

    def __init__(self, smoothing: float, weight: torch.Tensor | None = None) -> None:
        super().__init__()
        self.smoothing = smoothing
        self.register_buffer("weight", weight)

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        right = torch.nn.functional.one_hot(target, logits.shape[1]).to(logits.dtype)
        p = (1 - self.smoothing) * right + self.smoothing / logits.shape[1]
        each: torch.Tensor = (torch.special.xlogy(p, p) - p * torch.log_softmax(logits, dim=1)).sum(dim=1)
        if self.weight is None:
            return each.mean()
        weights = self.weight[target]
        return (weights * each).sum() / weights.sum()


class Focal(ClassIndexLoss):
    """Focal loss: cross-entropy in which what is right already hardly counts.

    Takes logits; p is the probability of the right class. γ = 0 is cross-entropy. It is for data in which
    easy samples are many. Class weights are the paper's α. Lin et al. 2017, equation 5.
    """

    kind: Literal["focal"] = "focal"
    takes: ClassVar[Numbers | None] = "logits"
    contains: ClassVar[str] = "softmax"
    formula: ClassVar[str] = "L = −(1 − p)^γ log p,  p = softmax(z)ₜ"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Easy samples fall silent, so that a few hard ones are heard among very many easy ones.",),
        cons=(
            "Mislabelled samples are hard ones, and are heard too.",
            "Its probabilities are no longer calibrated; γ is one more number to choose.",
        ),
        use="For very unequal classes, as background against objects in a detector (RetinaNet).",
        example=Example(
            (
                "Set γ to 0 and it is cross-entropy; raise it, and the loss of samples that are right "
                "already falls away."
            ),
            preset="iris",
        ),
        tex=(r"L = -(1 - p)^\gamma \log p, \quad p = \operatorname{softmax}(z)_t",),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    gamma: float = option(2.0, "γ, how strongly easy samples are ignored.", ge=0, le=20, live=True)

    def call(self) -> Call:
        return Call(FocalLoss, self.gamma, **self.weighted())


class FocalLoss(torch.nn.Module):
    """Mean of −α (1 − p)^γ log p, with p the softmax of the right class and α the class's weight."""

    weight: torch.Tensor | None

    def __init__(self, gamma: float, weight: torch.Tensor | None = None) -> None:
        super().__init__()
        self.gamma = gamma
        self.register_buffer("weight", weight)

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        log_p = torch.log_softmax(logits, dim=1).gather(1, target[:, None])[:, 0]
        # 1 − p is at least the smallest number, because the slope of 0^γ is infinite for γ < 1.
        missing = (-torch.expm1(log_p)).clamp_min(torch.finfo(log_p.dtype).tiny)
        each = -(missing**self.gamma) * log_p
        return (each if self.weight is None else self.weight[target] * each).mean()


class BinaryCrossEntropy(Loss):
    """Binary cross-entropy: one yes-or-no per output; two classes share one output.

    Takes logits: the sigmoid is inside, so the network must not end in one. With label smoothing ε, the
    targets are ε / 2 and 1 − ε / 2.
    """

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    among_many: ClassVar[str | None] = "cross_entropy"
    takes: ClassVar[Numbers | None] = "logits"
    contains: ClassVar[str] = "sigmoid"
    labels: ClassVar[Encoding | None] = "zero_one"
    formula: ClassVar[str] = "L = −t log σ(z) − (1 − t) log (1 − σ(z))"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "The gradient is σ(z) less the target: large where the answer is confidently wrong.",
            "Several questions of yes or no can be asked at once, an output each.",
        ),
        cons=("It never reaches 0, so that weights go on growing on separable data.",),
        use=(
            "For yes or no, and for labels of which several may hold. The network ends in a linear "
            "layer: the sigmoid is inside."
        ),
        example=Example(
            "The output is the log-odds: its sign is the answer, its size the certainty.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "The network must end in a sigmoid.",
                "It is inside the loss; a second one keeps answers between 0.5 and 0.73.",
            ),
        ),
        tex=(
            r"L = -t \log \sigma(z) - (1 - t) \log(1 - \sigma(z))",
            r"\frac{\partial L}{\partial z} = \sigma(z) - t",
        ),
        domain="(−∞, ∞)",
        codomain="[0, ∞)",
    )
    positive_weight: float = option(
        1.0, "How much yes (of two classes the second) counts beside no.", gt=0, le=1e6, log=True, live=True
    )
    label_smoothing: float = option(0.0, "ε, how far targets are from 0 and 1.", ge=0, lt=1, live=True)

    def call(self) -> Call:
        weighted = {}
        if self.positive_weight != 1:
            weighted = {"pos_weight": Call("torch.tensor", [self.positive_weight])}
        if self.label_smoothing:
            return Call(SmoothedBinaryCrossEntropy, self.label_smoothing, **weighted)
        return Call("torch.nn.BCEWithLogitsLoss", **weighted)


class SmoothedBinaryCrossEntropy(torch.nn.Module):
    """Binary cross-entropy of logits with targets ε / 2 and 1 − ε / 2."""

    weight: torch.Tensor | None

    def __init__(self, smoothing: float, pos_weight: torch.Tensor | None = None) -> None:
        super().__init__()
        self.smoothing = smoothing
        self.compare = torch.nn.BCEWithLogitsLoss(pos_weight=pos_weight)

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = self.compare(logits, (1 - self.smoothing) * target + self.smoothing / 2)
        return loss
