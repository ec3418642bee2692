"""Divergence: a clear end at the first node and step, with the last finite state."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.recovery import COPY_EVERY
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import (
    Document,
    experiment,
    mlp,
)

REGRESSION: Document = {"kind": "regression", "losses": [{"kind": "mse"}]}


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
        loss = compare(outputs[judged], trainer._stepper._batches(batch)[1][0])
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
