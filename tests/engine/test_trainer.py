"""The trainer: torch's own numbers, exact states, untouched by looking, and a clear end where it diverges."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet.engine.errors import CheckpointError, Diverged, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.node import INPUT
from glassnet.engine.network.limits import Limits
from glassnet.engine.probes import Picture
from glassnet.engine.random_streams import stream
from glassnet.engine.training.recovery import COPY_EVERY
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import (
    Document,
    cnn,
    dropout_mlp,
    experiment,
    losses,
    mlp,
    refused,
    residual,
    same,
    train,
    weights,
)

REGRESSION: Document = {"kind": "regression", "losses": [{"kind": "mse"}]}


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


# State ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [
        dropout_mlp(optimizer={"kind": "adam"}, batch_size=30),
        cnn(optimizer={"kind": "sgd", "momentum": 0.9}),
        mlp(4, regularizers=[{"kind": "l1", "form": "kill", "strength": 0.1}], batch_size=30),
    ],
    ids=["dropout and Adam", "batch norm", "killed weights"],
)
def test_a_loaded_state_goes_on_bit_for_bit_in_the_middle_of_an_epoch(made: Experiment) -> None:
    original = Trainer(made)
    losses(original, original.steps_per_epoch + 2)
    state = original.state()
    kept = {name: tensor.clone() for name, tensor in state.items()}
    steps = original.steps_per_epoch + 3
    expected = losses(original, steps)
    assert same(state, kept), "a state is a copy"
    for fresh in (Trainer(made), Trainer(made, replay=False)):
        fresh.load(state)
        assert same(fresh.state(), state)
        assert losses(fresh, steps) == expected
        assert same(fresh.state(), original.state())
        assert fresh.evaluate() == original.evaluate()


def test_a_used_trainer_can_be_rewound() -> None:
    trainer = Trainer(dropout_mlp())
    losses(trainer, 7)
    state = trainer.state()
    expected = losses(trainer, 20)
    trainer.load(state)
    assert trainer.steps_taken == 7
    assert losses(trainer, 20) == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state.pop("parameters/linear1.weight"), "is missing in the state"),
        (lambda state: state.update(extra=torch.zeros(1)), "'extra' is missing in the trainer"),
        (
            lambda state: state.update({"parameters/linear1.weight": torch.zeros(3, 3)}),
            r"float32 \[3, 3\] in the state; expected float32 \[4, 2\]",
        ),
        (
            lambda state: state.update({"parameters/linear1.bias": torch.zeros(4, dtype=torch.float64)}),
            "float64",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: Callable[[Any], object], words: str) -> None:
    trainer = Trainer(mlp(4))
    losses(trainer, 3)
    before, state = trainer.state(), trainer.state()
    change(state)
    with pytest.raises(CheckpointError, match=words):
        trainer.load(state)
    assert same(trainer.state(), before)


def test_adopting_keeps_weights_by_name() -> None:
    old = Trainer(mlp(6, 4, optimizer={"kind": "adam"}))
    losses(old, 12)
    nodes = [node.model_dump(mode="json") for node in old.experiment.network]
    nodes[2:2] = [{"kind": "linear", "name": "added", "units": 6}, {"kind": "relu", "name": "relu1"}]
    nodes[4] = {"kind": "linear", "name": "linear2", "units": 5}
    new = Trainer(experiment(nodes, optimizer={"kind": "adam"}))
    fresh = weights(new)
    taken = new.load_matching(old.state())
    before, after = weights(old), weights(new)
    assert torch.equal(after["linear1.weight"], before["linear1.weight"])
    assert torch.equal(after["linear1.bias"], before["linear1.bias"])
    assert torch.equal(after["added.weight"], fresh["added.weight"])
    assert torch.equal(after["linear2.weight"][:4], before["linear2.weight"]), "units that stay keep theirs"
    assert torch.equal(after["linear2.weight"][4:], fresh["linear2.weight"][4:])
    assert torch.equal(
        new.state()["optimizer/0/adam/mean/linear1.weight"],
        old.state()["optimizer/0/adam/mean/linear1.weight"],
    )
    assert {"parameters/linear1.weight", "step", "generator/dropout"} <= set(taken)
    assert "parameters/added.weight" not in taken
    assert (new.steps_taken, int(new.groups[0].count)) == (12, 12)
    assert torch.equal(new.order.permutation, old.order.permutation)
    assert new.order.batch == old.order.batch
    losses(new, 5)


@pytest.mark.parametrize(
    ("before", "after"), [((6, 4), (9, 4)), ((6, 4), (3, 4)), ((6, 4), (6, 7)), ((6, 4), (2, 9))]
)
def test_a_layer_that_grows_or_shrinks_keeps_the_units_that_stay(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    old, new = (Trainer(mlp(*units, optimizer={"kind": "adam"})) for units in (before, after))
    losses(old, 12)
    fresh = new.state()
    new.load_matching(old.state())
    states = zip(*(sorted(trainer.state().items()) for trainer in (old, new)), strict=True)
    for (name, was), (_, now) in states:
        if not name.startswith(("parameters/", "optimizer/")):
            continue
        place = tuple(slice(min(sizes)) for sizes in zip(was.shape, now.shape, strict=True))
        assert torch.equal(now[place], was[place]), name
        rest = torch.ones_like(now, dtype=torch.bool)
        rest[place] = False
        assert torch.equal(now[rest], fresh[name][rest]), name
    losses(new, 5)


def test_adopting_from_another_optimizer_starts_its_averages_and_its_count_anew() -> None:
    for before, after in (("rmsprop", "adam"), ("sgd", "adam"), ("adam", "rmsprop"), ("adam", "sgd")):
        old = Trainer(mlp(4, optimizer={"kind": before, "learning_rate": 0.01}))
        losses(old, 50)
        new = Trainer(mlp(4, optimizer={"kind": after, "learning_rate": 0.01}))
        new.load_matching(old.state())
        state = new.state()
        assert torch.equal(state["parameters/linear1.weight"], old.state()["parameters/linear1.weight"])
        slots = [name for name in state if name.startswith("optimizer/0/") and "linear1" in name]
        assert slots
        assert all(not state[name].any() for name in slots)
        assert state[f"optimizer/0/{after}/count"] == 0


def test_adopting_the_state_of_the_same_experiment_is_loading_it() -> None:
    old, new = Trainer(dropout_mlp()), Trainer(dropout_mlp())
    losses(old, 13)
    new.load_matching(old.state())
    assert same(new.state(), old.state())
    assert losses(new, 10) == losses(old, 10)


def test_other_data_begin_an_epoch_of_their_own() -> None:
    old = Trainer(mlp(4, batch_size=10))
    losses(old, 7)
    new = Trainer(mlp(4, batch_size=10, data={"kind": "circle", "samples": 100}))
    new.load_matching(old.state())
    assert new.order.batch == 0
    assert sorted(new.order.permutation.tolist()) == list(range(50))
    assert torch.equal(weights(new)["linear1.weight"], weights(old)["linear1.weight"])


# Looking --------------------------------------------------------------------------------------------------


def surroundings(trainer: Trainer) -> dict[str, Any]:
    """All that looking must leave alone."""
    return {
        "state": trainer.state(),
        "modes": [module.training for module in trainer.network.modules()],
        "buffers": {name: b.clone() for name, b in trainer.network.named_buffers()},
        "global generator": torch.get_rng_state(),
    }


def pictures(made: Experiment) -> list[Picture]:
    probes: list[Document] = [{"kind": "weights"}, {"kind": "confusion_matrix"}, {"kind": "samples"}]
    if made.data.plane:
        probes += [{"kind": "surface"}, {"kind": "surface", "resolution": 20}]
    watching = Experiment.parse({**made.document(), "watch": probes}).watch
    return [probe for probe in watching if isinstance(probe, Picture)]


@pytest.mark.parametrize(
    "made", [dropout_mlp(), cnn(), residual()], ids=["dropout", "batch norm", "residual"]
)
def test_looking_touches_nothing_that_training_reads(made: Experiment) -> None:
    trainer, unseen = Trainer(made), Trainer(made)
    looks = [probe.prepare(trainer) for probe in pictures(made)]
    assert len(looks) >= 3
    trainer.step()
    unseen.step()
    before = surroundings(trainer)
    for look in looks:
        look()
    trainer.evaluate()
    trainer.predict(trainer.data.test.inputs)
    after = surroundings(trainer)
    assert same(before["state"], after["state"])
    assert same(before["buffers"], after["buffers"])
    assert before["modes"] == after["modes"]
    assert all(after["modes"])
    assert torch.equal(before["global generator"], after["global generator"])
    for _ in range(10):
        trainer.step()
        unseen.step()
        trainer.evaluate()
        for look in looks:
            look()
    assert same(trainer.state(), unseen.state())


def test_the_twin_that_is_looked_at_shares_every_tensor_and_never_trains() -> None:
    trainer = Trainer(cnn())
    for name, parameter in trainer.network.named_parameters():
        assert trainer.evaluation_network.get_parameter(name).data_ptr() == parameter.data_ptr()
    for name, buffer in trainer.network.named_buffers():
        assert trainer.evaluation_network.get_buffer(name).data_ptr() == buffer.data_ptr()
    assert not any(module.training for module in trainer.evaluation_network.modules())


def test_evaluation_is_over_whole_sets_in_evaluation_mode() -> None:
    trainer = Trainer(dropout_mlp(regularizers=[{"kind": "l2", "strength": 1.0}]))
    losses(trainer, 30)
    found = trainer.evaluate()
    for split, samples in (("train", trainer.data.train), ("test", trainer.data.test)):
        output = trainer.evaluation_network(samples.inputs)["output"]
        assert found[f"{split}_loss"] == pytest.approx(
            float(F.cross_entropy(output, samples.targets).detach()), rel=1e-5
        )
        right = (output.argmax(dim=1) == samples.targets).double().mean()
        assert found[f"{split}_accuracy"] == pytest.approx(float(right))


def test_sets_larger_than_one_pass_are_averaged_by_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    made = mlp(4)
    whole = Trainer(made).evaluate()
    monkeypatch.setattr("glassnet.engine.training.trainer.EVALUATION_BATCH", 33)
    assert Trainer(made).evaluate() == pytest.approx(whole, rel=1e-5)


def test_the_taken_loss_is_the_mean_since_the_last() -> None:
    made = mlp(4)
    single = losses(Trainer(made), 6)
    trainer = Trainer(made)
    assert math.isnan(trainer.take_loss())
    for _ in range(4):
        trainer.step()
    assert trainer.take_loss() == pytest.approx(sum(single[:4]) / 4, rel=1e-12)
    for _ in range(2):
        trainer.step()
    assert trainer.take_loss() == pytest.approx(sum(single[4:]) / 2, rel=1e-12)


# Divergence -----------------------------------------------------------------------------------------------


def first_not_finite(made: Experiment, most: int) -> tuple[int, str]:
    """Step and node of the first value that is not finite, by a plain loop over the nodes."""
    trainer = Trainer(made, replay=False)
    network = copy.deepcopy(trainer.network)
    parameters = [p.detach().clone().requires_grad_() for p in network.parameters()]
    optimizer = made.training.updates[0].optimizer.call().build(parameters=parameters)
    names = [name for name, _ in network.named_parameters()]
    for step in range(1, most + 1):
        batch = trainer.order.next()
        outputs = torch.func.functional_call(
            network, dict(zip(names, parameters, strict=True)), trainer.data.train.inputs[batch]
        )
        for name, x in outputs.items():
            if not bool(torch.isfinite(x).all()):
                return step, name
        judged = trainer.plan.loss_nodes[0]
        compare = made.task.losses[0].call().build()
        loss = compare(outputs[judged], trainer._stepper._targets[0][batch])
        if not bool(torch.isfinite(loss)):
            return step, judged
        gradients: tuple[Tensor, ...] = torch.autograd.grad(loss, parameters)
        for name, parameter, gradient in reversed(list(zip(names, parameters, gradients, strict=True))):
            if not bool(torch.isfinite(gradient).all()):
                return step, name.rpartition(".")[0]
            parameter.grad = gradient
        optimizer.step()
    raise AssertionError(f"finite for {most} steps")


def diverge(trainer: Trainer, most: int, *, look: bool) -> Diverged:
    def go_on() -> None:
        for _ in range(most):
            trainer.step()
            if look:
                trainer.take_loss()

    with pytest.raises(Diverged) as caught:
        go_on()
    return caught.value


DIVERGING = {
    "plane": mlp(
        4,
        activation="identity",
        data={"kind": "regression_plane"},
        task=REGRESSION,
        optimizer={"kind": "sgd", "learning_rate": 100},
    ),
    "slow": mlp(
        activation="identity",
        data={"kind": "regression_plane"},
        task=REGRESSION,
        optimizer={"kind": "sgd", "learning_rate": 0.2},
    ),
    "deep": mlp(
        16,
        16,
        16,
        activation="relu",
        task={"kind": "classification", "losses": [{"kind": "mse"}]},
        optimizer={"kind": "sgd", "learning_rate": 100},
    ),
    "momentum": mlp(
        8,
        activation="silu",
        data={"kind": "diabetes"},
        task=REGRESSION,
        optimizer={"kind": "sgd", "learning_rate": 1, "momentum": 0.99},
    ),
    "digits": experiment(
        [{"kind": "conv2d"}, {"kind": "leaky_relu"}, {"kind": "flatten"}, {"kind": "linear", "units": None}],
        data={"kind": "digits", "normalize": {"kind": "none"}},
        task={"kind": "classification", "losses": [{"kind": "mse"}]},
        optimizer={"kind": "sgd", "learning_rate": 0.1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIVERGING)
@pytest.mark.parametrize("look", [True, False], ids=["looked at", "not looked at"])
def test_divergence_names_the_first_node_and_step_and_leaves_a_finite_state(name: str, look: bool) -> None:
    made = DIVERGING[name]
    step, node = first_not_finite(made, 2000)
    trainer = Trainer(made)
    error = diverge(trainer, step + 2 * COPY_EVERY, look=look)
    assert (error.step, error.node) == (step, node), str(error)
    assert trainer.steps_taken == step - 1
    state = trainer.state()
    assert all(bool(torch.isfinite(tensor).all()) for tensor in state.values() if tensor.is_floating_point())
    # And that state is the one that training had: it goes wrong again at the same step.
    again = diverge(trainer, 2 * COPY_EVERY, look=look)
    assert (again.step, again.node) == (step, node)


def test_a_loss_that_is_not_finite_is_never_forgotten() -> None:
    """Squares overflow before what is squared does: the loss is infinite, every weight finite."""
    made = mlp(
        data={"kind": "regression_plane"},
        task={"kind": "regression", "losses": [{"kind": "mse", "node": "output"}]},
        optimizer={"kind": "sgd", "learning_rate": 1e-30},
    )
    trainer = Trainer(made)
    with torch.no_grad():
        trainer.network.get_parameter("output.weight").fill_(1e19)
    trainer.load(trainer.state())
    error = diverge(trainer, 3 * COPY_EVERY, look=False)
    assert (error.step, error.quantity) == (1, "loss")


def test_an_evaluation_that_is_not_finite_ends_although_training_is() -> None:
    """Nothing that answers is moved, and the squares of 495 test points add up to more than those of 5."""
    nodes: list[Document] = [{"kind": "linear", "name": "answer", "units": 1, "bias": False}]
    nodes.append({"kind": "linear", "name": "side", "inputs": ["input"]})
    made = experiment(
        nodes,
        data={"kind": "gauss", "samples": 500, "test_share": 0.99},
        task={"kind": "classification", "losses": [{"kind": "mse", "node": "answer"}]},
        updates=[{"nodes": "side"}, {"nodes": "answer", "every": 10**6}],
    )
    trainer = Trainer(made)
    most = float(trainer.data.train.inputs[:].sum(dim=1).abs().max())
    with torch.no_grad():
        trainer.network.get_parameter("answer.weight").fill_(5e18 / most)
    trainer.load(trainer.state())
    trainer.step()
    with pytest.raises(Diverged) as caught:
        trainer.evaluate()
    assert (caught.value.step, caught.value.node) == (1, "answer")
    assert "evaluated" in str(caught.value)


# Bad input ------------------------------------------------------------------------------------------------


def dense(units: int | None) -> Document:
    return {"kind": "linear", "units": units}


@pytest.mark.parametrize(
    ("parts", "pointer", "words"),
    [
        ({"network": [dense(10**9), dense(None)]}, "/network/0", "3,000,000,000 parameters"),
        (
            {"network": [dense(10**6), dense(10**6), dense(None)]},
            "/network/1",
            "expected at most 200,000,000 in all",
        ),
        (
            {
                "network": [dense(10**6), dense(None)],
                "data": {"kind": "spiral", "samples": 2000},
                "training": {"batch_size": 1000},
            },
            "/training/batch_size",
            "expected at most 500,000,000",
        ),
        (
            {"training": {"updates": [{}, {"nodes": "output"}]}},
            "/training/updates/1/nodes",
            "update 0 moves already",
        ),
        (
            {"network": [{"kind": "tanh"}, dense(None)], "training": {"updates": [{"nodes": "tanh*"}]}},
            "/training/updates/0/nodes",
            "no node with parameters",
        ),
        ({"network": [{"kind": "tanh"}]}, "/training/updates/0/nodes", "no node with parameters"),
        (
            {"training": {"regularizers": [{"kind": "l2"}, {"kind": "l2", "nodes": "conv*"}]}},
            "/training/regularizers/1/nodes",
            "no node that is trained",
        ),
        (
            {
                "network": [{"kind": "batch_norm", "name": "n"}, dense(None)],
                "training": {"regularizers": [{"kind": "clip_norm"}, {"kind": "l2", "nodes": "n"}]},
            },
            "/training/regularizers/1/nodes",
            "biases and scales alone",
        ),
        (
            {
                "data": {"kind": "regression_plane", "features": ["x1"]},
                "task": {"kind": "regression", "losses": [{"kind": "mse", "node": "t"}]},
                "network": [{"kind": "tanh", "name": "t"}, {"kind": "linear", "name": "side"}],
            },
            "/training/updates/0/nodes",
            "reaches no loss",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_is_built(
    parts: Document, pointer: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"data": {"kind": "spiral"}, "network": [{**dense(None), "name": "output"}], **parts}
    if "000" in words:
        monkeypatch.setattr("glassnet.engine.training.trainer.load", None)
        monkeypatch.setattr("glassnet.engine.training.trainer.Network", None)
    assert words in refused(train, document)[pointer]


def test_limits_are_the_hosts_choice() -> None:
    made = mlp(100)
    with pytest.raises(InvalidExperiment, match="expected at most 100 in all"):
        Trainer(made, limits=Limits(parameters=100))
    with pytest.raises(InvalidExperiment, match="expected at most 1,000"):
        Trainer(made, limits=Limits(activations=1000))
