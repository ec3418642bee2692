"""The loss of a whole set is independent of how the set is cut into batches, wherever it is computed."""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from glassnet.engine.catalog import catalog
from glassnet.engine.conformance.places import placed
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.items.losses import ClassIndexLoss, Loss
from glassnet.engine.landscape.directions import random_direction
from glassnet.engine.landscape.methods import Looped, Slice, SlicedObjective, Stacked, Vectorised
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, segmenting

WEIGHTED = {"class_weights": [0.2, 1.0, 5.0]}


def experiments() -> dict[str, Document]:
    """An experiment for each loss, for those of classes with weights too, and for those of masks."""
    found: dict[str, Document] = {}
    for kind, item in catalog(Loss).items():
        found[kind] = placed("losses", item)[0]
        if issubclass(item, ClassIndexLoss):
            losses = [{"kind": kind, **WEIGHTED}]
            found[f"{kind}, weighted"] = placed("losses", item)[0] | {
                "data": {"kind": "iris"},
                "task": {"kind": "classification", "losses": losses},
            }
        if item.masks:
            found[f"{kind} of masks"] = segmenting(task={"kind": "segmentation", "losses": [{"kind": kind}]})
    two = [{"kind": "cross_entropy", "weight": 0.3, "label_smoothing": 0.1}, {"kind": "dice", "weight": 2}]
    return found | {"two of masks": segmenting(task={"kind": "segmentation", "losses": two})}


EXPERIMENTS = experiments()


@torch.no_grad()
def in_one(trainer: Trainer, part: str = "test", moved: Mapping[str, Tensor] | None = None) -> float:
    """The loss of a set by torch's modules, on all of its samples at once, at these parameters."""
    task, data = trainer.experiment.task, trainer.data.sets()[part]
    outputs = functional_call(trainer.evaluation_network, dict(moved or {}), (data.inputs[:],))
    total = 0.0
    for loss, node in zip(task.losses, trainer.plan.loss_nodes, strict=True):
        targets = task.targets(loss, trainer.experiment.data).build(targets=data.targets)
        targets = targets.double() if targets.is_floating_point() else targets
        total += loss.weight * float(
            task.compare(loss).build().to(trainer.device).double()(outputs[node].double(), targets)
        )
    return total


def trained(document: Document, at_once: int) -> Trainer:
    """A trainer after some steps, whose evaluation takes so many samples at once."""
    document = {**document, "training": {**document.get("training", {}), "precision": "float64"}}
    many = document["training"].get("replicas", 1) > 1  # whose targets were encoded when they were loaded
    trainer = Trainer(Experiment.parse(document))
    if trainer.data.dataset.family == "masks" and not many:  # of the first pictures, much has no class
        for samples in trainer.data.sets().values():
            samples.targets[: len(samples) // 3, 3:] = 255
    trainer.evaluation_batch = at_once
    for _ in range(3):
        trainer.step()
    return trainer


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_losses_and_metrics_are_those_of_all_samples_at_once(name: str) -> None:
    cut, whole = trained(EXPERIMENTS[name], 7), trained(EXPERIMENTS[name], 10**6)
    found = cut.evaluate()
    assert found["test_loss"] == pytest.approx(in_one(cut), rel=1e-9)
    assert found == pytest.approx(whole.evaluate(), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", ["cross_entropy, weighted", "two of masks"])
def test_of_replicas_each_is_evaluated_so(name: str) -> None:
    training = {**EXPERIMENTS[name].get("training", {}), "replicas": 2}
    document = EXPERIMENTS[name] | {"training": training}
    cut = trained(document, 7)
    assert cut.means()["test_loss"][0] == pytest.approx(in_one(cut), rel=1e-9)
    assert cut.evaluate() == pytest.approx(trained(document, 10**6).evaluate(), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_objective_is_the_loss_of_all_samples_at_once(name: str) -> None:
    trainer = trained(EXPERIMENTS[name], 7)
    found = Objective(trainer, "test", 10**6).value().item()
    assert found == pytest.approx(in_one(trainer), rel=1e-9)


@pytest.mark.parametrize("name", ["cross_entropy", "cross_entropy, weighted", "mse", "two of masks"])
def test_every_method_of_a_landscape_gives_the_loss_of_all_samples_at_once(name: str) -> None:
    trainer = trained(EXPERIMENTS[name], 7)
    objective = Objective(trainer, "test", 10**6)
    assert len(objective.parts) > 1
    parameters = {name: p.detach().clone() for name, p in objective.network.named_parameters()}
    direction = random_direction(parameters, torch.Generator().manual_seed(0), "none")
    weights = Weights(objective.network)
    through = Slice(weights.vector(parameters), weights.vector(direction)[None])
    points = torch.tensor([[0.0], [0.3], [-1.0]], dtype=torch.float64, device=trainer.device)
    expected = [
        in_one(trainer, moved={n: p + float(point) * direction[n] for n, p in parameters.items()})
        for point in points
    ]
    sliced = SlicedObjective(objective, through)
    flat = len(trainer.plan.nodes[-1].shape) == 1 and len(trainer.plan.input_shape) == 1
    methods = [Vectorised(sliced, 3), *([Stacked(sliced, 3)] if flat else []), Looped(sliced)]
    for method in methods:
        assert method.losses(points).tolist() == pytest.approx(expected, rel=1e-9), method.name


@pytest.mark.parametrize("name", ["cross_entropy, weighted", "dice of masks", "two of masks"])
def test_an_exported_script_measures_the_loss_of_all_samples_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.engine.export.measuring.AT_ONCE", 7)
    stop = {"kind": "target", "metric": "train_loss", "value": 0.0}
    document = EXPERIMENTS[name]
    document = document | {"training": document.get("training", {}) | {"stops": [stop]}}
    experiment = Experiment.parse(document)
    text, beside = script(experiment)
    for file, content in {"script.py": text.encode(), **beside}.items():
        (tmp_path / file).write_bytes(content)
    module = runpy.run_path(str(tmp_path / "script.py"))
    trainer = Trainer(experiment)
    for _ in range(3):
        trainer.step()
    network, _ = module["train"](steps=3)
    inputs, targets, *rest = module["data"]()
    found = module["measure"](network, inputs, targets, *rest[2:4])["loss"]
    assert found == pytest.approx(in_one(trainer, "train"), rel=1e-5)
    assert found == pytest.approx(trainer.evaluate()["train_loss"], rel=1e-5)
