"""Slices through the loss: exact where the loss is known, the same whichever way they are computed."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.landscape.directions import random_direction
from glassnet.engine.landscape.evaluate import Evaluator
from glassnet.engine.landscape.grid import Grid
from glassnet.engine.landscape.methods import (
    Looped,
    Method,
    Slice,
    SlicedObjective,
    Stacked,
    Unfolded,
    Unsupported,
    Vectorised,
)
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.probes.trajectory import Trajectory
from glassnet.engine.random_streams import stream
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.studies.landscape import Landscape
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, experiment, mlp, residual, residual_cnn, same

OUTPUT = {"kind": "linear", "name": "output", "units": None}


def normed_mlp() -> Experiment:
    """Dense layers with batch norm between."""
    return experiment([{"kind": "linear", "units": 6}, {"kind": "batch_norm"}, {"kind": "relu"}, OUTPUT])


def tied() -> Experiment:
    """The second layer has the first one's weights."""
    square = {"kind": "linear", "units": 2}
    return experiment(
        [{**square, "name": "one"}, {"kind": "tanh"}, {**square, "name": "two", "weights": "one"}, OUTPUT]
    )


def hinged() -> Experiment:
    return mlp(5, activation="relu", task={"kind": "classification", "losses": [{"kind": "hinge"}]})


NETWORKS = {
    "dense": lambda: mlp(8, 8),
    "dropout": dropout_mlp,
    "residual": residual,
    "batch norm": normed_mlp,
    "tied": tied,
    "hinge": hinged,
    "convolution": cnn,
    "residual convolution": residual_cnn,
}


def trained(document: Experiment, steps: int = 20) -> Trainer:
    trainer = Trainer(document)
    for _ in range(steps):
        trainer.step()
    return trainer


def slices(trainer: Trainer, seed: int = 0) -> tuple[Objective, Slice, list[dict[str, Tensor]]]:
    """A plane of two random directions, not normalised, so that biases and batch norm move as well."""
    objective = Objective(trainer, "train", 60)
    weights = Weights(objective.network)
    parameters = dict(objective.network.named_parameters())
    generator = torch.Generator().manual_seed(seed)
    directions = [random_direction(parameters, generator, "none") for _ in range(2)]
    axes = torch.stack([weights.vector(direction) for direction in directions])
    return objective, Slice(weights.vector(parameters), 0.1 * axes), directions


def plainly(trainer: Trainer, directions: list[dict[str, Tensor]], points: Tensor) -> Tensor:
    """The losses as anybody would compute them: state dictionaries, one after the other."""
    objective = Objective(trainer, "train", 60)
    network = copy.deepcopy(objective.network)
    start = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    losses = []
    for point in points.tolist():
        moved = dict(start)
        for name, tensor in network.named_parameters():
            moved[name] = start[name] + sum(
                0.1 * c * direction[name] for c, direction in zip(point, directions, strict=True)
            )
            # A tied parameter stands in the dictionary under both names.
            for other, same_tensor in network.state_dict(keep_vars=True).items():
                if same_tensor is tensor:
                    moved[other] = moved[name]
        network.load_state_dict(moved)
        with torch.no_grad():
            losses.append(objective.compare(network(objective.parts[0].inputs), objective.parts[0].targets))
    return torch.stack(losses)


POINTS = torch.tensor([[0.0, 0.0], [1.0, -0.5], [-2.0, 0.3], [0.1, 2.0], [0.7, 0.7]])


def ways(sliced: SlicedObjective) -> list[Method]:
    found: list[Method] = [Vectorised(sliced, 8)]
    for method in (Stacked, Unfolded):
        with contextlib.suppress(Unsupported):
            found.append(method(sliced, 8))
    return [*found, Looped(sliced)]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_way_gives_the_losses_of_a_plain_loop(name: str) -> None:
    trainer = trained(NETWORKS[name]())
    objective, through, directions = slices(trainer)
    expected = plainly(trainer, directions, POINTS)
    for method in ways(SlicedObjective(objective, through)):
        torch.testing.assert_close(method.losses(POINTS), expected, rtol=1e-5, atol=1e-6, msg=method.name)


def test_dense_networks_are_stacked_and_images_are_not() -> None:
    for name, stackable in {"dense": True, "dropout": True, "residual": True, "batch norm": True}.items():
        objective, through, _ = slices(trained(NETWORKS[name](), 1))
        found = [method.name for method in ways(SlicedObjective(objective, through))]
        assert ("stacked" in found) is stackable, name
    objective, through, _ = slices(trained(cnn(), 1))
    with pytest.raises(Unsupported, match="gives images"):
        Stacked(SlicedObjective(objective, through), 8)


