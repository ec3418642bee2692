"""Losses, and what tasks make of classes and values, against torch's functions and closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from glassnet.engine.catalog import catalog
from glassnet.engine.data.load import load
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.losses import Loss
from glassnet.engine.items.losses.cross_entropy import BinaryCrossEntropy, CrossEntropy
from glassnet.engine.items.losses.hinge import Hinge
from glassnet.engine.items.losses.squared import MSE
from glassnet.engine.items.tasks.classification import Classification
from glassnet.engine.items.tasks.regression import Regression

TWO: Any = Experiment.parse({"data": {"kind": "gauss"}}).data
THREE: Any = Experiment.parse({"data": {"kind": "iris"}}).data
VALUES: Any = Experiment.parse({"data": {"kind": "regression_plane"}}).data

LABELS = torch.tensor([0, 1, 1, 0, 1])
ONE_COLUMN = torch.tensor([[0.0], [1.0], [1.0], [0.0], [1.0]])
LABELS3 = torch.tensor([2, 0, 1, 1, 2])
ONE_HOT = torch.tensor([[0.0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]])


def drawn(width: int) -> torch.Tensor:
    return 3 * torch.randn(5, width, generator=torch.Generator().manual_seed(width))


def value(loss: Loss, output: torch.Tensor, labels: torch.Tensor, data: Any) -> torch.Tensor:
    task = Regression() if data is VALUES else Classification(losses=[loss])
    result: torch.Tensor = loss.call().build()(output, task.targets(loss, data).build(targets=labels))
    return result


def hinge(score: torch.Tensor, side: torch.Tensor) -> float:
    return float(np.maximum(0, 1 - side.numpy() * score.numpy()).mean())


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
    ],
)
def test_losses_equal_torchs(
    loss: Loss, data: Any, labels: torch.Tensor, width: int, expected: torch.Tensor | float
) -> None:
    task = Regression() if data is VALUES else Classification(losses=[loss])
    assert task.width(loss, data) == width
    assert float(value(loss, drawn(width), labels, data)) == pytest.approx(float(expected), rel=1e-6)


def test_every_loss_has_its_case() -> None:
    assert {CrossEntropy, BinaryCrossEntropy, MSE, Hinge} == set(catalog(Loss).values())


def test_hinge_is_one_without_confidence_and_zero_beyond_the_margin() -> None:
    assert float(value(Hinge(), torch.zeros(5, 1), LABELS, TWO)) == 1
    assert float(value(Hinge(), 2 * ONE_COLUMN - 1, LABELS, TWO)) == 0


def test_cross_entropy_of_a_coin_is_log_two() -> None:
    assert float(value(BinaryCrossEntropy(), torch.zeros(5, 1), LABELS, TWO)) == pytest.approx(np.log(2))
    assert float(value(CrossEntropy(), torch.zeros(5, 2), LABELS, TWO)) == pytest.approx(np.log(2))


@pytest.mark.parametrize("loss", [CrossEntropy(), BinaryCrossEntropy(), MSE(), Hinge()], ids=lambda x: x.kind)
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
    assert task.metrics(loss, output, labels)["accuracy"] == 5
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
    assert task.metrics(MSE(), output, torch.tensor([[0.0], [4.0]]))["absolute_error"] == 3
    assert torch.equal(task.predictions(MSE(), output), output)
    assert torch.equal(task.shown(MSE(), output), torch.tensor([1.0, 1.0]))


def test_targets_keep_the_order_of_the_samples() -> None:
    data = load(TWO, seed=0)
    task = Classification(losses=[MSE()])
    targets = task.targets(MSE(), TWO).build(targets=data.train.targets)
    assert torch.equal(targets[:, 0], 2.0 * data.train.targets - 1)
