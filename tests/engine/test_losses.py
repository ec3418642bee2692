"""Losses, and what tasks make of classes and values, against torch's functions and closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import special
from torch.nn import functional as F

from glassnet.engine.catalog import catalog
from glassnet.engine.data.load import load
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.absolute import MAE, Huber, SmoothL1
from glassnet.engine.items.losses.cross_entropy import (
    BinaryCrossEntropy,
    CrossEntropy,
    Focal,
    KLDivergence,
    NegativeLogLikelihood,
)
from glassnet.engine.items.losses.dice import Dice
from glassnet.engine.items.losses.margin import Hinge, Margin, MulticlassHinge, Perceptron, SoftMargin
from glassnet.engine.items.losses.multibox import FocalBoxes, MultiBox
from glassnet.engine.items.losses.squared import MSE
from glassnet.engine.items.losses.two_stage import ProposalLoss, RegionLoss
from glassnet.engine.items.losses.yolo_anchors import YoloV2Loss, YoloV3Loss
from glassnet.engine.items.losses.yolo_v1 import YoloV1Loss
from glassnet.engine.items.tasks.classification import Classification
from glassnet.engine.items.tasks.regression import Regression
from glassnet.engine.network import planner
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import refused

TWO: Any = Experiment.parse({"data": {"kind": "gauss"}}).data
THREE: Any = Experiment.parse({"data": {"kind": "iris"}}).data
VALUES: Any = Experiment.parse({"data": {"kind": "regression_plane"}}).data

LABELS = torch.tensor([0, 1, 1, 0, 1])
ONE_COLUMN = torch.tensor([[0.0], [1.0], [1.0], [0.0], [1.0]]).double()
WEIGHTS = [0.5, 2.0, 4.0]
LABELS3 = torch.tensor([2, 0, 1, 1, 2])
ONE_HOT = torch.eye(3).double()[LABELS3]


def drawn(width: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(width)
    return 3 * torch.randn(5, width, generator=generator, dtype=torch.float64)


def value(loss: Loss, output: torch.Tensor, labels: torch.Tensor, data: Any) -> torch.Tensor:
    task = Regression() if data is VALUES else Classification(losses=[loss])
    targets = task.targets(loss, data).build(targets=labels)
    targets = targets.to(output.dtype) if targets.is_floating_point() else targets
    result: torch.Tensor = loss.call().build().to(output.dtype)(output, targets)
    return result


def hinge(score: torch.Tensor, side: torch.Tensor) -> float:
    return float(np.maximum(0, 1 - side.numpy() * score.numpy()).mean())


def perceptron(score: torch.Tensor, side: torch.Tensor) -> float:
    return float(np.maximum(0, -side.numpy() * score.numpy()).mean())


def divergence(
    logits: torch.Tensor, labels: torch.Tensor, smoothing: float, weights: list[float] | None = None
) -> float:
    """scipy's relative entropy of smoothed one-hot targets and a softmax."""
    p = (1 - smoothing) * np.eye(logits.shape[1])[labels] + smoothing / logits.shape[1]
    each = special.rel_entr(p, special.softmax(logits.numpy(), axis=1)).sum(axis=1)
    return float(np.average(each, weights=None if weights is None else np.array(weights)[labels]))


def focal(logits: torch.Tensor, labels: torch.Tensor, gamma: float) -> float:
    p = special.softmax(logits.numpy(), axis=1)[np.arange(len(labels)), labels]
    return float((np.array(WEIGHTS)[labels] * -((1 - p) ** gamma) * np.log(p)).mean())


def huber(error: torch.Tensor, delta: float) -> float:
    return float(special.huber(delta, error.numpy()).mean())


