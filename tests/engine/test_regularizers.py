"""Regularizers against closed forms, torch's clipping, and TensorFlow Playground's way of killing weights."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from glassnet.engine.items.regularizers.clip_norm import ClipNorm
from glassnet.engine.items.regularizers.clip_value import ClipValue
from glassnet.engine.items.regularizers.gradient_noise import add_noise
from glassnet.engine.items.regularizers.l1 import L1
from glassnet.engine.items.regularizers.l2 import L2
from glassnet.engine.items.regularizers.renormalize import Renormalize, renormalized
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, experiment, mlp

REGRESSION: Document = {"kind": "regression", "losses": [{"kind": "mse"}]}
PLANE: Document = {"kind": "regression_plane", "samples": 40}


def tensors(*values: list[float]) -> list[torch.Tensor]:
    return [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]


def test_l2_is_half_the_sum_of_squares() -> None:
    weights = tensors([1.0, -2.0], [3.0])
    penalty = L2(strength=0.1).penalty()
    assert penalty is not None
    value = penalty.build(weights=weights)
    assert float(value.detach()) == pytest.approx(0.05 * 14)
    value.backward()
    assert weights[0].grad is not None
    assert weights[0].grad.tolist() == pytest.approx([0.1, -0.2])


def test_l1_is_the_sum_of_magnitudes_with_no_slope_at_zero() -> None:
    weights = tensors([1.0, -2.0, 0.0], [3.0])
    penalty = L1(strength=0.1).penalty()
    assert penalty is not None
    value = penalty.build(weights=weights)
    assert float(value.detach()) == pytest.approx(0.6)
    value.backward()
    assert weights[0].grad is not None
    assert weights[0].grad.tolist() == pytest.approx([0.1, -0.1, 0.0])


@given(
    st.lists(st.lists(st.floats(-100, 100), min_size=1, max_size=4), min_size=1, max_size=3),
    st.floats(1e-3, 100),
)
def test_clipping_is_torchs(values: list[list[float]], limit: float) -> None:
    ours = [torch.tensor(value, dtype=torch.float64) for value in values]
    theirs = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in ours]
    for parameter, gradient in zip(theirs, ours, strict=True):
        parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(theirs, limit, foreach=False)
    call = ClipNorm(limit=limit).on_gradients()
    assert call is not None
    call.build(gradients=ours)
    for parameter, gradient in zip(theirs, ours, strict=True):
        torch.testing.assert_close(gradient, parameter.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(1e20, torch.float32), (1e-30, torch.float32), (3e38, torch.float32), (1e200, torch.float64)],
)
def test_a_norm_whose_squares_overflow_or_vanish_still_clips(value: float, dtype: torch.dtype) -> None:
    gradients = [torch.full((4,), value, dtype=dtype), torch.full((2, 3), -value, dtype=dtype)]
    call = ClipNorm(limit=1).on_gradients()
    assert call is not None
    call.build(gradients=gradients)
    each = min(value, 1 / math.sqrt(10))
    torch.testing.assert_close(gradients[0], torch.full((4,), each, dtype=dtype), rtol=1e-4, atol=0)
    torch.testing.assert_close(gradients[1], torch.full((2, 3), -each, dtype=dtype), rtol=1e-4, atol=0)


def test_an_infinite_gradient_is_not_hidden_by_clipping() -> None:
    gradients = [torch.tensor([1.0, math.inf]), torch.tensor([2.0])]
    call = ClipNorm(limit=1).on_gradients()
    assert call is not None
    call.build(gradients=gradients)
    assert gradients[0].isnan().tolist() == [False, True]
    assert gradients[1].tolist() == [0]


def test_renormalising_is_torchs_renorm_by_filter() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = [(6, 3, 5, 5), (4, 7), (5, 2, 3)]
    ours = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    ours[0][2] = 0  # a filter of zeros stays one
    # The greatest norm is the greatest root mean square times √n, n numbers a filter.
    theirs = [torch.renorm(w, 2, 0, 0.9 * math.sqrt(w[0].numel())) for w in ours]
    before = [w.clone() for w in ours]
    call = Renormalize(radius=0.9).after_update()
    assert call is not None
    call.build(weights=ours)
    for weight, expected, was in zip(ours, theirs, before, strict=True):
        torch.testing.assert_close(weight, expected, rtol=1e-6, atol=0)
        small = was.flatten(1).square().mean(dim=1).sqrt() <= 0.9
        assert torch.equal(weight[small], was[small])
        assert float(weight.flatten(1).square().mean(dim=1).sqrt().amax()) <= 0.9 * (1 + 1e-12)


def playground(weight: float, steps: list[float], rate: float, strength: float) -> float:
    """updateWeights of TensorFlow Playground's nn.ts for one link, with these gradients."""
    dead = False
    for gradient in steps:
        if dead:
            continue
        weight = weight - rate * gradient
        derivative = -1 if weight < 0 else 1 if weight > 0 else 0
        pulled = weight - rate * strength * derivative
        if weight * pulled < 0:
            weight, dead = 0.0, True
        else:
            weight = pulled
    return weight


