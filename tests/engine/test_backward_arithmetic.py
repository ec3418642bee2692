"""The probe `backward_arithmetic` against autograd in float64, and against sums written with torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import glassnet.engine.notebook as glassnet
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.probes import backward_arithmetic
from glassnet.engine.probes.backward_arithmetic import BackwardArithmetic
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, experiment, losses, mlp, same

SHAPES = {"kind": "shapes", "samples": 60}
WINDOWS: dict[str, dict[str, Any]] = {
    "plain": {"kind": "conv2d", "filters": 4, "kernel": 3, "padding": "valid"},
    "strided": {"kind": "conv2d", "filters": 4, "kernel": 3, "stride": 2, "padding": 1},
    "dilated": {"kind": "conv2d", "filters": 2, "kernel": 3, "dilation": 2, "padding": 2},
    "grouped": {"kind": "conv2d", "filters": 4, "kernel": 3, "groups": 2, "padding": 1, "stride": 2},
    "transposed": {"kind": "conv_transpose2d", "filters": 3, "kernel": 3, "stride": 2},
    "largest": {"kind": "max_pool2d", "kernel": 3, "stride": 2, "padding": 1},
    "mean": {"kind": "average_pool2d", "kernel": 2},
}


def trained(window: dict[str, Any]) -> Trainer:
    network: list[dict[str, Any]] = [
        {"kind": "conv2d", "name": "first", "filters": 4, "kernel": 3, "stride": 2},
        {"kind": "tanh"},
        {"name": "seen", **window},
        {"kind": "tanh"},
        {"kind": "flatten"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    trainer = Trainer(experiment(network, data=SHAPES, batch_size=8))
    losses(trainer, 2)
    return trainer


def looked(trainer: Trainer, **options: Any) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.asarray(each) for name, each in glassnet.observe(trainer, _probe(options)).items()}


def _probe(options: dict[str, Any]) -> BackwardArithmetic:
    chosen = SampleInput.model_validate({"set": "train", "index": 3})
    return BackwardArithmetic.model_validate({"node": "seen", **options, "input": chosen})


def by_autograd(trainer: Trainer) -> dict[str, torch.Tensor]:
    """Gradients of the loss of the same sample through the network that trains, in float64."""
    network = trainer.evaluation_network
    double = Trainer(trainer.experiment.model_copy(deep=True)).evaluation_network.double()
    double.load_state_dict(network.state_dict())
    with torch.enable_grad():
        outputs = double(trainer.data.train.inputs[3:4].double())
        targets = trainer.data.train.targets[3:4]
        loss = torch.nn.functional.cross_entropy(outputs["output"], targets)
        names = {"gradient": outputs["seen"], "input.gradient": outputs["tanh1"]}
        named = dict(double.named_parameters())
        names |= {
            f"{name}.gradient": named[f"seen.{name}"]
            for name in ("weight", "bias")
            if f"seen.{name}" in named
        }
        found = torch.autograd.grad(loss, list(names.values()))
    return dict(zip(names, found, strict=True))


@pytest.mark.parametrize("name", WINDOWS)
def test_the_gradients_are_those_of_autograd(name: str) -> None:
    trainer = trained(WINDOWS[name])
    index = 3 if name == "grouped" else 1
    arrays, expected = looked(trainer, map=index), by_autograd(trainer)
    first, start = int(arrays["first"]), int(arrays["first_map"])
    channels = slice(first, first + len(arrays["input"]))
    maps = slice(start, start + len(arrays["gradient"]))
    np.testing.assert_allclose(arrays["gradient"], expected["gradient"][0, maps], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(
        arrays["input.gradient"], expected["input.gradient"][0, channels], rtol=1e-6, atol=1e-12
    )
    assert (first, start) == (
        (2, 2) if name == "grouped" else (1, 1) if "pool" in WINDOWS[name]["kind"] else (0, 0)
    )
    if "weight.gradient" in expected:
        kernels = expected["weight.gradient"]
        kernels = kernels.transpose(0, 1) if name == "transposed" else kernels[maps]
        np.testing.assert_allclose(arrays["kernel.gradient"], kernels, rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(arrays["bias.gradient"], expected["bias.gradient"][maps], rtol=1e-6)
        np.testing.assert_allclose(
            arrays["bias.gradient"], arrays["gradient"].sum((1, 2)), rtol=1e-4, atol=1e-7
        )


def test_looking_changes_nothing_and_follows_training() -> None:
    trainer = trained(WINDOWS["plain"])
    before = trainer.state()
    look = _probe({}).prepare(trainer)
    first = look()
    assert same(trainer.state(), before)
    losses(trainer, 1)
    assert not torch.equal(first["kernel"], look()["kernel"])


def test_what_reads_the_same_input_beside_it_adds_nothing() -> None:
    """A residual block: the gradient that the convolution sends back is its own, not the sum."""
    network: list[dict[str, Any]] = [
        {"kind": "conv2d", "name": "first", "filters": 2, "kernel": 3, "stride": 2},
        {"kind": "conv2d", "name": "seen", "filters": 2, "kernel": 3, "padding": 1},
        {"kind": "add", "inputs": ["first", "seen"]},
        {"kind": "flatten"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    arrays = looked(Trainer(experiment(network, data=SHAPES)))
    back = torch.nn.functional.conv_transpose2d(
        torch.from_numpy(arrays["gradient"])[None], torch.from_numpy(arrays["kernel"]), padding=1
    )
    np.testing.assert_allclose(arrays["input.gradient"], back[0], rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"node": "nothing"}, "'nothing' names no node; expected one of first, tanh1, seen"),
        ({"node": "output"}, "'output' is no node that slides one window.*expected a convolution"),
        ({"map": 4}, "map 4 of 'seen'; expected one of 0 to 3"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _probe(options).prepare(trained(WINDOWS["plain"]))


def test_a_network_without_windows_and_one_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no node of this network slides a window"):
        BackwardArithmetic().prepare(Trainer(mlp(3)))
    trainer = Trainer(cnn())
    for limit, message in (("MOST_NUMBERS", "works on .* numbers"), ("MOST_WEIGHTS", "has .* weights")):
        with monkeypatch.context() as patched:
            patched.setattr(backward_arithmetic, limit, 1)
            with pytest.raises(ValueError, match=f"{message}; expected at most 1"):
                BackwardArithmetic().prepare(trainer)
