"""Transfer: what is taken and what stays fixed, by halves of the classes and from a state dict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.app.api.gallery import PRESETS
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.studies.transfer import WAYS, Transfer, _Tasks, of_classes
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, mlp
from tests.engine.test_starting_weights import starting, stored, trained


def weights(trainer: Trainer, node: str) -> torch.Tensor:
    return trainer.network.get_submodule(node).get_parameter("weight")


def test_the_second_half_of_the_classes_is_learned_with_weights_of_the_first() -> None:
    parent = Trainer(cnn(batch_size=10))
    tasks = _Tasks(parent, pretraining=3, samples=10)
    scratch, features, tuned = (tasks.trainer(way) for way in WAYS)
    assert len(scratch.data.train) == 10
    assert int(scratch.data.train.targets.min()) >= 5
    assert int(scratch.data.test.targets.min()) >= 5
    assert torch.equal(weights(features, "conv1"), weights(tuned, "conv1"))
    assert not torch.equal(weights(features, "conv1"), weights(scratch, "conv1"))
    assert torch.equal(weights(features, "output"), weights(scratch, "output"))
    before = weights(features, "conv1").clone(), weights(tuned, "conv1").clone()
    features.step()
    tuned.step()
    assert torch.equal(weights(features, "conv1"), before[0])
    assert not torch.equal(weights(tuned, "conv1"), before[1])


def signs(curve: torch.Tensor) -> tuple[float, float, float]:
    """Start, slope and end as the panel measures them: the first row, over a quarter, the last quarter."""
    quarter = round(len(curve) / 4)
    return float(curve[1]), float(curve[quarter] - curve[1]), float(curve[-quarter:].mean())


def transferred(seed: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """The signs of training from scratch and of fine-tuning, in the example of the gallery with a seed."""
    document = json.loads((PRESETS / "49-digits-transfer.json").read_bytes())
    *_, last = Transfer().compute(Trainer(Experiment.parse({**document, "seed": seed})))
    return signs(last.arrays["scratch.test_accuracy"]), signs(last.arrays["fine_tuning.test_accuracy"])


def test_fine_tuning_starts_higher_climbs_faster_and_ends_higher_than_from_scratch() -> None:
    scratch, tuned = transferred(seed=0)
    assert all(better > worse for better, worse in zip(tuned, scratch, strict=True)), (tuned, scratch)
    assert tuned[2] > scratch[2] + 0.05


@pytest.mark.thorough
def test_over_seeds_fine_tuning_is_better_on_the_average_and_always_at_the_end() -> None:
    """Forty pictures give some seeds a lucky first row: seed 2 starts higher from scratch."""
    found = torch.tensor([transferred(seed) for seed in range(7)])  # (seeds, ways, signs)
    gain = found[:, 1] - found[:, 0]
    assert (gain[:, 2] > 0).all(), found
    assert (gain.mean(0) > torch.tensor([0.1, 0.2, 0.1])).all(), found


def test_what_a_state_dict_gives_is_transferred_to_all_the_data(tmp_path: Path) -> None:
    blobs, reference = stored(tmp_path, trained())
    parent = Trainer(starting(reference, without=["output"], nodes=["*"]), blobs=blobs)
    *_, last = Transfer(steps=4, rows=2).compute(parent)
    assert {f"{way}.test_loss" for way in WAYS} <= last.arrays.keys()
    assert last.arrays["steps"].tolist() == [0, 2, 4]
    starts = [float(last.arrays[f"{way}.test_loss"][0]) for way in WAYS]
    assert starts[1] == starts[2] != starts[0]
    assert torch.isfinite(last.arrays["gain"])


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        (mlp(4), "fewer than 4 classes"),
        (mlp(data={"kind": "digits"}), "nothing is transferred"),
    ],
    ids=["two classes", "no hidden layer"],
)
def test_where_nothing_can_be_transferred_it_is_refused(experiment: Any, message: str) -> None:
    if experiment.data.kind == "digits":
        document = experiment.document()
        document["network"] = [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}]
        experiment = Experiment.parse(document)
    with pytest.raises(InvalidCommand, match=message):
        Transfer().check_experiment(experiment)


def test_the_data_of_some_classes_are_whole_samples_of_them() -> None:
    data = Trainer(cnn()).data
    some = of_classes(data, 2, 4)
    assert set(some.train.targets.tolist()) == {2, 3}
    assert len(some.train.raw) == len(some.train.inputs) == len(some.train)
