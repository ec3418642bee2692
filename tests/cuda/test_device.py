"""On the card all is as on the CPU: every item trains, every probe and study shows the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from glassnet.engine.catalog import Item, kind_of
from glassnet.engine.conformance.places import made, placed
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.frame import decode, encode
from glassnet.engine.network.limits import Limits
from glassnet.engine.probes import Picture
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.memory_estimate import estimate
from glassnet.engine.training.together import FEWEST, GPU_SHARE, at_once
from glassnet.engine.training.trainer import Trainer
from tests.catalog.items import ITEMS, TRAINED
from tests.catalog.test_built import subjects
from tests.engine.experiments import cnn, dropout_mlp, losses, mlp, residual_cnn

#: What draws from the device's own generator: the same distribution, other numbers.
DRAWS = {"dropout", "augmentations", "alexnet", "zfnet", "vgg"}

NETWORKS = {"dense": lambda: mlp(8, 8), "dropout": dropout_mlp, "images": cnn, "residual": residual_cnn}


@pytest.mark.parametrize(
    ("family", "item"), TRAINED, ids=[f"{family}-{kind_of(item)}" for family, item in TRAINED]
)
def test_every_item_trains_as_on_the_cpu(family: str, item: type[Item], device: str) -> None:
    document, _ = placed(family, item)
    experiment = Experiment.parse(document)
    trainer, known = Trainer(experiment, device=device), Trainer(experiment)
    found, expected = losses(trainer, 6), losses(known, 6)
    assert torch.equal(trainer.order.permutation, known.order.permutation)
    assert np.isfinite(found).all()
    assert all(np.isfinite(value) for value in trainer.evaluate().values())
    if family not in DRAWS and kind_of(item) not in DRAWS:
        # In float32 two devices add up in another order; a few steps make little of it.
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "dropout"])
def test_fifty_losses_are_those_of_the_cpu(name: str, precision: str, device: str) -> None:
    document = NETWORKS[name]().document()
    document["training"]["precision"] = precision
    experiment = Experiment.parse(document)
    found, expected = losses(Trainer(experiment, device=device), 50), losses(Trainer(experiment), 50)
    assert np.abs(np.array(found) - np.array(expected)).max() < 1e-4


def both(document: dict[str, Any], device: str) -> tuple[Trainer, Trainer]:
    """A trainer on the device and one on the CPU, at the same place of the same training."""
    experiment = Experiment.parse(document)
    known, there = Trainer(experiment), Trainer(experiment, device=device)
    losses(known, 12)
    there.load(known.state())
    return there, known


def assert_same_frame(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, array in found.items():
        assert array.shape == expected[name].shape, name
        assert array.dtype == expected[name].dtype, name


@pytest.mark.parametrize(
    "item", [i for f, i in ITEMS if f == "probes" and issubclass(i, Picture)], ids=kind_of
)
def test_every_probe_shows_the_same(item: type[Picture], device: str) -> None:
    taken = 0
    for document in subjects():
        probe, frames = made(item), []
        for trainer in both(document, device):
            try:
                look = probe.prepare(trainer)
            except ValueError:
                continue
            look()
            frames.append(decode(encode({}, look()))[1])
        if frames:
            assert_same_frame(*frames)
            for name, array in frames[0].items():
                if array.dtype == np.float32 and np.isfinite(array).all():
                    np.testing.assert_allclose(array, frames[1][name], rtol=0.02, atol=0.02, err_msg=name)
            taken += 1
        if taken == 3:
            break
    assert taken


@pytest.mark.parametrize("item", [i for _, i in ITEMS if issubclass(i, NetworkStudy)], ids=kind_of)
def test_every_study_comes_to_the_same_first_sights(item: type[Study], device: str) -> None:
    for document in subjects():
        study, seen = made(item), []
        assert isinstance(study, NetworkStudy)
        assert not isinstance(study, FreeStudy)
        for trainer in both(document, device):
            try:
                study.check(trainer.plan)
                frames: Iterator[Any] = study.compute(trainer)
                seen.append([decode(encode({}, next(frames).arrays))[1] for _ in range(1)])
            except ValueError:
                continue
        if len(seen) == 2:
            for found, expected in zip(*seen, strict=True):
                assert found.keys() == expected.keys()
            return
    raise AssertionError("it applies to no experiment here")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_checkpoint_goes_from_one_device_to_the_other(name: str, device: str, tmp_path: Path) -> None:
    experiment = NETWORKS[name]()
    for source, target in ((device, "cpu"), ("cpu", device)):
        trainer, other = Trainer(experiment, device=source), Trainer(experiment, device=target)
        losses(trainer, 15)
        info = CheckpointInfo("latest", 15, trainer.epoch, 0, 0.0, {})
        checkpoint.save(tmp_path, info, trainer.state())
        state = checkpoint.read(tmp_path, "latest")[1]
        other.load(state)
        assert other.steps_taken == 15
        for mine, theirs in zip(trainer.network.parameters(), other.network.parameters(), strict=True):
            assert torch.equal(mine.cpu(), theirs.cpu())
        assert np.isfinite(losses(other, 10)).all()
        again = Trainer(experiment, device=source)
        again.load(state)
        assert losses(again, 10) == losses(trainer, 10)


@pytest.mark.parametrize("name", NETWORKS)
def test_evaluation_and_predictions_are_those_of_the_cpu(name: str, device: str) -> None:
    there, known = both(NETWORKS[name]().document(), device)
    found, expected = there.evaluate(), known.evaluate()
    assert found.keys() == expected.keys()
    for metric, value in found.items():
        assert value == pytest.approx(expected[metric], abs=1e-4), metric
    inputs = known.data.test.inputs
    agree = there.predict(there.data.test.inputs).cpu() == known.predict(inputs)
    assert agree.float().mean() > 0.98


def test_an_exported_script_knows_no_device(device: str) -> None:
    there, known = both(mlp(8).document(), device)
    assert script(there.experiment) == script(known.experiment)


def test_a_divergence_is_found_and_gone_back_from(device: str) -> None:
    document = mlp(
        4,
        activation="identity",
        data={"kind": "regression_plane"},
        task={"kind": "regression", "losses": [{"kind": "mse"}]},
        optimizer={"kind": "sgd", "learning_rate": 100},
    ).document()
    found = []
    for where in (device, "cpu"):
        trainer = Trainer(Experiment.parse(document), device=where)
        with pytest.raises(Diverged) as caught:
            losses(trainer, 200)
        found.append((caught.value.reason, trainer.steps_taken))
    assert found[0] == found[1]


def test_a_deterministic_training_is_the_same_to_the_last_bit_each_time(device: str) -> None:
    """With windows that overlap, whose gradients a GPU else adds up as they come."""
    document = cnn(deterministic=True).document()
    pool = next(node for node in document["network"] if node["kind"] == "max_pool2d")
    pool |= {"kernel": 3, "stride": 1}
    experiment = Experiment.parse(document)
    try:
        first, second = (losses(Trainer(experiment, device=device), 20) for _ in range(2))
        assert first == second
        assert torch.are_deterministic_algorithms_enabled() == (device != "cpu")
        Trainer(cnn(), device=device)
        assert not torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)


def test_trainings_are_taken_together_as_a_cards_memory_allows(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a GPU the bound is of its free memory by the estimate; arithmetic may be larger than on a CPU."""
    if device == "cpu":
        pytest.skip("the bounds of a CPU are tested in tests/engine/test_together.py")
    small, wide = Trainer(mlp(4), device=device), Trainer(mlp(512, 512), device=device)
    each = estimate(small.experiment, small.plan)
    for room, count in ((1000, 200), (20, 20), (FEWEST - 1, 1)):
        free = round((each.total - each.base) * (room + 0.5) / GPU_SHARE)
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda free=free: (free, 64 << 30))
        assert at_once(small, 200) == count, room
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (48 << 30, 64 << 30))
    assert at_once(wide, 40) == 40
    card = Mock(multi_processor_count=2, max_threads_per_multi_processor=1024)
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda device: card)
    assert at_once(wide, 40) == 1, "a step of one fills this card"


def test_no_more_are_taken_together_than_the_limits_of_a_network_allow(device: str) -> None:
    limits = Limits(parameters=100 * 17, activations=None)
    trainer = Trainer(mlp(4), device=device, limits=limits)
    assert at_once(trainer, 200) == 1700 // trainer.plan.parameters
