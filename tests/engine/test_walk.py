"""The probe `walk` against torch's autograd, and its update against the step that the trainer then takes."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import glassnet.engine.notebook as glassnet
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import walk
from glassnet.engine.probes.walk import Walk
from glassnet.engine.training import one_sample
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, experiment, losses, mlp, same

PRESETS = Path(__file__).parents[2] / "app" / "presets"


def walked(trainer: Trainer, index: int = 0, chosen: str = "train") -> dict[str, Any]:
    """The arrays of a sample."""
    sample = SampleInput.model_validate({"set": chosen, "index": index})
    return dict(glassnet.observe(trainer, Walk(input=sample)))


def preset(name: str, steps: int) -> Trainer:
    (path,) = PRESETS.glob(f"*-{name}.json")
    trainer = Trainer(Experiment.parse(path.read_text()))
    losses(trainer, steps)
    return trainer


def close(given: Any, expected: Tensor) -> None:
    np.testing.assert_allclose(given, expected.detach().numpy(), rtol=2e-6, atol=1e-12)


def test_a_dense_network_is_walked_as_written_by_hand_with_autograd() -> None:
    trainer = Trainer(mlp(4, 3, precision="float64"))
    losses(trainer, 30)
    arrays = walked(trainer, 7)
    named = {name: each.detach().clone() for name, each in trainer.network.named_parameters()}
    weights = {name: each.requires_grad_() for name, each in named.items()}
    x = trainer.data.train.inputs[7:8].requires_grad_()
    z1 = functional.linear(x, weights["linear1.weight"], weights["linear1.bias"])
    a1 = torch.tanh(z1)
    z2 = functional.linear(a1, weights["linear2.weight"], weights["linear2.bias"])
    a2 = torch.tanh(z2)
    out = functional.linear(a2, weights["output.weight"], weights["output.bias"])
    values = {"input": x, "linear1": z1, "tanh1": a1, "linear2": z2, "tanh2": a2, "output": out}
    loss = functional.cross_entropy(out, trainer.data.train.targets[7:8])
    assert arrays["target"].tolist() == trainer.data.train.targets[7:8].tolist()
    close(arrays["loss"], loss)
    gradients = torch.autograd.grad(loss, [*values.values(), *weights.values()])
    for (name, value), gradient in zip(values.items(), gradients, strict=False):
        close(arrays[f"output/{name}"], value[0])
        close(arrays[f"gradient/{name}"], gradient[0])
    for name, gradient in zip(weights, gradients[len(values) :], strict=True):
        close(arrays[f"derivative/{name}"], gradient)
    close(arrays["slope/tanh1"], 1 - a1[0] ** 2)
    assert not {"slope/linear1", "slope/linear2"} & arrays.keys()


def test_the_chain_rule_of_a_hidden_weight_is_a_sum_over_the_units_it_reaches() -> None:
    arrays = walked(preset("spiral", 50))
    nodes = ["linear1", "tanh1", "linear2", "tanh2", "linear3", "tanh3"]
    assert {f"output/{name}" for name in nodes} <= arrays.keys()
    beyond = arrays["gradient/linear3"] @ arrays["parameter/linear3.weight"]
    np.testing.assert_allclose(arrays["gradient/tanh2"], beyond, rtol=1e-5)
    local = arrays["gradient/tanh2"] * arrays["slope/tanh2"]
    np.testing.assert_allclose(arrays["gradient/linear2"], local, rtol=1e-5)
    product = np.outer(local, arrays["output/tanh1"])
    np.testing.assert_allclose(arrays["derivative/linear2.weight"], product, rtol=1e-5)
    np.testing.assert_allclose(arrays["derivative/linear2.bias"], local, rtol=1e-5)


CLIP = [{"kind": "clip_norm", "limit": 0.05}]
DECAY = [{"kind": "l2", "strength": 0.1}]


@pytest.mark.parametrize(
    ("optimizer", "regularizers"),
    [
        ({"kind": "sgd", "learning_rate": 0.3, "momentum": 0.9}, CLIP),
        ({"kind": "adam", "learning_rate": 0.02}, DECAY),
        ({"kind": "rmsprop", "learning_rate": 0.01}, []),
    ],
    ids=["momentum-clipped", "adam-l2", "rmsprop"],
)
def test_the_update_is_the_one_that_a_batch_of_this_sample_then_makes(
    optimizer: dict[str, Any], regularizers: list[dict[str, Any]]
) -> None:
    made = mlp(
        5,
        optimizer=optimizer,
        batch_size=1,
        shuffle="never",
        precision="float64",
        regularizers=regularizers,
    )
    trainer = Trainer(made)
    losses(trainer, 4)
    arrays = walked(trainer, 4)  # the order is that of the set: the next batch is sample 4
    before = {name: each.detach().clone() for name, each in trainer.network.named_parameters()}
    trainer.step()
    for name, each in trainer.network.named_parameters():
        close(arrays[f"change/{name}"], each - before[name])
        close(arrays[f"parameter/{name}"], before[name])
    if optimizer["kind"] != "rmsprop":  # whose rule overwrites the gradient
        for name, gradient in zip(trainer.groups[0].names, trainer.groups[0].gradients, strict=True):
            close(arrays[f"given/{name}"], gradient)
    assert float(arrays["rate/output.weight"]) == pytest.approx(optimizer["learning_rate"])


def test_convolutions_pooling_and_batch_norm_are_walked_in_evaluation_mode() -> None:
    trainer = Trainer(cnn())
    losses(trainer, 3)
    arrays = walked(trainer, 2, "test")
    network = trainer.evaluation_network
    inputs = trainer.data.test.inputs[2:3]
    with torch.enable_grad():
        outputs = network(inputs)
        loss = functional.cross_entropy(outputs["output"], torch.tensor([int(arrays["target"][0])]))
        names = [name for name in outputs if name != "input"]
        gradients = torch.autograd.grad(loss, [outputs[name] for name in names], retain_graph=True)
        parameters = dict(network.named_parameters())
        derivatives = torch.autograd.grad(loss, list(parameters.values()))
    for name, gradient in zip(names, gradients, strict=True):
        np.testing.assert_allclose(arrays[f"gradient/{name}"], gradient[0], rtol=1e-3, atol=1e-6)
    for name, gradient in zip(parameters, derivatives, strict=True):
        np.testing.assert_allclose(arrays[f"derivative/{name}"], gradient, rtol=1e-3, atol=1e-6)
    (norm,) = [name for name, module in network.named_children() if isinstance(module, nn.BatchNorm2d)]
    assert arrays[f"slope/{norm}"].shape == arrays[f"output/{norm}"].shape


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "conv2d", "filters": 4, "kernel": [3, 2], "stride": 2, "padding": 1, "dilation": [1, 2]},
        {"kind": "conv2d", "filters": 4, "groups": 2},
        {"kind": "depthwise_conv2d", "multiplier": 2},
    ],
)
def test_the_gradient_of_a_kernels_weight_is_a_sum_over_the_places_of_a_map(
    options: dict[str, Any],
) -> None:
    first = {"kind": "conv2d", "filters": 4, "padding": "same"}
    network = [first, {**options, "name": "item"}, {"kind": "flatten"}, {"kind": "linear", "units": None}]
    trainer = Trainer(Experiment.parse({"data": {"kind": "digits"}, "network": network}))
    arrays = walked(trainer, 2, "test")
    weights, sums = arrays["derivative/item.weight"], arrays["gradient/item"]
    read = arrays["output/conv2d1"]
    (stride, dilation, padding) = arrays["window/item"].T.astype(int)
    padded = np.pad(read, ((0, 0), (padding[0], padding[0]), (padding[1], padding[1])))
    maps, channels, rows, columns = weights.shape
    per_group = maps // (len(read) // channels)
    for f, c, u, v in itertools.product(range(maps), range(channels), range(rows), range(columns)):
        met = padded[f // per_group * channels + c, u * dilation[0] :, v * dilation[1] :]
        met = met[:: stride[0], :: stride[1]][: sums.shape[1], : sums.shape[2]]
        assert weights[f, c, u, v] == pytest.approx((met * sums[f]).sum(), rel=1e-4, abs=1e-6)


def test_looking_changes_no_tensor_of_the_training() -> None:
    trainer = Trainer(cnn(regularizers=[{"kind": "gradient_noise"}]))
    losses(trainer, 3)
    before = trainer.state()
    look = Walk().prepare(trainer)
    first, second = look(), look()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert same(trainer.state(), before)
    losses(trainer, 1)
    assert not torch.equal(look()["loss"], first["loss"])


def test_a_weight_without_an_optimizer_has_a_gradient_and_no_update() -> None:
    made = mlp(3, updates=[{"nodes": "output", "optimizer": {"kind": "sgd"}}])
    arrays = walked(Trainer(made))
    assert arrays["derivative/linear1.weight"].any()
    assert "change/linear1.weight" not in arrays
    assert "change/output.weight" in arrays


def test_numbers_that_are_not_finite_arrive_as_they_are() -> None:
    trainer = Trainer(mlp(3))
    with torch.no_grad():
        trainer.network.get_parameter("linear1.weight").fill_(torch.nan)
    arrays = walked(trainer)
    assert np.isnan(arrays["loss"])
    assert np.isfinite(arrays["output/input"]).all()
    assert np.isnan(arrays["output/tanh1"]).all()


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"kind": "sample", "index": 100}, "sample 100 of the test set; expected one of 0 to 99"),
        ({"kind": "values", "values": [0, 0]}, "an input of kind 'values' has no target.*kind 'sample'"),
    ],
)
def test_an_input_without_a_target_is_refused_by_name(chosen: dict[str, Any], message: str) -> None:
    probe = Walk.model_validate({"input": chosen})
    with pytest.raises(ValueError, match=message):
        probe.prepare(Trainer(mlp(3)))


def test_a_network_that_cannot_be_followed_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(mlp(3))
    for module, limit, message in (
        (walk, "MOST_ACTIVATIONS", "give 8 numbers for one sample; expected at most 1"),
        (one_sample, "MOST_PARAMETERS", "has 17 parameters; expected at most 1"),
        (one_sample, "MOST_MACS", "takes 12 multiply-adds; expected at most 1"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, limit, 1)
            with pytest.raises(ValueError, match=message):
                Walk().prepare(trainer)


def test_a_layer_with_too_many_weights_is_left_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MOST_WEIGHTS", 12)
    arrays = walked(Trainer(mlp(3)))
    assert {name for name in arrays if name.startswith("parameter/")} == {
        "parameter/output.weight",
        "parameter/output.bias",
    }


def test_a_node_that_mixes_its_numbers_has_no_slope() -> None:
    network: list[dict[str, Any]] = [
        {"kind": "linear", "name": "linear1", "units": 4},
        {"kind": "layer_norm", "name": "norm"},
        {"kind": "dropout", "name": "dropout"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    arrays = walked(Trainer(experiment(network)))
    assert "slope/norm" not in arrays
    assert (arrays["slope/dropout"] == 1).all()
