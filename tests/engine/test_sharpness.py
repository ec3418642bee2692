"""The largest eigenvalue of the Hessian, against dense matrices and against divergence itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.autograd.functional import hessian
from torch.func import functional_call

from glassnet.engine.items.optimizers.adam import Adam
from glassnet.engine.items.optimizers.sgd import SGD
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.sharpness import Hessian, edge_of_stability, largest_eigenvalue
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.probes.sharpness import Sharpness
from glassnet.engine.studies.landscape import Landscape
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, mlp, same


def dense_hessian(objective: Objective) -> Tensor:
    """torch.autograd's own, over all parameters as one vector."""
    weights = Weights(objective.network)
    part = objective.parts[0]

    def loss(flat: Tensor) -> Tensor:
        outputs = functional_call(objective.network, weights.views(flat), (part.inputs,))
        return objective.compare(outputs, part.targets)

    point = weights.vector(dict(objective.network.named_parameters()))
    found = hessian(loss, point)  # type: ignore[no-untyped-call]
    assert isinstance(found, Tensor)
    return found


@pytest.mark.parametrize("steps", [0, 60])
def test_it_equals_a_dense_hessians(steps: int) -> None:
    trainer = Trainer(mlp(6, 5, precision="float64"))
    for _ in range(steps):
        trainer.step()
    objective = Objective(trainer, "train", 80)
    matrix = dense_hessian(objective)
    product = Hessian.of(objective)
    vector = torch.randn(len(matrix), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(product(vector), matrix @ vector)
    value, direction, _ = largest_eigenvalue(product, vector, 60, tolerance=1e-9)
    values, vectors = torch.linalg.eigh(matrix)
    assert value == pytest.approx(float(values[-1]), rel=1e-6)
    assert abs(float(direction @ vectors[:, -1])) == pytest.approx(1, abs=1e-4)


def test_the_largest_is_found_where_another_is_of_larger_size() -> None:
    matrix = torch.diag(torch.tensor([-9.0, 1.0, 2.0, 4.0], dtype=torch.float64))
    value, vector, products = largest_eigenvalue(lambda v: matrix @ v, torch.ones(4, dtype=torch.float64), 10)
    assert value == pytest.approx(4)
    np.testing.assert_allclose(vector.abs(), [0, 0, 0, 1], atol=1e-6)
    assert products <= 4


def test_it_never_exceeds_the_true_value_and_a_warm_start_goes_on() -> None:
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(200, 200, dtype=torch.float64, generator=generator)
    matrix = root @ root.t() / 200
    true = float(torch.linalg.eigvalsh(matrix)[-1])
    vector, values = torch.randn(200, dtype=torch.float64, generator=generator), []
    for _ in range(12):
        value, vector, _ = largest_eigenvalue(lambda v: matrix @ v, vector, 3)
        values.append(value)
    assert values == sorted(values)
    assert 0.99 * true < values[-1] <= true * (1 + 1e-12)


@pytest.mark.parametrize("beyond", [torch.nan, torch.inf])
def test_weights_beyond_all_numbers_have_no_curvature(beyond: float) -> None:
    start = torch.ones(4)
    value, vector, products = largest_eigenvalue(lambda v: beyond * v, start, 6)
    assert math.isnan(value)
    assert products == 1
    assert torch.equal(vector, start), "the next look goes on from something"


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
def test_descent_on_a_parabola_is_stable_up_to_the_edge(momentum: float, nesterov: bool) -> None:
    """On ½λx² with λ just below and just above the edge; without momentum |xₙ| = |1 − ηλ|ⁿ exactly."""
    rate = 0.1
    optimizer = SGD(learning_rate=rate, momentum=momentum, nesterov=nesterov)
    edge = edge_of_stability(optimizer, rate)
    for curvature, grows in ((0.98 * edge, False), (1.02 * edge, True)):
        x, velocity = 1.0, 0.0
        for _ in range(3000):
            gradient = curvature * x
            velocity = momentum * velocity + gradient
            x -= rate * (gradient + momentum * velocity if nesterov else velocity)
        assert (abs(x) > 1) is grows
        if momentum == 0:
            assert math.log(abs(x)) == pytest.approx(3000 * math.log(abs(1 - rate * curvature)), rel=1e-9)
    assert math.isnan(edge_of_stability(Adam(), rate))


def test_the_probe_follows_training_and_touches_nothing() -> None:
    trainer, alone = (Trainer(cnn(optimizer={"kind": "sgd", "learning_rate": 0.05})) for _ in range(2))
    look = Sharpness(samples=64).prepare(trainer)
    for _ in range(4):
        arrays = look()
        for each in (trainer, alone):
            for _ in range(3):
                each.step()
    assert same(trainer.state(), alone.state())
    assert arrays["steps"].tolist() == [0, 3, 6, 9]
    assert bool((arrays["eigenvalue"] > 0).all())
    np.testing.assert_allclose(arrays["limit"], 2 / 0.05, rtol=1e-6)
    np.testing.assert_allclose(arrays["edge"], 2 / 0.05, rtol=1e-6)


def test_the_probe_and_the_study_agree() -> None:
    trainer = Trainer(mlp(6))
    for _ in range(50):
        trainer.step()
    look = Sharpness(samples=100, products=40).prepare(trainer)
    studied = list(Landscape(resolution=5, samples=100).compute(trainer))[-1].arrays
    assert float(look()["eigenvalue"]) == pytest.approx(float(studied["sharpness"]), rel=1e-3)


def test_many_looks_are_thinned_and_the_newest_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.probes.sharpness.MOST_MOMENTS", 8)
    trainer = Trainer(mlp(3))
    look = Sharpness(samples=10, products=1).prepare(trainer)
    for _ in range(50):
        arrays = look()
        assert len(arrays["steps"]) <= 8
        assert int(arrays["steps"][-1]) == trainer.steps_taken
        assert arrays["steps"][0] == 0
        trainer.step()
    assert set(arrays["steps"][:-1].diff().tolist()) == {8}


def test_another_look_at_a_step_replaces_the_first_and_a_step_back_begins_anew() -> None:
    trainer = Trainer(mlp(3))
    look, start = Sharpness(samples=10).prepare(trainer), trainer.state()
    for _ in range(2):
        trainer.step()
        before = look()
    with torch.no_grad():
        trainer.network.get_parameter("output.weight").mul_(3)  # by hand, as a weight edit does
    after = look()
    assert after["steps"].tolist() == before["steps"].tolist() == [1, 2]
    assert after["eigenvalue"][0] == before["eigenvalue"][0]
    assert after["eigenvalue"][1] != before["eigenvalue"][1]
    trainer.load(start)
    assert look()["steps"].tolist() == [0]