def test_a_strided_and_padded_convolution_is_unfolded() -> None:
    convolution: dict[str, Any] = {
        "kind": "conv2d",
        "filters": 3,
        "kernel": [3, 2],
        "stride": [2, 1],
        "padding": [1, 0],
    }
    nodes = [
        convolution,
        {"kind": "relu"},
        convolution,
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]
    trainer = trained(experiment(nodes, data={"kind": "digits"}, batch_size=64))
    objective, through, directions = slices(trainer)
    found = Unfolded(SlicedObjective(objective, through), 8).losses(POINTS)
    torch.testing.assert_close(found, plainly(trainer, directions, POINTS), rtol=1e-5, atol=1e-6)


def test_the_first_layer_is_not_computed_at_each_point() -> None:
    objective, through, _ = slices(trained(mlp(8, 8), 1))
    sliced = SlicedObjective(objective, through)
    assert set(sliced.weights.shapes) == {
        "linear2.weight", "linear2.bias", "output.weight", "output.bias"
    }  # fmt: skip


def test_the_evaluator_keeps_the_order_and_every_point() -> None:
    trainer = trained(mlp(4))
    objective, through, directions = slices(trainer)
    points = torch.rand(200, 2, generator=torch.Generator().manual_seed(1))
    evaluator = Evaluator(SlicedObjective(objective, through))
    parts = list(evaluator.losses(points))
    assert len(evaluator.measured) == 3
    assert evaluator.chosen in evaluator.measured
    torch.testing.assert_close(torch.cat(parts), plainly(trainer, directions, points), rtol=1e-5, atol=1e-6)
    again = torch.cat(list(evaluator.losses(points[:3])))
    torch.testing.assert_close(again, torch.cat(parts)[:3], rtol=1e-5, atol=1e-6)


def test_a_way_that_disagrees_with_the_loop_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained(mlp(4))
    objective, through, directions = slices(trainer)
    right = Stacked.losses
    monkeypatch.setattr(Stacked, "losses", lambda self, points: right(self, points) + 0.1)
    points = torch.rand(120, 2, generator=torch.Generator().manual_seed(1))
    evaluator = Evaluator(SlicedObjective(objective, through))
    found = torch.cat(list(evaluator.losses(points)))
    assert list(evaluator.measured) == ["loop"]
    torch.testing.assert_close(found, plainly(trainer, directions, points), rtol=1e-5, atol=1e-6)


# Directions -----------------------------------------------------------------------------------------------


def test_filters_are_as_long_as_the_networks_and_the_rest_stays() -> None:
    trainer = trained(residual_cnn())
    weights = dict(trainer.network.named_parameters())
    direction = random_direction(weights, torch.Generator().manual_seed(0))
    for name, tensor in weights.items():
        if tensor.ndim == 1:
            assert not direction[name].any(), name
        else:
            rows = direction[name].flatten(1).norm(dim=1)
            torch.testing.assert_close(rows, tensor.detach().flatten(1).norm(dim=1))


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_rescaling_rectifier_layers_changes_no_landscape(factor: float) -> None:
    """The same function by other weights: relu(cx) = c·relu(x) for c > 0 (Li et al. 2018, section 4)."""
    one, other = trained(mlp(6, activation="relu")), trained(mlp(6, activation="relu"))
    with torch.no_grad():
        other.network.get_parameter("linear1.weight").mul_(factor)
        other.network.get_parameter("linear1.bias").mul_(factor)
        other.network.get_parameter("output.weight").div_(factor)
    pictures = [picture(trainer, resolution=9) for trainer in (one, other)]
    torch.testing.assert_close(pictures[0], pictures[1], rtol=1e-4, atol=1e-5)
    plain = [picture(trainer, resolution=9, normalize="none") for trainer in (one, other)]
    assert not torch.allclose(plain[0], plain[1], rtol=0.1)


def last(trainer: Trainer, *, history: History = NO_HISTORY, **options: Any) -> dict[str, Tensor]:
    """The arrays of the whole landscape."""
    return list(Landscape(**options).compute(trainer, history))[-1].arrays


def picture(trainer: Trainer, **options: Any) -> Tensor:
    return last(trainer, sharpness=False, **options)["losses"]


# The study --------------------------------------------------------------------------------------------------


def linear_regression() -> Trainer:
    """One linear unit and squared errors: the loss is a quadratic of weights and bias."""
    return trained(
        experiment(
            [OUTPUT],
            data={"kind": "regression_plane", "samples": 100},
            task={"kind": "regression", "losses": [{"kind": "mse"}]},
        )
    )


