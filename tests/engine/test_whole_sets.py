"""An evaluation over a whole set is independent of how the set is cut into batches."""

from __future__ import annotations

import pytest
import torch

from glassnet.engine.catalog import catalog
from glassnet.engine.conformance.places import placed
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.losses import ClassIndexLoss, Loss
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
def in_one(trainer: Trainer) -> float:
    """The loss of the test set by torch's modules, on all of its samples at once."""
    task, data = trainer.experiment.task, trainer.data.test
    outputs = trainer.evaluation_network(data.inputs[:])
    total = 0.0
    for loss, node in zip(task.losses, trainer.plan.loss_nodes, strict=True):
        targets = task.targets(loss, trainer.experiment.data).build(targets=data.targets)
        targets = targets.double() if targets.is_floating_point() else targets
        total += loss.weight * float(task.compare(loss).build().double()(outputs[node].double(), targets))
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