@given(
    st.floats(-0.5, 0.5),
    st.lists(st.floats(-1, 1), min_size=1, max_size=8),
    st.sampled_from([0.01, 0.1, 1.0]),
    st.sampled_from([0.0, 0.1, 1.0]),
)
def test_killing_is_tensorflow_playgrounds(
    start: float, gradients: list[float], rate: float, strength: float
) -> None:
    item = L1(strength=strength, form="kill")
    kept, after = item.state(), item.after_update()
    assert kept is not None
    assert after is not None
    weight = torch.tensor([[start]], dtype=torch.float64)
    alive = kept.build(weights=[weight])
    for gradient in gradients:
        weight.sub_(rate * gradient)
        after.build(weights=[weight], state=alive, rate=torch.tensor(rate, dtype=torch.float64))
    assert float(weight) == pytest.approx(playground(start, gradients, rate, strength), abs=1e-15)


def test_a_killed_weight_stays_dead_while_the_others_learn() -> None:
    made = experiment(
        [{"kind": "linear", "name": "output", "units": None}],
        data={"kind": "regression_plane", "features": ["x1", "x1_x2"]},
        task=REGRESSION,
        optimizer={"kind": "sgd", "learning_rate": 0.005},
        regularizers=[{"kind": "l1", "form": "kill", "strength": 0.3}],
    )
    trainer = Trainer(made)
    killed_at = None
    for step in range(400):
        trainer.step()
        dead = trainer.regularizers[0].kept[0] == 0
        if dead[0, 1] and killed_at is None:
            killed_at = step
        if killed_at is not None:
            assert trainer.network.get_parameter("output.weight").tolist()[0][1] == 0
    assert killed_at is not None
    assert killed_at < 300


def test_biases_are_left_alone() -> None:
    strength = {"kind": "l2", "strength": 10}
    made = mlp(4, data=PLANE, task=REGRESSION, regularizers=[strength], batch_size=20)
    plain = Trainer(
        made.model_copy(update={"training": made.training.model_copy(update={"regularizers": []})})
    )
    pulled = Trainer(made)
    for trainer in (plain, pulled):
        trainer.step()
    rows = zip(
        plain.groups[0].names,
        plain.groups[0].views(plain.groups[0].slots["mean"]),
        pulled.groups[0].views(pulled.groups[0].slots["mean"]),
        strict=True,
    )
    assert {name: torch.equal(one, other) for name, one, other in rows} == {
        "linear1.weight": False,
        "linear1.bias": True,
        "output.weight": False,
        "output.bias": True,
    }


def test_a_regularizer_acts_on_the_nodes_it_names() -> None:
    made = mlp(4, 4, data=PLANE, task=REGRESSION, optimizer={"kind": "sgd"}, batch_size=20)
    regularizers = [{"kind": "clip_norm", "nodes": "linear2", "limit": 1e-3}]
    clipped = mlp(
        4, 4, data=PLANE, task=REGRESSION, optimizer={"kind": "sgd"}, batch_size=20, regularizers=regularizers
    )
    plain, held = Trainer(made), Trainer(clipped)
    for trainer in (plain, held):
        trainer.step()
    gradients = {
        name: (one, other)
        for name, one, other in zip(
            plain.groups[0].names, plain.groups[0].gradients, held.groups[0].gradients, strict=True
        )
    }
    norm = math.sqrt(
        sum(float(gradients[f"linear2.{part}"][1].square().sum()) for part in ("weight", "bias"))
    )
    assert norm == pytest.approx(1e-3, rel=1e-3)
    assert torch.equal(*gradients["linear1.weight"])
    assert torch.equal(*gradients["output.weight"])


def test_a_filter_whose_squares_overflow_float32_is_scaled_back_and_not_to_zero() -> None:
    weight = torch.full((2, 3, 5), 1e20)
    weight[1] = 0.5
    renormalized([weight], 0.9)
    torch.testing.assert_close(weight[0], torch.full((3, 5), 0.9))
    assert torch.equal(weight[1], torch.full((3, 5), 0.5))


def test_no_number_of_a_gradient_is_beyond_its_limit() -> None:
    gradients = [torch.tensor([[3.0, -0.1], [-9.0, math.inf]]), torch.tensor([0.5])]
    call = ClipValue(limit=0.5).on_gradients()
    assert call is not None
    call.build(gradients=gradients)
    torch.testing.assert_close(gradients[0], torch.tensor([[0.5, -0.1], [-0.5, 0.5]]))
    assert gradients[1].tolist() == [0.5]


