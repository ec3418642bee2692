"""Looking at a trainer: it touches nothing that training reads, and evaluates whole sets."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import Picture
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import (
    Document,
    cnn,
    dropout_mlp,
    losses,
    mlp,
    residual,
    same,
)


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
    monkeypatch.setattr("glassnet.engine.training.evaluator.EVALUATION_BATCH", 33)
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
