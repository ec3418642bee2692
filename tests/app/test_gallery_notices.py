"""What the gallery says of an example is seen when it is trained (`notice` in app/gallery.json)."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from glassnet.app.api.gallery import examples
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.edits import patched
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer

pytestmark = pytest.mark.thorough


class Trained(NamedTuple):
    trainer: Trainer
    first: dict[str, float]
    last: dict[str, float]
    #: The test loss after each epoch.
    course: list[float]


def example(name: str) -> Experiment:
    return next(each.experiment for each in examples() if each.slug == name)


@cache
def trained(name: str, epochs: int | None = None) -> Trained:
    trainer = Trainer(example(name))
    first, course = trainer.evaluate(), []
    while not trainer.finished and (epochs is None or trainer.epoch < epochs):
        trainer.step()
        if trainer.steps_taken % trainer.steps_per_epoch == 0:
            course.append(trainer.evaluate()["test_loss"])
    return Trained(trainer, first, trainer.evaluate(), course)


def parameter(found: Trained, name: str) -> Tensor:
    return found.trainer.evaluation_network.get_parameter(name).detach()


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("spiral", 0.97),
        ("circle", 0.98),
        ("gauss", 0.95),
        ("circle-squares", 1.0),
        ("deep-batch-norm", 0.95),
        ("wine", 0.94),
        ("breast-cancer", 0.95),
        ("digits", 0.95),
        ("digits-empty", 0.9),
        ("digits-residual", 0.97),
        ("gratings", 0.9),
    ],
)
def test_it_is_learned(name: str, least: float) -> None:
    assert trained(name).last["test_accuracy"] >= least


def test_hills_have_the_right_sign() -> None:
    found = trained("six-hills").trainer
    centres = torch.tensor([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    heights = found.predict(found.data.transform(centres)).flatten()
    assert torch.sign(heights).tolist() == [1, -1, 1, -1, 1, -1]


def test_the_plane_is_fitted_exactly() -> None:
    found = trained("plane")
    assert torch.allclose(parameter(found, "output.weight"), torch.tensor([[0.1, 0.1]]), atol=1e-3)
    assert abs(float(parameter(found, "output.bias"))) < 1e-3
    assert found.last["test_loss"] < 1e-5


def test_one_hidden_unit_leaves_a_fifth_of_the_points_wrong() -> None:
    assert trained("xor-one-unit").last["train_accuracy"] <= 0.8


def test_a_perceptron_learns_and_and_then_rests() -> None:
    found = trained("perceptron-and")
    assert found.last["train_accuracy"] == 1
    assert found.last["train_loss"] == 0, "no sample is wrong, and none moves the line any more"


def test_no_perceptron_learns_exclusive_or_and_a_layer_of_four_does() -> None:
    found = trained("perceptron-xor")
    assert found.last["train_accuracy"] < 0.8
    [warning] = found.trainer.plan.warnings
    assert warning.remedy is not None
    document = patched(example("perceptron-xor").document(), list(warning.remedy.patch))
    trainer = Trainer(Experiment.parse(document))
    while not trainer.finished:
        trainer.step()
    assert trainer.evaluate()["train_accuracy"] == 1


def test_a_gradient_shrinks_through_six_sigmoids_and_nothing_is_learned() -> None:
    trainer = Trainer(example("deep-sigmoid"))
    trainer.step()
    sizes = {
        name: float(gradient.norm())
        for group in trainer.groups
        for name, gradient in zip(group.names, group.gradients, strict=True)
        if name.endswith("weight")
    }
    assert sizes["linear1.weight"] < 1e-3 * sizes["output.weight"]
    assert all(abs(loss - 0.693) < 0.02 for loss in trained("deep-sigmoid").course[5:])


def test_a_rate_that_is_too_high_diverges_by_ever_longer_steps() -> None:
    trainer = Trainer(example("rate-too-high"))
    losses = [trainer.evaluate()["train_loss"]]

    def train_on() -> None:
        while True:
            trainer.step()
            losses.append(trainer.evaluate()["train_loss"])

    with pytest.raises(Diverged, match="of node 'output' is not finite"):
        train_on()
    growing = [after > before for before, after in pairwise(losses[5:])]
    assert len(growing) > 10
    assert all(growing)


def test_weights_that_begin_at_zero_stay_there() -> None:
    found = trained("all-zero")
    weights = [name for name, _ in found.trainer.evaluation_network.named_parameters() if "weight" in name]
    assert all(float(parameter(found, name).abs().max()) == 0 for name in weights)


def test_few_points_are_learned_by_heart_and_weight_decay_keeps_the_test_loss_down() -> None:
    plain, decayed = trained("few-points"), trained("few-points-decay")
    assert plain.last["train_accuracy"] == 1
    assert plain.last["train_loss"] < 0.01
    assert plain.last["test_loss"] > 2 * min(plain.course)
    assert decayed.last["test_loss"] < 0.3 * plain.last["test_loss"]


def test_setosa_is_told_apart_from_the_two_others() -> None:
    found = trained("iris").trainer
    told, true = found.predict(found.data.test.inputs), found.data.test.targets
    assert torch.equal(told == 0, true == 0)
    assert trained("iris").last["test_accuracy"] < 1


def test_measurements_as_they_are_begin_at_a_large_loss_and_are_learned_later() -> None:
    raw, normalised = trained("wine-raw", 10), trained("wine", 10)
    assert raw.first["train_loss"] > 20 * normalised.first["train_loss"]
    assert raw.last["train_accuracy"] < normalised.last["train_accuracy"]


def test_a_positive_weight_speaks_for_benign() -> None:
    found = trained("breast-cancer").trainer
    assert (found.data.dataset.classes or ())[1] == "benign"
    benign = found.data.train.targets == 1
    scores = found.evaluation_network(found.data.train.inputs)["output"]
    assert scores[benign].mean() > 0 > scores[~benign].mean()


def test_patients_are_learned_by_heart_and_less_so_with_dropout() -> None:
    plain, dropped = trained("diabetes"), trained("diabetes-dropout")
    assert plain.course.index(min(plain.course)) < 15
    assert plain.last["test_loss"] > 1.5 * min(plain.course)
    assert dropped.last["train_loss"] > 3 * plain.last["train_loss"]
    assert dropped.last["test_loss"] < 0.75 * plain.last["test_loss"]


def test_convolutions_read_as_well_with_a_third_of_the_weights() -> None:
    dense, convolved = trained("digits"), trained("digits-convolution")
    assert convolved.trainer.plan.parameters < dense.trainer.plan.parameters / 3
    assert convolved.last["test_accuracy"] >= dense.last["test_accuracy"] - 0.005


def test_first_maps_are_as_large_as_is_said() -> None:
    sides = {
        name: Trainer(example(name)).plan[f"{name.partition('-')[0]}.conv1"].shape[-1]
        for name in ("alexnet-shapes", "zfnet-shapes")
    }
    assert sides == {"alexnet-shapes": 15, "zfnet-shapes": 30}
