"""The trainer: torch's own numbers, and one training for one seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.node import INPUT
from glassnet.engine.random_streams import stream
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import (
    Document,
    cnn,
    dropout_mlp,
    experiment,
    losses,
    mlp,
    residual,
    weights,
)


def perceptron(made: Experiment, trainer: Trainer) -> nn.Sequential:
    """The same dense layers as a plain torch module, with the trainer's starting weights."""
    modules: list[nn.Module] = []
    for placed in trainer.plan.nodes:
        if placed.kind == "linear":
            modules.append(nn.Linear(placed.context.shape[0], placed.shape[0], dtype=trainer.dtype))
        else:
            modules.append(nn.Tanh())
    module = nn.Sequential(*modules)
    with torch.no_grad():
        for ours, theirs in zip(trainer.network.parameters(), module.parameters(), strict=True):
            theirs.copy_(ours)
    return module


# Against a loop written by hand --------------------------------------------------------------------------

OPTIMIZERS: list[tuple[Document, Callable[[Any], torch.optim.Optimizer]]] = [
    (
        {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    ),
    ({"kind": "adam", "learning_rate": 0.02}, lambda p: torch.optim.Adam(p, lr=0.02)),
    ({"kind": "rmsprop", "learning_rate": 0.01}, lambda p: torch.optim.RMSprop(p, lr=0.01)),
]


@pytest.mark.parametrize(("optimizer", "make"), OPTIMIZERS, ids=["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize("extras", ["plain", "penalties, clipping, schedule"])
def test_training_is_a_torch_loop_written_by_hand(
    optimizer: Document, make: Callable[[Any], torch.optim.Optimizer], extras: str
) -> None:
    training: Document = {"batch_size": 30, "precision": "float64", "epochs": 10}
    update: Document = {"optimizer": optimizer}
    rich = extras != "plain"
    if rich:
        training["regularizers"] = [
            {"kind": "l2", "strength": 0.1},
            {"kind": "l1", "strength": 0.01},
            {"kind": "clip_norm", "limit": 0.2},
        ]
        update["schedule"] = {"kind": "cosine", "end": 0.1}
    made = mlp(8, 8, updates=[update], **training)
    trainer = Trainer(made)
    module = perceptron(made, trainer)
    torch_optimizer = make(module.parameters())
    rate = torch_optimizer.param_groups[0]["lr"]
    inputs, targets = trainer.data.train.inputs, trainer.data.train.targets
    generator = stream(0, "order")
    expected = []
    for step in range(20):
        if step % 4 == 0:  # 100 training samples, 30 a batch, the last one kept
            order = torch.randperm(100, generator=generator)
        batch = order[step % 4 * 30 : step % 4 * 30 + 30]
        loss = F.cross_entropy(module(inputs[batch]), targets[batch])
        expected.append(float(loss.detach()))
        total = loss
        if rich:
            matrices = [p for p in module.parameters() if p.ndim > 1]
            total = loss + 0.05 * sum(w.square().sum() for w in matrices)
            total = total + 0.01 * sum(w.abs().sum() for w in matrices)
            factor = 0.1 + 0.9 * (1 + math.cos(math.pi * step / 40)) / 2
            torch_optimizer.param_groups[0]["lr"] = rate * factor
        torch_optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        if rich:
            nn.utils.clip_grad_norm_(module.parameters(), 0.2)
        torch_optimizer.step()
    assert losses(trainer, 20) == pytest.approx(expected, rel=1e-10)
    for ours, theirs in zip(trainer.network.parameters(), module.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)


def test_one_step_leaves_torchs_gradient() -> None:
    made = mlp(8, 8, precision="float64", optimizer={"kind": "sgd"}, shuffle="never", batch_size=25)
    trainer = Trainer(made)
    module = perceptron(made, trainer)
    F.cross_entropy(module(trainer.data.train.inputs[:25]), trainer.data.train.targets[:25]).backward()  # type: ignore[no-untyped-call]
    trainer.step()
    for ours, theirs in zip(trainer.groups[0].gradients, module.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs.grad, rtol=1e-12, atol=1e-14)


def test_several_losses_add_up_by_their_weights() -> None:
    task = {
        "kind": "classification",
        "losses": [{"kind": "mse", "weight": 0.5}, {"kind": "hinge", "weight": 3}],
    }
    made = mlp(6, task=task, precision="float64", shuffle="never", batch_size=20)
    trainer = Trainer(made)
    module = perceptron(made, trainer)
    output = module(trainer.data.train.inputs[:20])
    side = 2.0 * trainer.data.train.targets[:20, None] - 1
    expected = 0.5 * F.mse_loss(output, side) + 3 * (1 - side * output).clamp_min(0).mean()
    assert losses(trainer, 1) == pytest.approx([float(expected.detach())], rel=1e-12)


def test_each_update_moves_its_own_nodes_at_its_own_pace() -> None:
    updates = [
        {"nodes": "linear1", "optimizer": {"kind": "sgd"}},
        {"nodes": "linear2", "optimizer": {"kind": "adam"}, "every": 3},
    ]
    trainer = Trainer(mlp(4, 4, updates=updates))
    moved = []
    for _ in range(7):
        before = weights(trainer)
        trainer.step()
        after = weights(trainer)
        moved.append({name.split(".")[0] for name in after if not torch.equal(before[name], after[name])})
    assert moved == [{"linear1"}, {"linear1"}, {"linear1", "linear2"}] * 2 + [{"linear1"}]
    assert [int(group.count) for group in trainer.groups] == [7, 2]


@pytest.mark.parametrize(
    "regularizers", [[], [{"kind": "clip_norm", "limit": 0.1}]], ids=["plain", "clipped"]
)
def test_an_update_every_k_batches_is_one_of_a_batch_k_times_as_large(regularizers: list[Document]) -> None:
    optimizer = {"kind": "adam", "learning_rate": 0.02}
    options: Document = {"precision": "float64", "shuffle": "never", "regularizers": regularizers}
    every = mlp(6, updates=[{"optimizer": optimizer, "every": 3}], batch_size=10, **options)
    whole = mlp(6, updates=[{"optimizer": optimizer}], batch_size=30, **options)
    small, large = Trainer(every), Trainer(whole)
    for _ in range(3):  # 90 of the 100 training samples
        losses(small, 3)
        losses(large, 1)
    for ours, theirs in zip(small.network.parameters(), large.network.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


def test_gradients_between_two_updates_are_part_of_the_state() -> None:
    made = mlp(6, updates=[{"every": 5}])
    trainer, other = Trainer(made), Trainer(made)
    losses(trainer, 8)
    other.load(trainer.state())
    assert losses(trainer, 20) == losses(other, 20)
    # A state of earlier versions has none: the update then stands for the batches since.
    old = {name: tensor for name, tensor in trainer.state().items() if not name.startswith("gradients/")}
    other.load(old)
    assert int(other.groups[0].pending) == 0


def test_tied_nodes_share_their_parameters_and_add_up_their_gradients() -> None:
    nodes: list[Document] = [
        {"kind": "linear", "name": "first", "units": 2},
        {"kind": "tanh"},
        {"kind": "linear", "name": "second", "units": 2, "weights": "first"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    trainer = Trainer(experiment(nodes, optimizer={"kind": "sgd"}, shuffle="never", precision="float64"))
    first, last = nn.Linear(2, 2, dtype=torch.float64), nn.Linear(2, 2, dtype=torch.float64)
    with torch.no_grad():
        for ours, theirs in zip(
            trainer.network.parameters(), [*first.parameters(), *last.parameters()], strict=True
        ):
            theirs.copy_(ours)
    x, labels = trainer.data.train.inputs[:10], trainer.data.train.targets[:10]
    F.cross_entropy(last(first(torch.tanh(first(x)))), labels).backward()  # type: ignore[no-untyped-call]
    trainer.step()
    assert trainer.groups[0].names == ["first.weight", "first.bias", "output.weight", "output.bias"]
    for gradient, theirs in zip(
        trainer.groups[0].gradients, [*first.parameters(), *last.parameters()], strict=True
    ):
        torch.testing.assert_close(gradient, theirs.grad, rtol=1e-12, atol=1e-14)


def test_what_the_network_computes_is_what_torchs_modules_compute() -> None:
    trainer = Trainer(cnn())
    network, x = trainer.evaluation_network, trainer.data.test.inputs[:7]
    outputs = network(x)
    p = dict(trainer.network.named_parameters())
    b = dict(trainer.network.named_buffers())
    h = F.conv2d(x, p["conv1.weight"], p["conv1.bias"], padding=1)
    torch.testing.assert_close(outputs["conv1"], h)
    h = F.batch_norm(h, b["norm1.running_mean"], b["norm1.running_var"], p["norm1.weight"], p["norm1.bias"])
    h = F.max_pool2d(F.relu(h), 2).flatten(1)
    torch.testing.assert_close(outputs["flatten1"], h)
    torch.testing.assert_close(outputs["output"], F.linear(h, p["output.weight"], p["output.bias"]))


def test_a_projection_makes_residual_blocks_add_up() -> None:
    trainer = Trainer(residual())
    outputs = trainer.evaluation_network(trainer.data.test.inputs)
    for block, before in (("block1", INPUT), ("block2", "block1.sum")):
        shortcut = outputs.get(f"{block}.shortcut", outputs[before])
        assert torch.equal(outputs[f"{block}.sum"], outputs[f"{block}.tanh"] + shortcut)
    assert "block2.shortcut" not in outputs


def test_inverted_dropout_keeps_the_mean_and_stands_aside_in_evaluation() -> None:
    trainer = Trainer(dropout_mlp())
    module = trainer.network.get_submodule("dropout1")
    x = torch.ones(200, 500)
    dropped = module(x)
    values = torch.unique(dropped).tolist()
    assert values == pytest.approx([0, 1 / 0.7])
    assert float((dropped == 0).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert torch.equal(trainer.evaluation_network.get_submodule("dropout1")(x), x)


# Starting -------------------------------------------------------------------------------------------------


def test_another_layer_leaves_the_starting_weights_of_the_others() -> None:
    def nodes(*more: Document) -> list[Document]:
        return [
            {"kind": "linear", "name": "a"},
            *more,
            {"kind": "linear", "name": "output", "units": None},
        ]

    small, large = Trainer(experiment(nodes())), Trainer(experiment(nodes({"kind": "linear", "name": "b"})))
    for name in ("a.weight", "output.weight"):
        assert torch.equal(small.network.get_parameter(name), large.network.get_parameter(name))


# Determinism ----------------------------------------------------------------------------------------------


def test_one_seed_gives_one_training_and_another_seed_another() -> None:
    made = dropout_mlp(epochs=5)
    assert losses(Trainer(made), 30) == losses(Trainer(made), 30)
    other = made.model_copy(update={"seed": 1})
    assert losses(Trainer(other), 5) != losses(Trainer(made), 5)


def test_training_neither_reads_nor_moves_torchs_own_generator() -> None:
    torch.manual_seed(0)
    first = losses(Trainer(dropout_mlp()), 15)
    before = torch.get_rng_state()
    torch.manual_seed(123)
    assert losses(Trainer(dropout_mlp()), 15) == first
    torch.manual_seed(0)
    Trainer(dropout_mlp()).step()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("shuffle", ["each_epoch", "once", "never"])
@pytest.mark.parametrize("last_batch", ["keep", "drop"])
def test_every_epoch_sees_every_sample_once(shuffle: str, last_batch: str) -> None:
    trainer = Trainer(mlp(2, batch_size=30, shuffle=shuffle, last_batch=last_batch))
    per_epoch = 4 if last_batch == "keep" else 3
    assert trainer.steps_per_epoch == per_epoch
    epochs = [[trainer.order.next().clone() for _ in range(per_epoch)] for _ in range(3)]
    seen = [torch.cat(batches).tolist() for batches in epochs]
    for batches, order in zip(epochs, seen, strict=True):
        assert [len(batch) for batch in batches] == [30, 30, 30, 10][:per_epoch]
        assert len(set(order)) == len(order)
    assert (seen[0] == seen[1]) == (shuffle != "each_epoch")
    assert (seen[0] == sorted(seen[0])) == (shuffle == "never")


def test_a_batch_larger_than_the_set_is_the_set() -> None:
    trainer = Trainer(mlp(2, batch_size=10_000))
    assert trainer.steps_per_epoch == 1
    trainer.step()
    assert trainer.epoch == 1
