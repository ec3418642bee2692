"""Losses with names: their rows, beside the loss that is their weighted sum."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.recorded import evaluated_metrics
from glassnet.engine.export.python import script
from glassnet.engine.training.trainer import Trainer

TWO_HEADS: dict[str, Any] = {
    "data": {"kind": "spiral", "validation_share": 0.2},
    "network": [
        {"kind": "linear", "units": 8},
        {"kind": "tanh", "name": "hidden"},
        {"kind": "linear", "name": "aside", "units": None},
        {"kind": "linear", "name": "output", "units": None, "inputs": ["hidden"]},
    ],
    "training": {"precision": "float64"},
}


def _experiment(*losses: dict[str, Any], **training: Any) -> Experiment:
    task = {"kind": "classification", "losses": list(losses)}
    return Experiment.parse(TWO_HEADS | {"task": task, "training": {**TWO_HEADS["training"], **training}})


MAIN = {"kind": "cross_entropy", "name": "main"}
ASIDE = {"kind": "cross_entropy", "name": "aside", "node": "aside", "weight": 0.3}


@pytest.mark.parametrize("replicas", [1, 2])
def test_each_named_loss_has_rows_of_its_own(replicas: int) -> None:
    trainer = Trainer(_experiment(MAIN, ASIDE, replicas=replicas))
    for _ in range(5):
        trainer.step()
    means = trainer.evaluate()
    network, data = trainer.evaluation_network, trainer.data
    for name, samples in data.sets().items():
        with torch.no_grad():
            outputs = network(samples.inputs[:])
        compared = torch.nn.functional.cross_entropy
        main, aside = (compared(outputs[node], samples.targets) for node in ("output", "aside"))
        assert means[f"{name}_loss_main"] == pytest.approx(float(main), abs=1e-12)
        assert means[f"{name}_loss_aside"] == pytest.approx(float(aside), abs=1e-12)
        assert means[f"{name}_loss"] == pytest.approx(float(main + 0.3 * aside), abs=1e-12)
    assert set(means) == set(evaluated_metrics(trainer.experiment))


def test_a_loss_without_a_name_has_no_row() -> None:
    trainer = Trainer(_experiment({"kind": "cross_entropy"}, ASIDE))
    assert {name for name in trainer.evaluate() if "loss" in name and name.startswith("test")} == {
        "test_loss",
        "test_loss_aside",
    }


def test_a_name_is_a_live_edit() -> None:
    trainer = Trainer(_experiment(MAIN, ASIDE))
    trainer.step()
    before = trainer.evaluate()["train_loss_aside"]
    trainer.apply_live_edit(_experiment(MAIN, ASIDE | {"name": "helper"}))
    assert trainer.evaluate()["train_loss_helper"] == before


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("main", "'main' is the name of another loss; expected one of its own"),
        ("A b", "'A b'; expected a word of small letters, digits and _, such as objectness"),
        ("", "''; expected a word of small letters, digits and _, such as objectness"),
    ],
)
def test_a_name_is_a_word_of_its_own(name: str, problem: str) -> None:
    with pytest.raises(InvalidExperiment) as caught:
        _experiment(MAIN, ASIDE | {"name": name})
    assert [(found.pointer, found.message) for found in caught.value.problems] == [
        ("/task/losses/1/name", problem)
    ]


def test_a_schedule_follows_a_named_loss_and_so_does_the_script(tmp_path: Path) -> None:
    follows = {"kind": "reduce_on_plateau", "metric": "validation_loss_main", "patience": 0}
    trainer = Trainer(_experiment(MAIN, ASIDE, updates=[{"schedule": {**follows, "threshold": 0.05}}]))
    mine = []
    for _ in range(4 * trainer.steps_per_epoch):
        trainer.step()
        mine.append(trainer.take_loss())
    assert trainer.groups[0].rate < trainer.groups[0].optimizer.learning_rate
    path = tmp_path / "script.py"
    path.write_text(script(trainer.experiment)[0])
    assert runpy.run_path(str(path))["train"](len(mine))[1] == pytest.approx(mine, abs=1e-9)
