"""The probe `histograms` against numpy's histogram of what plain autograd gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import glassnet.engine.notebook as glassnet
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes.histograms import spread
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import experiment, losses, mlp, same

NORMED: list[dict[str, Any]] = [
    {"kind": "linear", "name": "linear1", "units": 6},
    {"kind": "batch_norm", "name": "norm1"},
    {"kind": "relu", "name": "relu1"},
    {"kind": "dropout", "name": "dropout1", "p": 0.5},
    {"kind": "linear", "name": "output", "units": None},
]


def by_autograd(trainer: Trainer, count: int) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """The outputs of 2-6-tanh-2 for the first samples, and the gradients of the mean loss by them."""
    data = trainer.data.train
    first, last = (trainer.network.get_submodule(name) for name in ("linear1", "output"))
    hidden = first(data.inputs[:count])
    bent = torch.tanh(hidden)
    scores = last(bent)
    loss = torch.nn.functional.cross_entropy(scores, data.targets[:count])
    outputs = [hidden, bent, scores]
    return outputs, list(torch.autograd.grad(loss, outputs))


def test_counts_ranges_and_moments_are_numpys() -> None:
    trainer = Trainer(mlp(6, precision="float64"))
    losses(trainer, 5)
    arrays = glassnet.observe(trainer, "histograms", samples=100, bins=16)
    assert arrays["steps"].tolist() == [5]
    for name, values in zip(("activation", "gradient"), by_autograd(trainer, 100), strict=True):
        for node, value in enumerate(values):
            numbers = value.detach().numpy().ravel()
            counts, edges = np.histogram(numbers, bins=16)
            np.testing.assert_array_equal(arrays[f"{name}.counts"][0, node], counts, err_msg=name)
            np.testing.assert_allclose(arrays[f"{name}.range"][0, node], edges[[0, -1]], rtol=1e-6)
            np.testing.assert_allclose(arrays[f"{name}.mean"][0, node], numbers.mean(), rtol=1e-5, atol=1e-9)
            np.testing.assert_allclose(arrays[f"{name}.std"][0, node], numbers.std(), rtol=1e-5)
    assert not arrays["activation.broken"].any()


def test_in_training_mode_batch_norm_takes_these_samples_and_dropout_one_mask() -> None:
    trainer = Trainer(experiment(NORMED))
    before, generator = trainer.state(), trainer.dropout.get_state()
    looks = [glassnet.open_probe(trainer, "histograms", mode=mode) for mode in ("training", "evaluation")]
    training, evaluation = (look() for look in looks)
    assert abs(training["activation.mean"][0, 1]) < 1e-6, "the mean over the batch's units and samples"
    np.testing.assert_allclose(training["activation.std"][0, 1], 1, atol=1e-3)
    assert abs(evaluation["activation.std"][0, 1] - 1) > 1e-2, "running statistics lag behind"
    np.testing.assert_array_equal(training["activation.counts"][0, 0], evaluation["activation.counts"][0, 0])
    np.testing.assert_array_equal(
        evaluation["activation.counts"][0, 2], evaluation["activation.counts"][0, 3]
    )
    assert (training["activation.counts"][0, 2] != training["activation.counts"][0, 3]).any(), "dropout"
    again = glassnet.observe(trainer, "histograms", mode="training")
    for name, array in again.items():
        np.testing.assert_array_equal(array, training[name], err_msg=name)
    assert same(trainer.state(), before)
    assert torch.equal(trainer.dropout.get_state(), generator)
    assert all(parameter.grad is None for parameter in trainer.network.parameters())


def test_rows_are_added_as_training_goes_on_and_outlast_a_rebuilt_trainer() -> None:
    trainer = Trainer(mlp(6))
    look = glassnet.open_probe(trainer, "histograms")
    for _ in range(3):
        losses(trainer, 2)
        arrays = look()
    assert arrays["steps"].tolist() == [2, 4, 6]
    assert arrays["activation.counts"].shape == (3, 3, 32)
    count = min(256, len(trainer.data.train))
    assert arrays["activation.counts"].sum(axis=2).tolist() == [[6 * count, 6 * count, 2 * count]] * 3


def test_a_node_that_the_loss_does_not_depend_on_has_a_gradient_of_zero() -> None:
    aside = experiment(
        [
            {"kind": "linear", "name": "linear1", "units": 4},
            {"kind": "linear", "name": "aside", "units": 3, "inputs": ["linear1"]},
            {"kind": "linear", "name": "output", "units": None, "inputs": ["linear1"]},
        ]
    )
    arrays = glassnet.observe(Experiment.parse(aside.document()), "histograms")
    assert (arrays["gradient.range"][0, 1] == 0).all()
    assert (arrays["gradient.range"][0, [0, 2]] != 0).any()


@pytest.mark.parametrize(
    ("numbers", "counts", "ends", "broken"),
    [
        ([2.0, 2.0, 2.0], [0, 0, 0, 0, 3, 0, 0, 0], [2.0, 2.0], 0.0),
        ([0.0, 1.0, float("nan"), float("inf")], [1, 0, 0, 0, 0, 0, 0, 1], [0.0, 1.0], 0.5),
        ([float("nan")] * 2, [0] * 8, [float("nan")] * 2, 1.0),
        ([-1e308, 1e308], [1, 0, 0, 0, 0, 0, 0, 1], [-float("inf"), float("inf")], 0.0),
        ([], [0] * 8, [float("nan")] * 2, 0.0),
    ],
)
def test_constants_and_broken_numbers_are_told(
    numbers: list[float], counts: list[int], ends: list[float], broken: float
) -> None:
    found, found_range, *_, share = spread(torch.tensor(numbers, dtype=torch.float64), 8)
    assert found.tolist() == counts
    np.testing.assert_array_equal(found_range, np.array(ends, dtype=np.float32))
    assert float(share) == broken
