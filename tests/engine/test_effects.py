"""Effects that settings of published lore must show: tests of direction, the cheap one in every run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import torch

from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes.histograms import Histograms
from glassnet.engine.studies.cures import Cures
from glassnet.engine.training.trainer import Trainer

PRESETS = Path(__file__).resolve().parents[2] / "app" / "presets"


def preset(name: str) -> dict[str, Any]:
    """The document of a preset."""
    document: dict[str, Any] = json.loads((PRESETS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def trained(document: dict[str, Any]) -> Trainer:
    """The trainer of a document, at the end of its training."""
    trainer = Trainer(Experiment.parse(document))
    while not trainer.finished:
        trainer.step()
    return trainer


def deep(activation: str, initializer: str) -> dict[str, Any]:
    """Ten hidden layers of 64 on the digits."""
    layer = [{"kind": "linear", "units": 64, "initializer": {"kind": initializer}}, {"kind": activation}]
    output = {"kind": "linear", "name": "output", "units": None, "initializer": {"kind": initializer}}
    return {
        "data": {"kind": "digits"},
        "network": [{"kind": "flatten"}, *layer * 10, output],
        "training": {"batch_size": 64},
    }


@pytest.mark.parametrize(
    ("activation", "initializer", "low", "high"),
    [("sigmoid", "xavier", 0, 1e-4), ("tanh", "xavier", 0.2, 5), ("relu", "he", 0.05, 3)],
)
def test_a_gradient_decays_through_sigmoids_and_not_through_tanh_or_relu(
    activation: str, initializer: str, low: float, high: float
) -> None:
    trainer = Trainer(Experiment.parse(deep(activation, initializer)))
    trainer.step()
    [group] = trainer.groups
    sizes = {name: float(g.norm()) for name, g in zip(group.names, group.gradients, strict=True)}
    assert low <= sizes["linear1.weight"] / sizes["linear10.weight"] <= high


@pytest.mark.thorough
def test_eight_sigmoid_layers_learn_nothing_where_eight_relu_layers_do() -> None:
    document = preset("28-digits-eight-sigmoids")
    assert trained(document).evaluate()["train_accuracy"] < 0.2
    for node in document["network"]:
        if node["kind"] == "sigmoid":
            node["kind"] = "relu"
    document["training"]["updates"][0]["optimizer"]["learning_rate"] = 0.05
    assert trained(document).evaluate()["train_accuracy"] > 0.8


@pytest.mark.thorough
def test_fifty_plain_layers_train_worse_than_eight_and_fifty_with_shortcuts_do_not() -> None:
    deep = preset("41-digits-fifty-layers")
    [layers] = [node for node in deep["network"] if node["kind"] == "subnetwork"]
    assert trained(deep).evaluate()["train_loss"] > 1
    layers["times"] = 3
    assert trained(deep).evaluate()["train_loss"] < 0.3
    assert trained(preset("42-digits-fifty-layers-residual")).evaluate()["train_loss"] < 0.2


@pytest.mark.thorough
def test_the_best_cure_of_ten_sigmoid_layers_makes_them_learn() -> None:
    document = preset("37-digits-ten-sigmoids")
    assert trained(document).evaluate()["train_accuracy"] < 0.2
    experiment = Experiment.parse(document)
    study = Cures(trouble="vanishing")
    *_, last = study.compute(Trainer(experiment))
    best = int(last.arrays["rank"].argmin())
    assert best > 0, "a cure, not the unchanged run"
    cured = apply_patch(experiment, list(study.chosen(experiment)[best - 1].patch))
    assert trained(cured.document()).evaluate()["test_accuracy"] > 0.85


@pytest.mark.parametrize(
    ("name", "node", "drifts"),
    [("38-digits-drift", "linear3", True), ("39-digits-drift-batch-norm", "batch_norm3", False)],
)
def test_what_a_layer_reads_drifts_unless_it_is_normalised(name: str, node: str, drifts: bool) -> None:
    """Means and standard deviations of what the third sigmoid reads, as the example's histograms have them.

    From the second epoch on: before it, the running averages of a batch norm are still those of no batch.
    """
    trainer = Trainer(Experiment.parse(preset(name)))
    look = Histograms().prepare(trainer)
    while not trainer.finished:
        if trainer.steps_taken % trainer.steps_per_epoch == 0:
            look()
        trainer.step(observed=False)
    arrays = look()
    place = [placed.name for placed in trainer.plan.nodes].index(node)
    mean, std = arrays["activation.mean"][2:, place], arrays["activation.std"][2:, place]
    if drifts:
        assert mean.max() - mean.min() > 1
        assert std.max() > 4 * std.min()
        return
    assert mean.abs().max() < 0.1
    assert std.max() < 1.6 * std.min()


def at_any_angle(trainer: Trainer) -> float:
    """The accuracy on test pictures turned by no, one, two and three right angles."""
    test, found = trainer.data.test, []
    for turns in range(4):
        with torch.no_grad():
            outputs = trainer.evaluation_network(torch.rot90(test.inputs[:], turns, (2, 3)))
        found.append((outputs["output"].argmax(1) == test.targets).double().mean())
    return float(torch.stack(found).mean())


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pooling_over_tiles_learns_to_ignore_the_angle_and_over_one_filter_does_not(seed: int) -> None:
    document = preset("43-digits-turned") | {"seed": seed}
    tiled = at_any_angle(trained(document))
    document["network"][0]["tiles"] = 1
    shared = at_any_angle(trained(document))
    assert tiled > 0.75 > 0.7 > shared


def dead(trainer: Trainer) -> float:
    """The share of hidden units that are 0 for every training sample."""
    with torch.no_grad():
        outputs = trainer.evaluation_network(trainer.data.train.inputs[:])
    silent = [outputs[name].amax(0) <= 0 for name in ("relu1", "relu2")]
    return float(torch.cat(silent).double().mean())


def test_a_rate_that_is_too_high_kills_half_of_the_relus() -> None:
    document = preset("29-digits-dead-relus")
    assert dead(trained(document)) > 0.4
    document["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 0.1}
    assert dead(trained(document)) < 0.15


def test_dropout_keeps_wrong_labels_from_being_learned_by_heart() -> None:
    plain = trained(preset("35-digits-wrong-labels"))
    dropped = trained(preset("36-digits-wrong-labels-dropout"))
    assert len(plain.data.train) == 400
    heart, kept = plain.evaluate(), dropped.evaluate()
    assert heart["train_accuracy"] > 0.98
    assert heart["test_accuracy"] < 0.87
    assert kept["train_accuracy"] < 0.92
    assert kept["test_accuracy"] > 0.88


@pytest.mark.thorough
def test_a_sigmoid_before_binary_cross_entropy_takes_the_answers_away_and_its_remedy_brings_them_back() -> (
    None
):
    document = preset("32-breast-cancer")
    well = trained(document).evaluate()["test_accuracy"]
    document["network"].append({"kind": "sigmoid"})
    badly = trained(document)
    assert well > 0.95
    assert badly.evaluate()["test_accuracy"] < 0.7
    [warning] = badly.plan.warnings
    assert warning.remedy is not None
    mended = jsonpatch.apply_patch(badly.experiment.document(), warning.remedy.patch)
    assert trained(mended).evaluate()["test_accuracy"] == pytest.approx(well)
