"""Initializers: the spread they promise, of weights and of biases, and right angles."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.catalog import catalog
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import experiment

Document = dict[str, Any]

INPUTS, UNITS = 200, 300

#: The standard deviation of each initializer for a layer of 200 inputs and 300 units.
SPREADS: list[tuple[Document, float]] = [
    ({"kind": "zeros"}, 0),
    ({"kind": "uniform", "range": 0.3}, 0.3 / math.sqrt(3)),
    ({"kind": "xavier"}, math.sqrt(2 / (INPUTS + UNITS))),
    ({"kind": "xavier", "distribution": "uniform"}, math.sqrt(2 / (INPUTS + UNITS))),
    ({"kind": "he"}, math.sqrt(2 / INPUTS)),
    ({"kind": "he", "distribution": "uniform"}, math.sqrt(2 / INPUTS)),
    ({"kind": "lecun"}, math.sqrt(1 / INPUTS)),
    ({"kind": "lecun", "distribution": "uniform"}, math.sqrt(1 / INPUTS)),
    ({"kind": "normal"}, 0.01),
    ({"kind": "normal", "std": 0.3}, 0.3),
    ({"kind": "orthogonal"}, math.sqrt(1 / UNITS)),
    ({"kind": "orthogonal", "gain": 2.0}, math.sqrt(4 / UNITS)),
]


def parameter(name: str, initializer: Document, **options: Any) -> Tensor:
    """A parameter of a dense layer of 200 inputs and 300 units, its weights or biases made so."""
    option = "bias_initializer" if name == "bias" else "initializer"
    nodes: list[Document] = [
        {"kind": "linear", "units": INPUTS},
        {"kind": "linear", "name": "wide", "units": UNITS, option: initializer},
        {"kind": "linear", "name": "output", "units": None},
    ]
    return Trainer(experiment(nodes, **options)).network.get_parameter(f"wide.{name}").detach()


@pytest.mark.parametrize(("initializer", "deviation"), SPREADS)
def test_weights_have_the_spread_that_is_promised(initializer: Document, deviation: float) -> None:
    weight = parameter("weight", initializer)
    assert float(weight.std()) == pytest.approx(deviation, rel=0.02)
    assert float(weight.mean()) == pytest.approx(0, abs=max(deviation, 0.01) / 30)
    if "uniform" in (initializer["kind"], initializer.get("distribution")):
        assert float(weight.abs().max()) == pytest.approx(deviation * math.sqrt(3), rel=0.01)


@pytest.mark.parametrize(("initializer", "deviation"), SPREADS)
def test_biases_have_the_spread_of_their_layers_weights(initializer: Document, deviation: float) -> None:
    """The 300 biases, within three standard errors of a standard deviation."""
    bias = parameter("bias", initializer)
    if initializer["kind"] == "orthogonal":  # one vector of the promised length
        assert float(bias.norm()) == pytest.approx(initializer.get("gain", 1.0), rel=1e-5)
    assert float(bias.std()) == pytest.approx(deviation, rel=3 / math.sqrt(2 * UNITS))
    if "uniform" in (initializer["kind"], initializer.get("distribution")):
        assert float(bias.abs().max()) <= deviation * math.sqrt(3)


def test_every_initializer_has_its_case() -> None:
    # A constant has no spread; the triangles of `bilinear` are compared in tests/engine/test_segmenters.py.
    assert {document["kind"] for document, _ in SPREADS} | {"bilinear", "constant"} == set(
        catalog(Initializer)
    )


def test_a_constant_is_the_value_everywhere() -> None:
    bias = parameter("bias", {"kind": "constant", "value": -4.5})
    assert torch.equal(bias, torch.full((UNITS,), -4.5))


@pytest.mark.parametrize("kind", catalog(Initializer))
def test_a_convolutions_bias_follows_its_field(kind: str) -> None:
    nodes: list[Document] = [
        {"kind": "conv2d", "name": "seen", "filters": 8, "kernel": 5, "bias_initializer": {"kind": kind}},
        {"kind": "flatten"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    bias = Trainer(experiment(nodes, data={"kind": "digits"})).network.get_parameter("seen.bias")
    fan_in, fan_out = 25, 8 * 25
    most = {
        "xavier": math.sqrt(2 / (fan_in + fan_out)),
        "he": math.sqrt(2 / fan_in),
        "lecun": math.sqrt(1 / fan_in),
    }
    assert bias.isfinite().all()
    if kind in most:
        assert 0.3 * most[kind] < float(bias.detach().std()) < 2 * most[kind]


def test_orthogonal_weights_turn_without_stretching() -> None:
    weight = parameter("weight", {"kind": "orthogonal", "gain": 1.5}, precision="float64")
    expected = 1.5**2 * torch.eye(INPUTS, dtype=torch.float64)
    torch.testing.assert_close(weight.T @ weight, expected, atol=1e-5, rtol=0)