def test_the_landscape_of_a_quadratic_network_is_that_quadratic() -> None:
    trainer = linear_regression()
    arrays = last(trainer, resolution=11, normalize="none", span=2.0, samples=50)
    inputs, targets = (
        torch.as_tensor(trainer.data.train.inputs[:50]).double(),
        trainer.data.train.targets[:50].double(),
    )
    objective = Objective(trainer, "train", 50)
    parameters = dict(objective.network.named_parameters())
    generator = stream(0, "landscape")
    directions = [random_direction(parameters, generator, "none") for _ in range(2)]
    for row, y in enumerate(arrays["y"].double()):
        for column, x in enumerate(arrays["x"].double()):
            weight, bias = (
                parameters[f"output.{name}"].detach().double()
                + x * directions[0][f"output.{name}"].double()
                + y * directions[1][f"output.{name}"].double()
                for name in ("weight", "bias")
            )
            expected = (inputs @ weight.t() + bias - targets).square().mean()
            assert float(arrays["losses"][row, column]) == pytest.approx(float(expected), rel=1e-5)
    # The Hessian of mean (wx + b − t)² is 2/N Σ (x, 1)(x, 1)ᵀ.
    rows = torch.cat([inputs, torch.ones(50, 1)], dim=1)
    hessian = 2 * rows.t() @ rows / 50
    assert float(arrays["sharpness"]) == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), rel=1e-4)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_centre_is_the_networks_own_loss(split: str) -> None:
    trainer = trained(cnn())
    own = trainer.evaluate()[f"{split}_loss"]
    arrays = last(trainer, resolution=5, set=split, samples=50_000, sharpness=False)
    assert float(arrays["losses"][2, 2]) == pytest.approx(own, rel=1e-5)
    assert float(arrays["centre"]) == pytest.approx(own, rel=1e-5)


def test_a_line_is_the_middle_row_of_the_plane() -> None:
    trainer = trained(mlp(6))
    line, plane = picture(trainer, dimensions=1, resolution=9), picture(trainer, resolution=9)
    torch.testing.assert_close(line, plane[4], rtol=1e-5, atol=1e-6)


def test_it_is_coarse_at_once_and_refines() -> None:
    frames = list(Landscape(resolution=17, sharpness=False).compute(trained(mlp(6))))
    assert frames[-1].done == 1
    assert bool(frames[-1].arrays["known"].all())
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    grid = Grid([(-1, 1), (-1, 1)], 17)
    grid.put(grid.points[:25].sum(1))
    assert grid.done == pytest.approx(25 / 289)
    lines = np.linspace(-1, 1, 17, dtype=np.float32)
    np.testing.assert_allclose(
        grid.values, lines[None, :] + lines[:, None], atol=1e-6
    )  # a plane is interpolated
    assert int(grid.known.sum()) == 25


@pytest.mark.parametrize("resolution", [5, 8, 21, 51])
@pytest.mark.parametrize("dimensions", [1, 2])
def test_a_grid_has_every_point_once(resolution: int, dimensions: int) -> None:
    grid = Grid([(0.0, 1.0)] * dimensions, resolution)
    points = grid.points
    assert len(points) == resolution**dimensions
    assert len(torch.unique(points, dim=0)) == len(points)
    grid.put(points @ torch.tensor([1.0, 10.0][:dimensions]))
    lines = np.linspace(0, 1, resolution)
    expected = lines if dimensions == 1 else lines[None, :] + 10 * lines[:, None]
    np.testing.assert_allclose(grid.values, expected, atol=1e-5)


def test_batch_norm_is_recalibrated_where_asked() -> None:
    """With its own averages anew, a first layer ten times as large is the same function."""
    trainer = trained(normed_mlp())
    options: dict[str, Any] = {"resolution": 5, "samples": 50, "sharpness": False}
    plain = last(trainer, **options)["losses"]
    anew = last(trainer, recalibrate=True, **options)["losses"]
    assert not torch.allclose(plain, anew, rtol=1e-2)
    with torch.no_grad():
        trainer.network.get_parameter("linear1.weight").mul_(10)
        trainer.network.get_parameter("linear1.bias").mul_(10)
    again = last(trainer, recalibrate=True, **options)["losses"]
    torch.testing.assert_close(again, anew, rtol=1e-3, atol=1e-3)


def test_it_leaves_the_trainer_as_it_was() -> None:
    trainer = trained(cnn())
    before = trainer.state()
    for recalibrate in (False, True):
        last(trainer, resolution=5, samples=40, recalibrate=recalibrate)
    assert same(before, trainer.state())


