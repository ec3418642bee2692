"""Bias and variance on resamples: the sums are those of the definitions, and the run is left alone."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from glassnet.engine.data.resampling import bootstrapped, noiseless_targets
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import Arrays
from glassnet.engine.random_streams import stream
from glassnet.engine.studies.findings import Findings
from glassnet.engine.studies.resamples import Resamples
from glassnet.engine.training.trainer import Trainer


def experiment(**data: Any) -> Experiment:
    return Experiment.parse(
        {
            "data": {"kind": "circle", "samples": 40, **data},
            "task": {"kind": "classification", "losses": [{"kind": "binary_cross_entropy"}]},
            "network": [{"kind": "linear", "units": 4}, {"kind": "tanh"}, {"kind": "linear", "units": None}],
            "training": {"updates": [{"optimizer": {"kind": "adam", "learning_rate": 0.05}}]},
        }
    )


STUDY = Resamples(networks=3, steps=8, rows=2, resolution=8)


def found(trainer: Trainer, study: Resamples = STUDY) -> Arrays:
    *_, last = study.compute(trainer)
    assert last.done == 1
    return last.arrays


def retrained(parent: Trainer, number: int) -> Trainer:
    """A network of the study, trained by hand."""
    data = bootstrapped(parent.data, stream(0, f"resample {number}"))
    network = Trainer(parent.experiment, data=data)
    for _ in range(8):
        network.step()
    return network


def test_its_numbers_are_those_of_the_definitions() -> None:
    trainer = Trainer(experiment(noise=0.1))
    before = trainer.state()
    arrays = found(trainer)
    networks = [retrained(trainer, number) for number in range(3)]
    with torch.no_grad():
        outputs = [network.evaluation_network(trainer.data.test.inputs[:]) for network in networks]
    score = torch.stack([values["linear2"][:, 0] for values in outputs]).double().numpy()
    second = 1 / (1 + np.exp(-score))
    p = np.stack([1 - second, second], axis=-1)  # (networks, samples, classes)
    x = trainer.data.test.raw.numpy()
    f = np.eye(2)[(np.hypot(x[:, 0], x[:, 1]) < 2.5).astype(int)]
    y = np.eye(2)[trainer.data.test.targets.numpy()]
    assert not np.array_equal(f, y), "noise moves no point over the edge"
    assert int(arrays["known"]) == 1
    mean = p.mean(0)
    assert float(arrays["variance"][-1]) == pytest.approx(((p - mean) ** 2).sum(-1).mean(), rel=1e-5)
    assert float(arrays["squared_bias"][-1]) == pytest.approx(((mean - f) ** 2).sum(-1).mean(), rel=1e-5)
    assert float(arrays["error"][-1]) == pytest.approx(((p - y) ** 2).sum(-1).mean(), rel=1e-5)
    assert arrays["test_loss"][:, -1].tolist() == pytest.approx(
        [network.evaluate()["test_loss"] for network in networks]
    )
    assert [torch.equal(tensor, before[name]) for name, tensor in trainer.state().items()].count(False) == 0


def test_all_start_alike_and_their_surfaces_part() -> None:
    arrays = found(Trainer(experiment()))
    assert float(arrays["variance"][0]) == 0
    assert arrays["surface"].shape == (3, 8, 8)
    levels, (low, high) = arrays["surface"], arrays["surface.range"].T
    surfaces = low[:, None, None] + (high - low)[:, None, None] * torch.as_tensor(levels).double() / 255
    low, high = arrays["spread.range"]
    spread = low + (high - low) * torch.as_tensor(arrays["spread"]).double() / 255
    assert torch.allclose(spread, surfaces.std(0, correction=0), atol=0.02)
    assert float(high) > 0


def test_a_function_is_known_where_noise_is_in_the_targets_alone() -> None:
    def targets(data: dict[str, Any]) -> Tensor | None:
        trainer = Trainer(experiment(**data))
        return noiseless_targets(trainer.data, 0, trainer.blobs)

    assert targets({"noise": 0.3}) is not None
    assert targets({"kind": "spiral", "noise": 0.3}) is None, "noise moves the points themselves"
    document = experiment().document() | {"data": {"kind": "regression_plane", "noise": 0.2}}
    flat = Trainer(Experiment.parse({**document, "task": {"kind": "regression"}}))
    heights = noiseless_targets(flat.data, 0, flat.blobs)
    assert heights is not None
    assert torch.allclose(heights[:, 0], flat.data.test.raw.sum(1) / 10, atol=1e-5)


@pytest.mark.parametrize("data", [{"kind": "iris"}, {"kind": "diabetes"}])
def test_without_a_plane_error_is_the_sum_of_both(data: dict[str, Any]) -> None:
    """Of values, where there are no classes, as well."""
    document = experiment().document() | {"data": data, "task": None}
    task = {"kind": "classification"} if data["kind"] == "iris" else {"kind": "regression"}
    trainer = Trainer(Experiment.parse({**document, "task": task}))
    arrays = found(trainer, Resamples(networks=2, steps=2, rows=1))
    both = arrays["squared_bias"] + arrays["variance"]
    assert torch.allclose(torch.as_tensor(arrays["error"]), torch.as_tensor(both), rtol=1e-5)
    assert int(arrays["known"]) == 0
    assert "surface" not in arrays
    recorded = Findings(arrays)
    assert {"variance", "error", "trained"} <= recorded.metrics.keys()
    assert recorded.series("variance")[0] == (0, 0)


def test_networks_that_diverge_are_left_out_and_all_of_them_are_refused_in_words() -> None:
    document = experiment().document()
    document["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 100}
    document |= {"data": {"kind": "regression_plane"}, "task": {"kind": "regression"}}
    document["network"][1] = {"kind": "relu", "name": "relu1"}
    with pytest.raises(ValueError, match="choose a smaller learning rate"):
        found(Trainer(Experiment.parse(document)), Resamples(networks=2, steps=60, rows=2))


def test_a_half_of_it_is_a_result_too() -> None:
    work = STUDY.compute(Trainer(experiment()))
    first = next(work)
    assert first.arrays["train_loss"].shape == (3, 3)
    assert torch.isnan(torch.as_tensor(first.arrays["train_loss"])[2]).all()
    assert isinstance(work, Generator)
    work.close()