@pytest.mark.parametrize(
    ("loss", "data", "labels", "width", "expected"),
    [
        (CrossEntropy(), TWO, LABELS, 2, F.cross_entropy(drawn(2), LABELS)),
        (CrossEntropy(), THREE, LABELS3, 3, F.cross_entropy(drawn(3), LABELS3)),
        (
            BinaryCrossEntropy(),
            TWO,
            LABELS,
            1,
            F.binary_cross_entropy(torch.sigmoid(drawn(1)), ONE_COLUMN),
        ),
        (
            BinaryCrossEntropy(),
            THREE,
            LABELS3,
            3,
            F.binary_cross_entropy(torch.sigmoid(drawn(3)), ONE_HOT),
        ),
        (MSE(), TWO, LABELS, 1, F.mse_loss(drawn(1), 2 * ONE_COLUMN - 1)),
        (MSE(), THREE, LABELS3, 3, F.mse_loss(drawn(3), 2 * ONE_HOT - 1)),
        (MSE(), VALUES, ONE_COLUMN, 1, F.mse_loss(drawn(1), ONE_COLUMN)),
        (Hinge(), TWO, LABELS, 1, hinge(drawn(1), 2 * ONE_COLUMN - 1)),
        (Hinge(), THREE, LABELS3, 3, hinge(drawn(3), 2 * ONE_HOT - 1)),
        (Perceptron(), TWO, LABELS, 1, perceptron(drawn(1), 2 * ONE_COLUMN - 1)),
        (Perceptron(), THREE, LABELS3, 3, perceptron(drawn(3), 2 * ONE_HOT - 1)),
        (SoftMargin(), TWO, LABELS, 1, F.soft_margin_loss(drawn(1), 2 * ONE_COLUMN - 1)),
        (SoftMargin(), THREE, LABELS3, 3, F.soft_margin_loss(drawn(3), 2 * ONE_HOT - 1)),
        (MulticlassHinge(), TWO, LABELS, 2, 2 * F.multi_margin_loss(drawn(2), LABELS)),
        (MulticlassHinge(), THREE, LABELS3, 3, 3 * F.multi_margin_loss(drawn(3), LABELS3)),
        (
            MulticlassHinge(class_weights=WEIGHTS),
            THREE,
            LABELS3,
            3,
            3 * F.multi_margin_loss(drawn(3), LABELS3, weight=torch.tensor(WEIGHTS).double()),
        ),
        (Margin(), THREE, LABELS3, 3, F.multi_margin_loss(drawn(3), LABELS3)),
        (
            Margin(margin=2.5, power=2, class_weights=WEIGHTS),
            THREE,
            LABELS3,
            3,
            F.multi_margin_loss(drawn(3), LABELS3, 2, 2.5, torch.tensor(WEIGHTS).double()),
        ),
        (NegativeLogLikelihood(), THREE, LABELS3, 3, F.nll_loss(drawn(3), LABELS3)),
        (
            NegativeLogLikelihood(class_weights=WEIGHTS),
            THREE,
            LABELS3,
            3,
            F.nll_loss(drawn(3), LABELS3, torch.tensor(WEIGHTS).double()),
        ),
        (
            CrossEntropy(label_smoothing=0.2, class_weights=WEIGHTS),
            THREE,
            LABELS3,
            3,
            F.cross_entropy(drawn(3), LABELS3, torch.tensor(WEIGHTS).double(), label_smoothing=0.2),
        ),
        (KLDivergence(), THREE, LABELS3, 3, divergence(drawn(3), LABELS3, 0.1)),
        (KLDivergence(label_smoothing=0.0), THREE, LABELS3, 3, F.cross_entropy(drawn(3), LABELS3)),
        (KLDivergence(class_weights=WEIGHTS), THREE, LABELS3, 3, divergence(drawn(3), LABELS3, 0.1, WEIGHTS)),
        (Focal(gamma=0.0), THREE, LABELS3, 3, F.cross_entropy(drawn(3), LABELS3)),
        (Focal(gamma=1.5, class_weights=WEIGHTS), THREE, LABELS3, 3, focal(drawn(3), LABELS3, 1.5)),
        (
            BinaryCrossEntropy(label_smoothing=0.2, positive_weight=3.0),
            TWO,
            LABELS,
            1,
            F.binary_cross_entropy_with_logits(
                drawn(1), 0.8 * ONE_COLUMN + 0.1, pos_weight=torch.tensor([3.0]).double()
            ),
        ),
        (
            BinaryCrossEntropy(positive_weight=3.0),
            THREE,
            LABELS3,
            3,
            F.binary_cross_entropy_with_logits(drawn(3), ONE_HOT, pos_weight=torch.tensor([3.0]).double()),
        ),
        (MAE(), VALUES, ONE_COLUMN, 1, F.l1_loss(drawn(1), ONE_COLUMN)),
        (Huber(delta=0.7), VALUES, ONE_COLUMN, 1, huber(drawn(1) - ONE_COLUMN, 0.7)),
        (SmoothL1(beta=0.7), VALUES, ONE_COLUMN, 1, huber(drawn(1) - ONE_COLUMN, 0.7) / 0.7),
    ],
)
def test_losses_equal_torchs(
    loss: Loss, data: Any, labels: torch.Tensor, width: int, expected: torch.Tensor | float
) -> None:
    task = Regression() if data is VALUES else Classification(losses=[loss])
    assert task.width(loss, data) == width
    assert float(value(loss, drawn(width), labels, data)) == pytest.approx(float(expected), rel=1e-10)


def test_every_loss_has_its_case() -> None:
    cases = {
        *(CrossEntropy, BinaryCrossEntropy, NegativeLogLikelihood, KLDivergence, Focal),
        *(Hinge, Perceptron, SoftMargin, MulticlassHinge, Margin),
        *(MSE, MAE, Huber, SmoothL1),
        Dice,  # in test_segmentation.py
        YoloV1Loss,  # in test_detection.py
        YoloV2Loss,  # these four in test_anchor_boxes.py
        YoloV3Loss,
        MultiBox,
        FocalBoxes,
        *(ProposalLoss, RegionLoss),  # in test_two_stage.py
    }
    assert cases == set(catalog(Loss).values())