def test_noise_has_the_papers_variance_and_fades() -> None:
    for steps in (0.0, 99.0):
        gradient = torch.zeros(100_000, dtype=torch.float64)
        generator = torch.Generator().manual_seed(0)
        add_noise([gradient], torch.tensor(steps).double(), generator, 0.3, 0.55)
        assert float(gradient.var()) == pytest.approx(0.3 / (1 + steps) ** 0.55, rel=0.02)
        assert float(gradient.mean()) == pytest.approx(0, abs=0.01)


def test_noise_is_the_same_again_and_leaves_order_and_dropout_alone() -> None:
    noisy = [{"kind": "gradient_noise", "variance": 0.1}]
    trainers = [Trainer(mlp(4, regularizers=each)) for each in (noisy, noisy, [])]
    for trainer in trainers:
        for _ in range(5):
            trainer.step()
    first, again, plain = (trainer.state() for trainer in trainers)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert "generator/gradient_noise" not in plain
    assert torch.equal(first["generator/order"], plain["generator/order"])
    assert torch.equal(first["generator/dropout"], plain["generator/dropout"])
    assert not torch.equal(first["parameters/output.weight"], plain["parameters/output.weight"])


def test_noise_goes_on_from_a_state() -> None:
    made = mlp(4, regularizers=[{"kind": "gradient_noise", "variance": 0.1}])
    trainer, other = Trainer(made), Trainer(made)
    for _ in range(5):
        trainer.step()
    other.load(trainer.state())
    for one in (trainer, other):
        for _ in range(5):
            one.step()
    state, theirs = trainer.state(), other.state()
    assert all(torch.equal(state[name], theirs[name]) for name in state if name.startswith("parameters"))


def trained(optimizer: Document, regularizers: list[Document], steps: int = 10) -> dict[str, torch.Tensor]:
    updates = [{"optimizer": optimizer, "schedule": {"kind": "cosine"}}]
    made = mlp(4, 4, regularizers=regularizers, updates=updates, precision="float64")
    trainer = Trainer(made)
    for _ in range(steps):
        trainer.step()
    return {name: tensor for name, tensor in trainer.state().items() if name.startswith("parameters")}


def test_weight_decay_makes_adamw_of_adam() -> None:
    decay = {"kind": "weight_decay", "strength": 0.1, "biases": True}
    ours = trained({"kind": "adam", "learning_rate": 0.05}, [decay])
    theirs = trained({"kind": "adamw", "learning_rate": 0.05, "weight_decay": 0.1}, [])
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


def test_weight_decay_is_l2_for_plain_sgd_and_not_for_adam() -> None:
    sgd, adam = {"kind": "sgd", "learning_rate": 0.05}, {"kind": "adam", "learning_rate": 0.05}
    for optimizer, alike in ((sgd, True), (adam, False)):
        decayed = trained(optimizer, [{"kind": "weight_decay", "strength": 0.1}])
        pulled = trained(optimizer, [{"kind": "l2", "strength": 0.1}])
        name = "parameters/linear1.weight"
        assert torch.allclose(decayed[name], pulled[name], rtol=1e-10, atol=1e-12) is alike


def test_a_penalty_acts_on_biases_where_that_is_asked_for() -> None:
    sgd = {"kind": "sgd", "learning_rate": 0.1}
    for kind in ("l1", "l2", "weight_decay"):
        plain = trained(sgd, [{"kind": kind, "strength": 0.1}])
        both = trained(sgd, [{"kind": kind, "strength": 0.1, "biases": True}])
        norms = [float(state["parameters/output.bias"].norm()) for state in (plain, both)]
        assert norms[1] < norms[0], kind


def test_each_update_decays_at_its_own_rate() -> None:
    updates = [
        {"nodes": "linear1", "optimizer": {"kind": "sgd", "learning_rate": 1e-30}},
        {"nodes": "output", "optimizer": {"kind": "sgd", "learning_rate": 0.5}, "every": 2},
    ]
    decay = [{"kind": "weight_decay", "strength": 1.0}]
    trainer = Trainer(mlp(4, updates=updates, regularizers=decay, last_batch="drop"))
    seen = []
    for _ in range(3):
        state = trainer.state()
        seen.append([state["parameters/linear1.weight"], state["parameters/output.weight"]])
        trainer.step()
    (first, output), *later = seen
    assert [torch.equal(first, one) for one, _ in later] == [True, True]
    assert [torch.equal(output, other) for _, other in later] == [True, False]
