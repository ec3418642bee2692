"""Normalisations are fitted on the training set alone, and are scikit-learn's."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from glassnet.engine.data.load import load
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.normalizations.min_max import least_and_spread
from glassnet.engine.items.normalizations.standardize import mean_and_deviation


def data(kind: str, normalize: str, **options: Any) -> Any:
    document: dict[str, Any] = {"data": {"kind": kind, "normalize": {"kind": normalize}, **options}}
    if kind == "diabetes":
        document["task"] = {"kind": "regression", "losses": [{"kind": "mse"}]}
    return load(Experiment.parse(document).data, seed=0)


@pytest.mark.parametrize("kind", ["wine", "diabetes", "gauss"])
@pytest.mark.parametrize(
    ("normalize", "scaler"),
    [
        ("standardize", StandardScaler),
        ("min_max", MinMaxScaler),
        ("center", partial(StandardScaler, with_std=False)),
    ],
)
def test_inputs_are_scaled_as_scikit_learn_scales_them_by_the_training_set(
    kind: str, normalize: str, scaler: Any
) -> None:
    made = data(kind, normalize)
    fitted = scaler().fit(made.train.raw.double().numpy())
    for samples in (made.train, made.test):
        expected = fitted.transform(samples.raw.double().numpy())
        np.testing.assert_allclose(samples.inputs.numpy(), expected, rtol=1e-4, atol=1e-4)


def test_unchanged_means_unchanged() -> None:
    made = data("wine", "none")
    assert torch.equal(made.test.inputs, made.test.raw)


def test_pictures_are_scaled_by_channel() -> None:
    made = data("digits", "standardize")
    assert made.scaling.shift.shape == (1, 1, 1, 1)
    assert float(made.train.inputs.mean()) == pytest.approx(0, abs=1e-4)
    assert float(made.train.inputs.std()) == pytest.approx(1, abs=1e-4)


def test_centred_pixels_lie_around_zero_as_far_apart_as_they_were() -> None:
    made = data("shapes", "center", samples=60, size=28)
    raw = made.train.raw.double()
    expected = raw - raw.mean(dim=(0, 2, 3), keepdim=True)
    torch.testing.assert_close(made.train.inputs[:].double(), expected, rtol=0, atol=1e-4)
    assert float(made.test.inputs[:].amax()) > 60


def test_a_feature_that_never_changes_is_only_shifted() -> None:
    train = torch.tensor([[5.0, 1.0], [5.0, 3.0]])
    for fit in (mean_and_deviation, least_and_spread):
        shift, scale = fit(train)
        scaled = (train - shift) / scale
        assert scaled[:, 0].tolist() == [0, 0]
        assert torch.isfinite(scaled).all()


def test_values_of_diabetes_are_standardised_by_the_training_set() -> None:
    made = data("diabetes", "standardize")
    assert float(made.train.targets.mean()) == pytest.approx(0, abs=1e-5)
    assert float(made.train.targets.std(correction=0)) == pytest.approx(1, abs=1e-5)
    assert abs(float(made.test.targets.mean())) > 1e-4


def test_what_the_network_gets_of_a_raw_sample_is_what_it_was_trained_on() -> None:
    for made in (
        data("wine", "min_max"),
        data("gauss", "standardize", features=["x1", "sin_x1", "x1_x2"]),
        data("digits", "standardize"),
    ):
        assert torch.equal(made.transform(made.test.raw), made.test.inputs)