def test_hinge_is_one_without_confidence_and_zero_beyond_the_margin() -> None:
    assert float(value(Hinge(), torch.zeros(5, 1), LABELS, TWO)) == 1
    assert float(value(Hinge(), 2 * ONE_COLUMN - 1, LABELS, TWO)) == 0


def test_cross_entropy_of_a_coin_is_log_two() -> None:
    assert float(value(BinaryCrossEntropy(), torch.zeros(5, 1), LABELS, TWO)) == pytest.approx(np.log(2))
    assert float(value(CrossEntropy(), torch.zeros(5, 2), LABELS, TWO)) == pytest.approx(np.log(2))


CLASSIFIERS: list[Loss] = [
    *(CrossEntropy(), CrossEntropy(label_smoothing=0.1), BinaryCrossEntropy(), MSE(), Hinge(), SoftMargin()),
    *(MulticlassHinge(), Margin(), KLDivergence(), Focal(), BinaryCrossEntropy(label_smoothing=0.1)),
]


@pytest.mark.parametrize("loss", CLASSIFIERS, ids=lambda x: x.kind)
@pytest.mark.parametrize(("data", "labels"), [(TWO, LABELS), (THREE, LABELS3)], ids=["two", "three"])
def test_the_least_loss_is_predicted_right_and_drawn_so(loss: Loss, data: Any, labels: torch.Tensor) -> None:
    """For each class, the output that gradient descent finds is taken for that class."""
    task = Classification(losses=[loss])
    output = torch.zeros(5, task.width(loss, data), requires_grad=True)
    for _ in range(50):
        (gradient,) = torch.autograd.grad(value(loss, output, labels, data), output)
        output = (output - gradient).detach().requires_grad_()
    output = output.detach()
    assert task.predictions(loss, output).tolist() == labels.tolist()
    assert task.measure(output, labels)["accuracy"] == 5
    shown = task.shown(loss, output)
    if data is TWO:
        assert ((shown > 0) == (labels == 1)).all()
        assert (shown.abs() <= 1).all()
    else:
        assert shown.floor().tolist() == labels.tolist()


def test_two_classes_are_drawn_as_the_difference_of_their_probabilities() -> None:
    task = Classification(losses=[CrossEntropy()])
    output = drawn(2)
    share = torch.softmax(output, dim=1)
    torch.testing.assert_close(task.shown(CrossEntropy(), output), share[:, 1] - share[:, 0])
    single = drawn(1)
    torch.testing.assert_close(
        task.shown(BinaryCrossEntropy(), single), 2 * torch.sigmoid(single[:, 0]) - 1, atol=1e-6, rtol=1e-5
    )


def test_regression_counts_absolute_errors_of_values_as_trained_on() -> None:
    task = Regression()
    output = torch.tensor([[1.0], [2.0]])
    assert task.measure(output, torch.tensor([[0.0], [4.0]]))["absolute_error"] == 3
    assert torch.equal(task.predictions(MSE(), output), output)
    assert torch.equal(task.shown(MSE(), output), torch.tensor([1.0, 1.0]))


def test_targets_keep_the_order_of_the_samples() -> None:
    data = load(TWO, seed=0)
    task = Classification(losses=[MSE()])
    targets = task.targets(MSE(), TWO).build(targets=data.train.targets)
    assert torch.equal(targets[:, 0], 2.0 * data.train.targets - 1)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_losss_slope_is_finite_where_the_class_is_certain(gamma: float) -> None:
    logits = torch.tensor([[200.0, -200.0], [-200.0, 200.0]], requires_grad=True)
    loss = Focal(gamma=gamma).call().build()(logits, torch.tensor([0, 0]))
    (slope,) = torch.autograd.grad(loss, logits)
    assert loss.isfinite()
    assert slope.isfinite().all()


def test_soft_margin_is_finite_far_on_the_wrong_side() -> None:
    assert float(value(SoftMargin(), torch.full((5, 1), 1e4), LABELS, TWO)) == pytest.approx(4000)


def of_iris(loss: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"kind": "iris"}, "task": {"kind": "classification", "losses": [loss]}}


@pytest.mark.parametrize("kind", [kind for kind, item in catalog(Loss).items() if item.labels == "index"])
def test_class_weights_are_one_for_each_class(kind: str) -> None:
    document = of_iris({"kind": kind, "class_weights": [1.0, 2.0]})
    assert refused(lambda tried: planner.plan(Experiment.parse(tried)), document) == {
        "/task/losses/0/class_weights": "2 weights; expected 3, one for each class"
    }


def test_a_class_that_counts_more_is_found_more() -> None:
    found = []
    for weights in ([1.0, 1.0, 1.0], [1.0, 100.0, 1.0]):
        experiment = Experiment.parse(of_iris({"kind": "cross_entropy", "class_weights": weights}))
        trainer = Trainer(experiment)
        for _ in range(20):
            trainer.step()
        found.append(int((trainer.predict(trainer.data.train.inputs) == 1).sum()))
    assert found[1] > found[0]