def saved(trainer: Trainer, folder: Path, name: str) -> None:
    info = CheckpointInfo(name, trainer.steps_taken, trainer.epoch, 0, 0.0, {})
    checkpoint.save(folder, info, trainer.state())


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_between_checkpoints_the_ends_are_their_own_losses(tmp_path: Any, precision: str) -> None:
    trainer = trained(mlp(6, precision=precision), 10)
    losses, states = [], []
    for name in ("early", "later"):
        saved(trainer, tmp_path, name)
        losses.append(trainer.evaluate()["train_loss"])
        states.append(trainer.state())
        for _ in range(30):
            trainer.step()
    now = trainer.evaluate()["train_loss"]
    options: dict[str, Any] = {"directions": "checkpoints", "samples": 1000, "sharpness": False}
    options["history"] = History(checkpoints=tmp_path)
    line = last(trainer, dimensions=1, checkpoints=["early"], resolution=7, **options)
    # From −0.125 to 1.125 in steps of 1.25/6: neither end is a point, so the curve is asked at them.
    np.testing.assert_allclose(line["marks"].flatten(), [0, 1])
    assert float(line["centre"]) == pytest.approx(now, rel=1e-5)
    plane = last(trainer, dimensions=2, checkpoints=["early", "later"], resolution=81, **options)
    for mark, loss in zip(plane["marks"], [now, *losses], strict=True):
        row = int((plane["y"] - mark[1]).abs().argmin())
        column = int((plane["x"] - mark[0]).abs().argmin())
        assert float(plane["losses"][row, column]) == pytest.approx(loss, rel=0.1)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_plane_of_the_watched_path_is_drawn_with_the_path(precision: str) -> None:
    trainer = trained(mlp(6, precision=precision), 0)
    look = Trajectory(samples=1000).prepare(trainer)
    look()
    for _ in range(40):
        for _ in range(3):
            trainer.step()
        look()
    history = History({f"trajectory/{name}": tensor for name, tensor in look.kept().items()})
    trainer.step()  # the snapshot may be some steps after the path's last point
    arrays = last(trainer, history=history, directions="path", resolution=61, samples=1000, sharpness=False)
    assert arrays["path"].shape == (41, 2)
    assert float(arrays["path"][-1].norm()) < 0.2 * float(arrays["path"][0].norm())
    # Where the path lies nearly in the plane, the loss there is nearly its own.
    near = int(arrays["path.distance"][:-5].argmin())
    row = int((arrays["y"] - arrays["path"][near, 1]).abs().argmin())
    column = int((arrays["x"] - arrays["path"][near, 0]).abs().argmin())
    own = float(arrays["path.losses"][near])
    assert float(arrays["losses"][row, column]) == pytest.approx(own, rel=0.2)


# Refusals ---------------------------------------------------------------------------------------------------


def test_millions_of_weights_get_an_estimate_and_a_choice() -> None:
    experiment = mlp(1000, 1000)
    study = Landscape(resolution=101, samples=5000)
    expected = r"billion multiply-adds.*expected at most 500 billion.*budget"
    with pytest.raises(InvalidCommand, match=expected) as refused:
        study.check_experiment(experiment)
    assert [problem.pointer for problem in refused.value.problems] == ["/study/budget"]
    with pytest.raises(
        InvalidCommand, match=r"take 0\.\d+ billion .* less than a second .* most 0.001 billion"
    ):
        Landscape(budget=0.001).check_experiment(mlp(8))
    Landscape(resolution=101, samples=5000, budget=1e6).check_experiment(experiment)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_estimate_counts_the_samples_that_there_are(split: str) -> None:
    trainer = Trainer(mlp(8))
    samples = len(trainer.data.train if split == "train" else trainer.data.test)
    cost = 5**2 * samples * trainer.plan.macs / 1e9
    options = {"resolution": 5, "samples": 50_000, "set": split}
    Landscape.model_validate({**options, "budget": 1.01 * cost}).check_experiment(trainer.experiment)
    with pytest.raises(InvalidCommand, match=f"25 points on {samples:,} samples"):
        Landscape.model_validate({**options, "budget": 0.99 * cost}).check_experiment(trainer.experiment)


def test_what_is_not_there_is_said() -> None:
    trainer = trained(mlp(4), 1)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"directions": "path"}, "trajectory.*expected"),
        ({"directions": "checkpoints", "checkpoints": ["best"]}, "1 checkpoints; expected 2"),
        ({"directions": "checkpoints", "checkpoints": ["best"], "dimensions": 1}, "no run.*expected"),
    ]
    for options, words in wrong:
        with pytest.raises(ValueError, match=words):
            last(trainer, **options)
