"""Probes: what their arrays hold, against the network asked directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix
from torch import Tensor

from glassnet.engine.experiment.experiment import Experiment, parse_probes
from glassnet.engine.frame import decode, encode
from glassnet.engine.probes import Arrays, Picture
from glassnet.engine.probes.surface import columns, grid
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, cnn, experiment, losses, mlp, residual

BCE: Document = {"kind": "classification", "losses": [{"kind": "binary_cross_entropy"}]}


def picture(**options: Any) -> Picture:
    (probe,) = parse_probes([options])
    assert isinstance(probe, Picture)
    return probe


def look(trainer: Trainer, **options: Any) -> Arrays:
    return picture(**options).prepare(trainer)()


def read(arrays: Arrays, name: str) -> np.ndarray:
    """The values of a picture, each map in its own range."""
    levels, ranges = arrays[name].double().numpy(), arrays[f"{name}.range"].double().numpy()
    low, high = np.moveaxis(ranges, -1, 0)
    shape = (-1,) + (1,) * (levels.ndim - 1) if ranges.ndim > 1 else ()
    result: np.ndarray = low.reshape(shape) + levels / 255 * (high - low).reshape(shape)
    return result


def level(arrays: Arrays, name: str) -> float:
    ranges = arrays[f"{name}.range"]
    return float((ranges[..., 1] - ranges[..., 0]).max()) / 255


# Keys -----------------------------------------------------------------------------------------------------


def test_a_key_is_of_the_options_but_not_of_the_rate() -> None:
    assert picture(kind="surface", hz=3).key == picture(kind="surface", hz=30).key
    assert picture(kind="surface").key == picture(kind="surface", resolution=50).key
    different = [
        picture(kind="surface"),
        picture(kind="surface", resolution=60),
        picture(kind="surface", units=[]),
        picture(kind="surface", units=["a"]),
        picture(kind="weights"),
    ]
    assert len({probe.key for probe in different}) == len(different)


# The surface ----------------------------------------------------------------------------------------------


def test_the_grid_covers_the_plane_from_the_top_left_row_by_row() -> None:
    points = grid(6, 3)
    assert points.tolist() == [
        [-6, 6], [0, 6], [6, 6],
        [-6, 0], [0, 0], [6, 0],
        [-6, -6], [0, -6], [6, -6],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "scale"),
    [
        ({"kind": "classification"}, lambda z: torch.softmax(z, 1)[:, 1] - torch.softmax(z, 1)[:, 0]),
        (BCE, lambda z: 2 * torch.sigmoid(z[:, 0]) - 1),
        (
            {"kind": "classification", "losses": [{"kind": "hinge"}]},
            lambda z: z[:, 0].clamp(-1, 1),
        ),
    ],
    ids=["cross_entropy", "binary_cross_entropy", "hinge"],
)
@pytest.mark.parametrize("replay", [True, False])
def test_the_surface_is_the_answer_at_each_point(task: Document, scale: Any, replay: bool) -> None:
    trainer = Trainer(mlp(5, 3, task=task), replay=replay)
    shown = picture(kind="surface", resolution=20).prepare(trainer)
    for _ in range(2):
        losses(trainer, 15)
        arrays = shown()
        with torch.no_grad():
            values = trainer.evaluation_network(grid(6, 20))
        expected = scale(values["output"]).reshape(20, 20)
        assert arrays["output"].dtype == torch.uint8
        np.testing.assert_allclose(
            read(arrays, "output"), expected.numpy(), atol=0.51 * level(arrays, "output") + 1e-5
        )
        for name, unit in (("unit/tanh1", values["tanh1"]), ("unit/input", grid(6, 20))):
            maps = unit.t().reshape(-1, 20, 20)
            assert arrays[name].shape == maps.shape
            np.testing.assert_allclose(
                read(arrays, name), maps.numpy(), atol=0.51 * level(arrays, name) + 1e-5
            )


def test_heatmaps_are_of_the_features_as_the_network_gets_them() -> None:
    data = {"kind": "gauss", "features": ["x1_squared", "sin_x2"], "normalize": {"kind": "standardize"}}
    trainer = Trainer(mlp(3, data=data))
    arrays = look(trainer, kind="surface", resolution=16)
    expected = trainer.data.transform(grid(6, 16)).t().reshape(2, 16, 16)
    np.testing.assert_allclose(
        read(arrays, "unit/input"), expected.numpy(), atol=0.51 * level(arrays, "unit/input") + 1e-5
    )


def test_regression_surfaces_are_clamped_to_what_can_be_drawn() -> None:
    made = mlp(data={"kind": "regression_plane"}, task={"kind": "regression", "losses": [{"kind": "mse"}]})
    trainer = Trainer(made)
    with torch.no_grad():
        trainer.network.get_parameter("output.weight").fill_(1.0)
    arrays = look(trainer, kind="surface")
    assert arrays["output.range"].tolist() == [-1, 1]


def test_each_column_of_the_drawing_has_its_last_node() -> None:
    trainer = Trainer(
        experiment(
            [
                {"kind": "linear", "name": "a"},
                {"kind": "batch_norm", "name": "n"},
                {"kind": "tanh", "name": "t"},
                {"kind": "linear", "name": "b"},
                {"kind": "relu", "name": "r"},
                {"kind": "concatenate", "name": "c", "inputs": ["b", "r"]},
                {"kind": "linear", "name": "output", "units": None},
            ]
        )
    )
    assert columns(trainer.plan) == ["input", "t", "b", "r", "c", "output"]
    assert columns(Trainer(residual()).plan)[:4] == ["input", "block1.tanh", "block1.shortcut", "block1.sum"]


def test_units_can_be_chosen() -> None:
    trainer = Trainer(residual())
    arrays = look(trainer, kind="surface", units=["block1.sum"])
    assert {name for name in arrays if name.startswith("unit/") and not name.endswith(".range")} == {
        "unit/input",
        "unit/block1.sum",
    }


@pytest.mark.parametrize(
    ("made", "options", "words"),
    [
        (cnn(), {"kind": "surface"}, "'digits' has no plane"),
        (
            mlp(4),
            {"kind": "surface", "units": ["nowhere"]},
            "'nowhere' names no node; expected one of linear1",
        ),
        (
            mlp(data={"kind": "regression_plane"}, task={"kind": "regression", "losses": [{"kind": "mse"}]}),
            {"kind": "confusion_matrix"},
            "expected classes",
        ),
    ],
)
def test_a_probe_that_cannot_apply_says_why(made: Experiment, options: Document, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        picture(**options).prepare(Trainer(made))


# Weights --------------------------------------------------------------------------------------------------


def test_weights_are_every_parameter_as_it_stands() -> None:
    trainer = Trainer(cnn())
    shown = picture(kind="weights").prepare(trainer)
    losses(trainer, 3)
    arrays = shown()
    assert arrays.keys() == dict(trainer.network.named_parameters()).keys()
    for name, parameter in trainer.network.named_parameters():
        assert torch.equal(arrays[name], parameter)


@pytest.mark.parametrize("shape", [(300, 200), (5000,), (2, 3, 60, 60), (1, 100_000), (17, 1, 1, 400)])
def test_large_parameters_are_thinned_evenly(shape: tuple[int, ...]) -> None:
    from glassnet.engine.probes.weights import _thinned

    tensor = torch.arange(float(np.prod(shape))).reshape(shape)
    thinned = _thinned(tensor, 1000)
    assert 100 <= thinned.numel() <= 1000
    assert thinned.ndim == tensor.ndim
    assert thinned.flatten()[0] == 0
    for axis in range(tensor.ndim):
        steps = thinned.transpose(0, axis).reshape(thinned.shape[axis], -1)[:, 0].diff()
        assert len(torch.unique(steps)) <= 1


def test_a_thinned_parameter_says_its_real_shape() -> None:
    arrays = look(Trainer(mlp(100, 50)), kind="weights", limit=100)
    assert arrays["linear2.weight.shape"].tolist() == [50, 100]
    assert arrays["linear2.weight"].numel() <= 100
    assert "output.bias.shape" not in arrays


# Samples and confusion ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made", [mlp(4), mlp(4, data={"kind": "iris"}), cnn()], ids=["two", "iris", "digits"]
)
def test_the_confusion_matrix_is_scikit_learns(made: Experiment) -> None:
    trainer = Trainer(made)
    shown = picture(kind="confusion_matrix").prepare(trainer)
    losses(trainer, 10)
    arrays = shown()
    for name, samples in (("train", trainer.data.train), ("test", trainer.data.test)):
        predicted = trainer.evaluation_network(samples.inputs)["output"].argmax(dim=1)
        classes = list(range(len(made.data.classes or ())))
        expected = confusion_matrix(samples.targets.numpy(), predicted.numpy(), labels=classes)
        np.testing.assert_array_equal(arrays[name].numpy(), expected)


def test_samples_are_the_first_of_each_set_with_targets_and_predictions() -> None:
    trainer = Trainer(mlp(4))
    arrays = look(trainer, kind="samples", count=30)
    for name, samples in (("train", trainer.data.train), ("test", trainer.data.test)):
        assert torch.equal(arrays[f"{name}/inputs"], samples.raw[:30])
        assert arrays[f"{name}/targets"].dtype == torch.int32
        assert arrays[f"{name}/targets"].tolist() == samples.targets[:30].tolist()
        said = trainer.predict(samples.inputs[:30])
        assert arrays[f"{name}/predictions"].tolist() == said.tolist()


def test_pictures_of_samples_are_bytes() -> None:
    trainer = Trainer(cnn())
    arrays = look(trainer, kind="samples", count=5)
    assert (arrays["test/inputs"].dtype, arrays["test/inputs"].shape) == (torch.uint8, (5, 1, 8, 8))
    np.testing.assert_allclose(
        read(arrays, "test/inputs"),
        trainer.data.test.raw[:5].numpy(),
        atol=0.51 * level(arrays, "test/inputs"),
    )


def test_values_are_sent_as_they_are() -> None:
    made = mlp(4, data={"kind": "diabetes"}, task={"kind": "regression", "losses": [{"kind": "mse"}]})
    trainer = Trainer(made)
    arrays = look(trainer, kind="samples", count=7)
    assert arrays["train/targets"].dtype == torch.float32
    assert torch.equal(arrays["train/targets"], trainer.data.train.targets[:7])


@pytest.mark.parametrize("made", [mlp(4), cnn(), residual()], ids=["spiral", "digits", "residual"])
def test_every_picture_can_be_a_frame(made: Experiment) -> None:
    trainer = Trainer(made)
    for kind in ("surface", "weights", "confusion_matrix", "samples"):
        if kind == "surface" and made.data.plane is None:
            continue
        arrays = look(trainer, kind=kind)
        _, found = decode(encode({}, arrays))
        assert found.keys() == arrays.keys()
        assert all(isinstance(array, Tensor) for array in arrays.values())
